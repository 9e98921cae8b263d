package fetch

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzName makes sure that whatever a server says a file is called, or its address, a name comes of it that is no path of its own accord.
func FuzzName(f *testing.F) {
	for _, said := range []string{
		"", `attachment; filename="gear.step"`, `attachment; filename="../gear.step"`, "attachment; filename*=UTF-8''%e2%82%ac.step", `inline; filename=`, ";;;", "attachment; filename=\x00",
	} {
		f.Add(said, "/a/part.step")
	}
	f.Add("", "/")
	f.Add("", "//..")
	f.Add("", "/a/%2f")
	f.Fuzz(func(t *testing.T, said, path string) {
		answer := &http.Response{Header: http.Header{"Content-Disposition": {said}}, Request: &http.Request{URL: &url.URL{Path: path}}}
		name := nameOf(answer)
		answer.Header.Del("Content-Disposition")
		if ofPath := nameOf(answer); name == ofPath {
			require.NotContains(t, name, "/")
			require.True(t, strings.HasSuffix(strings.TrimRight(path, "/"), name) || name == "." || name == "..", "%q of %q", name, path)
		}
	})
}
