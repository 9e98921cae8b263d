// Command pictures makes the pictures of the documentation: it meshes the example with bin/meshgen (make build) as each page
// says, and draws what comes out.
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
	spec map[string]any
	see  picture.Options
}

var (
	corner = picture.Point{1.1, -1.6, 1}
	cut    = &picture.Plane{Normal: picture.Point{0, -1, 0}, At: picture.Point{0.5, 0.5, 0.5}}
)

func at(o picture.Options) picture.Options {
	if o.Width == 0 {
		o.Width, o.Height = 760, 560
	}
	o.From = corner
	return o
}

type object = map[string]any

var shots = []shot{
	{"default", object{}, at(picture.Options{})},
	{"cut", object{}, at(picture.Options{Cut: cut})},
	{"quality-gamma", object{}, at(picture.Options{Cut: cut, Colour: "gamma"})},
	{"quality-min-dihedral", object{}, at(picture.Options{Cut: cut, Colour: "min_dihedral"})},
	{"quality-skewness", object{}, at(picture.Options{Cut: cut, Colour: "skewness"})},
	{"fineness-3", object{"size": object{"fineness": 3}}, at(picture.Options{Width: 480, Height: 380})},
	{"fineness-7", object{"size": object{"fineness": 7}}, at(picture.Options{Width: 480, Height: 380})},
	{"curvature-12", object{"size": object{"curvature": 12}}, at(picture.Options{Width: 480, Height: 380})},
	{"curvature-48", object{"size": object{"curvature": 48}}, at(picture.Options{Width: 480, Height: 380})},
	{"growth", object{"size": object{"fineness": 3, "curvature": 40, "growth": 1.15}}, at(picture.Options{Width: 480, Height: 380, Cut: cut})},
	{"refine", object{"size": object{"fineness": 4}, "refine": []object{{"sphere": object{"center": []float64{0, 0, 0}, "radius": 15}, "size": 1}}},
		at(picture.Options{})},
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
	for _, s := range shots {
		if !wanted(s.name, names) {
			continue
		}
		text, err := json.Marshal(s.spec)
		if err != nil {
			return err
		}
		path, made := meshes[string(text)]
		if !made {
			path = filepath.Join(dir, s.name+".msh")
			spec := filepath.Join(dir, s.name+".json")
			if err := os.WriteFile(spec, text, 0o600); err != nil {
				return err
			}
			c := exec.Command("bin/meshgen", "mesh", "examples/filleted-bracket.step", "--spec", spec, "-o", path, "-q")
			c.Stderr = os.Stderr
			if err := c.Run(); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			meshes[string(text)] = path
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
