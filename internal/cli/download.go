package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/id"
	"meshgen/internal/spec"
)

// downloadable lists what can be asked for beside what meshes are made in.
var downloadable = append(slices.Clone(spec.Formats), "report", "log")

func (a *app) downloadCommand() *cobra.Command {
	var path, format string
	c := &cobra.Command{
		Use:   "download MESH",
		Short: "Fetch a file of a mesh",
		Long: "Fetches a mesh in a format; one that was not asked for when it was made is written by the service now.\n" +
			"The file appears once its size and SHA-256 have been checked. Without -o it is named after the part,\n" +
			"and an existing file is not replaced.",
		Example: "  meshgen download msh_0190163d-8694-739b-aea5-966c26f8ad91 -o part.vtk",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := subjects(args, id.Mesh); err != nil {
				return err
			}
			o, err := downloadTarget(path, format)
			if err != nil {
				return err
			}
			return about(args[0], a.download(c.Context(), args[0], o))
		},
	}
	c.Flags().StringVarP(&path, "output", "o", "", "`file` to write (default: the part's name, here)")
	c.Flags().StringVar(&format, "format", "", strings.Join(downloadable, ", ")+" (default: by the extension of -o, or msh)")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(downloadable, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// downloadTarget says what to fetch; the path is empty where the user named none.
func downloadTarget(path, format string) (output, error) {
	if format != "" && !slices.Contains(downloadable, format) {
		return output{}, usage("--format must be one of %s", strings.Join(downloadable, ", "))
	}
	if path == "" {
		return output{Format: or(format, "msh")}, nil
	}
	if err := writableFile(path); err != nil {
		return output{}, err
	}
	if format != "" {
		return output{Path: path, Format: format}, nil
	}
	outs, err := outputs([]string{path}, nil)
	if err != nil {
		return output{}, err
	}
	return outs[0], nil
}

func (a *app) download(ctx context.Context, meshID string, o output) error {
	c, err := a.connect()
	if err != nil {
		return err
	}
	if o.Path == "" {
		if o.Path, err = a.nameOf(ctx, c, meshID, o.Format); err != nil {
			return err
		}
	}
	p, stop := a.watch(filepath.Base(o.Path))
	defer stop()
	p.set("waiting", 0)
	artifact, err := fetch(ctx, c, meshID, o, func(done, all int64) { p.set("download", float64(done)/float64(max(all, 1))) })
	if err != nil {
		return err
	}
	stop()
	o.Size, o.SHA256 = artifact.Size, artifact.SHA256
	if a.json {
		return a.print(map[string]any{"id": meshID, "outputs": []output{o}})
	}
	if !a.quiet {
		a.out.line(printable(o.Path) + "  " + o.Format + ", " + size(o.Size))
	}
	return nil
}

// nameOf returns the name for a download after the part, which must not exist: the user did not name it.
func (a *app) nameOf(ctx context.Context, c *client.Client, meshID, format string) (string, error) {
	m, err := c.Mesh(ctx, meshID)
	if err != nil {
		return "", err
	}
	g, err := c.Geometry(ctx, m.GeometryID)
	if err != nil {
		return "", err
	}
	name := downloadName(g, meshID, format)
	if _, err := os.Lstat(name); err == nil {
		return "", usage("%s exists; name a file with -o", name)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", usage("%s", err)
	}
	return name, writableFile(name)
}

// downloadName keeps of the part's name what is safe as a name here: it was given by whoever sent the file.
func downloadName(g types.Geometry, meshID, format string) string {
	name := filepath.Base(filepath.FromSlash(strings.ReplaceAll(printable(g.Filename), "\\", "/")))
	stem := strings.TrimLeft(strings.TrimSuffix(name, filepath.Ext(name)), ".-/")
	if stem == "" || len(stem) > 200 {
		stem = meshID
	}
	switch format {
	case "report":
		return stem + ".report.json"
	case "log":
		return stem + ".log.txt"
	}
	if f, known := spec.FormatNamed(format); known {
		return stem + f.Extension
	}
	return stem + "." + format
}
