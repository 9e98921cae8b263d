package serve_test

import (
	"encoding/json"
	"fmt"
	"meshgen/internal/spec"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExp(t *testing.T) {
	c := start(t, "")
	fs, _ := filepath.Glob("/work/shared/testdata/" + os.Getenv("GLOB"))
	for _, f := range fs {
		src := named(t, f)
		a := c.mesh(src, func(s *spec.Spec) { json.Unmarshal([]byte(os.Getenv("SPEC")), s) })
		fmt.Printf("%-28s %6dms ", filepath.Base(f), a.took.Milliseconds())
		for _, x := range a.Timings {
			fmt.Printf("%s=%d ", x.Stage, int(x.Seconds*1000))
		}
		if a.Mesh != nil {
			m := a.Mesh
			dev := 0.
			if m.CADVolume > 0 {
				dev = (m.Volume - m.CADVolume) / m.CADVolume
			}
			fmt.Printf("\n     OK n=%d tets=%d dev=%.4f%% sicn=%.2g/%.2g gamma=%.2g/%.2g rss=%d", m.Nodes, m.Elements["tetrahedron"], dev*100, m.Quality["sicn"].Min, m.Quality["sicn"].Mean, m.Quality["gamma"].Min, m.Quality["gamma"].Mean, a.RSS>>20)
			names := []string{}
			for _, s := range m.Solids {
				names = append(names, s.Name)
			}
			fmt.Print(" ", strings.Join(names, ","))
		}
		fmt.Println()
		if a.Error != nil {
			a.Error.Detail = strings.ReplaceAll(a.Error.Detail, "\n", " | ")
			if len(a.Error.Entities) > 3 {
				a.Error.Entities = a.Error.Entities[:3]
			}
			b, _ := json.Marshal(a.Error)
			fmt.Println("     ERR", string(b))
		}
		for _, w := range a.Warnings {
			fmt.Println("     warn", w.Code, w.Message, len(w.Entities))
		}
		last := -1.
		for _, s := range a.stages {
			if s.Progress < last {
				fmt.Println("FELL", s)
			}
			last = s.Progress
		}
	}
}
