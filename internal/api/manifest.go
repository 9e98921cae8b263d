package api

import (
	"archive/zip"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// The names of the manifests in an archive.
const (
	manifestJSON = "manifest.json"
	manifestCSV  = "manifest.csv"
)

func (a *archive) writeManifests(z *zip.Writer) error {
	entry := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.batch.CreatedAt})
	}
	w, err := entry(manifestJSON)
	if err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(a.manifest); err != nil {
		return err
	}
	if w, err = entry(manifestCSV); err != nil {
		return err
	}
	return a.writeCSV(w)
}

// writeCSV writes a row for each file, and one for each mesh without any.
func (a *archive) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	row := func(cells ...string) { _ = c.Write(cells) } // the error stays until the end
	row("geometry", "spec", "status", "elements", "nodes", "min_sicn", "seconds", "format", "file", "size", "sha256", "error", "mesh_id", "geometry_id")
	number := func(v float64, digits int) string {
		if v == 0 {
			return ""
		}
		return strconv.FormatFloat(v, 'f', digits, 64)
	}
	for _, i := range a.manifest.Items {
		head := []string{text(i.Filename), text(i.SpecName), i.Status,
			number(float64(i.Elements), 0), number(float64(i.Nodes), 0), number(i.MinSICN, 4), number(i.Seconds, 3)}
		tail := []string{i.MeshID, i.GeometryID}
		join := func(middle ...string) []string { return append(append(head[:len(head):len(head)], middle...), tail...) }
		for _, f := range i.Files {
			row(join(f.Format, f.Name, number(float64(f.Size), 0), f.SHA256, text(f.Error))...)
		}
		if len(i.Files) == 0 {
			why := i.Error
			if i.ErrorCode != "" {
				why = i.ErrorCode + ": " + why
			}
			row(join("", "", "", "", text(why))...)
		}
	}
	c.Flush()
	return c.Error()
}

// text is a cell of somebody's words. A spreadsheet would run one that begins like a formula.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
