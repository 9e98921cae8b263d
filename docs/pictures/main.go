// Command pictures makes the pictures of the documentation: it meshes the example, or a part that shows it better, with
// bin/meshgen (make build) as each page says, and draws what comes out.
//
//	go run ./docs/pictures            all of them, into docs/images
//	go run ./docs/pictures fineness   those whose name begins so
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"meshgen/internal/picture"
)

// shot is a picture: what is meshed, and how it is seen.
type shot struct {
	name string
	part string
	spec map[string]any
	see  picture.Options
}

// The parts that are meshed. Those of the tests are made by ducts.py beside them, or said in the test that uses them.
const (
	bracket = "examples/filleted-bracket.step"
	tee     = "internal/engine/serve/testdata/tee.step"
	plate   = "internal/engine/serve/testdata/thin_walls.step"
	scan    = "scan.stl" // made by writeScan
)

var (
	corner = picture.Point{1.1, -1.6, 1}
	inlet  = picture.Point{-1.6, -0.8, 1.5}
	cut    = &picture.Plane{Normal: picture.Point{0, -1, 0}, At: picture.Point{0.5, 0.5, 0.5}}
	lid    = &picture.Plane{Normal: picture.Point{0, 0, 1}, At: picture.Point{0.5, 0.5, 0.5}}
)

func at(o picture.Options) picture.Options {
	if o.Width == 0 {
		o.Width, o.Height = 760, 560
	}
	if o.From == (picture.Point{}) {
		o.From = corner
	}
	return o
}

type object = map[string]any

// coarse shows what the order of elements does to curves.
func coarse(order int) object {
	return object{"order": order, "size": object{"fineness": 2, "curvature": 8}}
}

var shots = []shot{
	{"default", bracket, object{}, at(picture.Options{})},
	{"cut", bracket, object{}, at(picture.Options{Cut: cut})},
	{"quality-gamma", bracket, object{}, at(picture.Options{Cut: cut, Colour: "gamma"})},
	{"quality-min-dihedral", bracket, object{}, at(picture.Options{Cut: cut, Colour: "min_dihedral"})},
	{"quality-skewness", bracket, object{}, at(picture.Options{Cut: cut, Colour: "skewness"})},
	{"fineness-3", bracket, object{"size": object{"fineness": 3}}, at(picture.Options{Width: 480, Height: 380})},
	{"fineness-7", bracket, object{"size": object{"fineness": 7}}, at(picture.Options{Width: 480, Height: 380})},
	{"curvature-12", bracket, object{"size": object{"curvature": 12}}, at(picture.Options{Width: 480, Height: 380})},
	{"curvature-48", bracket, object{"size": object{"curvature": 48}}, at(picture.Options{Width: 480, Height: 380})},
	{"growth", bracket, object{"size": object{"fineness": 3, "curvature": 40, "growth": 1.15}}, at(picture.Options{Width: 480, Height: 380, Cut: cut})},
	{"refine", bracket, object{"size": object{"fineness": 4}, "refine": []object{{"sphere": object{"center": []float64{0, 0, 0}, "radius": 15}, "size": 1}}},
		at(picture.Options{})},
	{"layers", tee, object{"size": object{"max": 3}, "groups": []object{{"name": "wall", "dim": 2, "entities": []int{1, 4}}},
		"layers": []object{{"groups": []string{"wall"}, "first_height": 0.25, "ratio": 1.3}}}, at(picture.Options{From: inlet, Cut: lid, Close: 1.8, Target: &picture.Point{0.17, 0.25, 0.3}})},
	{"hex", bracket, object{"strategy": "hex", "size": object{"fineness": 4}}, at(picture.Options{Cut: cut})},
	{"hex-dominant", tee, object{"element": "hex-dominant", "size": object{"fineness": 7}}, at(picture.Options{From: inlet, Cut: lid})},
	{"order-1", tee, coarse(1), at(picture.Options{Width: 480, Height: 380, From: inlet})},
	{"order-2", tee, coarse(2), at(picture.Options{Width: 480, Height: 380, From: inlet})},
	{"lattice-edges", bracket, object{"strategy": "lattice", "size": object{"max": 3}}, at(picture.Options{})},
	{"lattice-graded", scan, object{"strategy": "lattice", "size": object{"target_elements": 700_000}}, at(picture.Options{From: picture.Point{0.3, -1.6, 1}, Cut: cut, Close: 3, Target: &picture.Point{0.13, 0.5, 0.5}})},
	{"lattice-scan", scan, object{"strategy": "lattice", "size": object{"target_elements": 60_000}}, at(picture.Options{From: inlet})},
	{"walls-1", plate, object{}, at(picture.Options{Width: 480, Height: 380, Cut: cut})},
	{"walls-3", plate, object{"size": object{"wall_elements": 3}}, at(picture.Options{Width: 480, Height: 380, Cut: cut})},
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	dir, err := os.MkdirTemp("", "pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	meshes := map[string]string{}
	if err := writeScan(filepath.Join(dir, scan)); err != nil {
		return err
	}
	for _, s := range shots {
		if !wanted(s.name, names) {
			continue
		}
		text, err := json.Marshal(s.spec)
		if err != nil {
			return err
		}
		path, made := meshes[s.part+string(text)]
		if !made {
			path = filepath.Join(dir, s.name+".msh")
			spec := filepath.Join(dir, s.name+".json")
			if err := os.WriteFile(spec, text, 0o600); err != nil {
				return err
			}
			part := s.part
			if part == scan {
				part = filepath.Join(dir, scan)
			}
			c := exec.Command("bin/meshgen", "mesh", part, "--spec", spec, "-o", path, "-q")
			c.Stderr = os.Stderr
			if err := c.Run(); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			meshes[s.part+string(text)] = path
		}
		m, err := picture.Mesh(path)
		if err != nil {
			return err
		}
		if err := picture.Save(filepath.Join("docs", "images", s.name+".png"), m, s.see); err != nil {
			return err
		}
		fmt.Println("docs/images/" + s.name + ".png")
	}
	return nil
}

func wanted(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return len(prefixes) == 0
}
