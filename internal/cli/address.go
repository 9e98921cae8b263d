package cli

import (
	"context"
	"errors"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
)

// isAddress reports whether an argument names a file by its address, for the service to fetch.
func isAddress(arg string) bool { return strings.Contains(arg, "://") }

// checkAddress finds what is wrong with an address before anybody is asked.
func checkAddress(arg string) error {
	u, err := url.Parse(arg)
	switch {
	case err != nil || u.Host == "":
		return usage("is no address of a file, such as https://files.example.com/part.step")
	case u.Scheme != "https" && u.Scheme != "http":
		return usage("%s:// is nothing that the service can fetch a file by: an address begins with https://", u.Scheme)
	case u.User != nil:
		return usage("an address must not hold a name or password: use one that is signed")
	}
	return nil
}

// shown is an argument as it is told of. The query of an address may be a secret, as of one that is signed.
func shown(arg string) string {
	u, err := url.Parse(arg)
	if !isAddress(arg) || err != nil {
		return arg
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}

// baseName is what a file is called by itself.
func baseName(arg string) string {
	if !isAddress(arg) {
		return filepath.Base(arg)
	}
	u, err := url.Parse(arg)
	if err != nil {
		return "file"
	}
	if name := path.Base(u.Path); name != "." && name != "/" {
		return strings.ReplaceAll(name, "/", "_")
	}
	return u.Hostname()
}

// fetch has the service fetch a file.
func (s *submission) fetch(ctx context.Context, address string) (types.Geometry, error) {
	g, err := s.client.Fetch(ctx, types.FetchGeometry{
		GeometryURL: address, Units: s.options.spec.units, ProjectID: s.options.project,
	}, uuid.NewString())
	return g, unfetched(err)
}

// unfetched says of a refused address what it is about: the one that was given, which need not be told again with its query.
func unfetched(err error) error {
	p, ok := errors.AsType[*client.Problem](err)
	if !ok {
		return err
	}
	for i, e := range p.Errors {
		if e.Location != "body.geometry_url" {
			continue
		}
		p.Errors[i].Value = nil
		if p.Diagnosis == nil {
			p.Detail = "the service could not fetch it: " + e.Message
		}
	}
	return err
}
