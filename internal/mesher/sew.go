package mesher

import (
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// mayHeal reports whether the geometry may be changed so that it can be meshed.
func (j *job) mayHeal() bool { return j.req.Spec.Heal != spec.HealOff }

// sewTolerance is how far apart edges may lie to be sewn, as a share of the diagonal.
const sewTolerance = 1e-5

// sew makes solids of faces that lie side by side, as IGES holds them. It is for models without any solid: sewing drops
// the solids that there are.
func (j *job) sew() error {
	faces, err := gmsh.OCCEntities(2)
	if err != nil {
		return err
	}
	if len(faces) == 0 {
		return diagnosis.New(diagnosis.NoVolume, "The file holds curves or points only.")
	}
	if !j.mayHeal() {
		return diagnosis.New(diagnosis.NoVolume, "The file holds %s and no solid, and heal is off.", count(len(faces), "face")).
			WithHint("Leave heal to auto: faces that lie side by side are then sewn into solids.")
	}
	j.begin(engine.StageHeal)
	diagonal, err := occDiagonal(faces)
	if err != nil {
		return err
	}
	if err := gmsh.Sew(sewTolerance * diagonal); err != nil {
		return diagnosis.New(diagnosis.NoVolume, "The file holds %s and no solid, and nothing could be sewn.", count(len(faces), "face")).
			WithDetail(err.Error())
	}
	if err := takeShapes(); err != nil {
		return err
	}
	solids, err := gmsh.OCCEntities(3)
	if err != nil {
		return err
	}
	if len(solids) == 0 {
		// Gmsh makes one solid of all shells, and none where they are several.
		if solids, err = fillShells(); err != nil {
			return err
		}
	}
	if len(solids) == 0 {
		return diagnosis.New(diagnosis.NoVolume, "The file holds %s and no solid, and nothing that closes a space.", count(len(faces), "face"))
	}
	for _, s := range solids {
		open, err := openCurves(s)
		if err != nil {
			return err
		}
		if len(open) > 0 {
			return diagnosis.New(diagnosis.NoVolume,
				"The file holds %s and no solid; sewn together, %s stay open.", count(len(faces), "face"), count(len(open), "edge")).
				At(j.places(open)...)
		}
	}
	j.warn(*diagnosis.New(diagnosis.Repaired, "Sewed %s into %s, closing gaps up to %.3g.",
		count(len(faces), "face"), count(len(solids), "solid"), sewTolerance*diagonal))
	return nil
}

// fillShells makes a solid of each set of faces that hang together and close, and returns them. Where one lies within
// another it is not for us to say which is the void: nothing is made then.
func fillShells() ([]gmsh.DimTag, error) {
	faces, err := gmsh.Entities(2)
	if err != nil {
		return nil, err
	}
	neighbours := map[int][]int{} // faces by curve
	for _, f := range faces {
		_, curves, err := gmsh.Adjacencies(f)
		if err != nil {
			return nil, err
		}
		for _, c := range curves {
			neighbours[c] = append(neighbours[c], f.Tag)
		}
	}
	var shells [][]int
	var boxes []engine.Box
	seen := map[int]bool{}
	for _, f := range faces {
		if seen[f.Tag] {
			continue
		}
		seen[f.Tag] = true
		shell := []int{f.Tag}
		box := engine.Box{}
		for i := 0; i < len(shell); i++ {
			low, high, err := gmsh.BoundingBox(gmsh.DimTag{Dim: 2, Tag: shell[i]})
			if err != nil {
				return nil, err
			}
			if i == 0 {
				box = engine.Box{Min: low, Max: high}
			}
			for k := range 3 {
				box.Min[k], box.Max[k] = min(box.Min[k], low[k]), max(box.Max[k], high[k])
			}
			_, curves, err := gmsh.Adjacencies(gmsh.DimTag{Dim: 2, Tag: shell[i]})
			if err != nil {
				return nil, err
			}
			for _, c := range curves {
				for _, next := range neighbours[c] {
					if !seen[next] {
						seen[next] = true
						shell = append(shell, next)
					}
				}
			}
		}
		open, err := openCurvesOf(shell)
		if err != nil {
			return nil, err
		}
		if len(open) == 0 {
			shells, boxes = append(shells, shell), append(boxes, box)
		}
	}
	for i, a := range boxes {
		for k, b := range boxes {
			if i != k && within(b.Min, a.Min, a.Max, 0) && within(b.Max, a.Min, a.Max, 0) {
				return nil, nil
			}
		}
	}
	for _, shell := range shells {
		if err := gmsh.FillShell(shell); err != nil {
			return nil, nil // OpenCASCADE does not take it for a shell
		}
	}
	if err := gmsh.OCCSynchronize(); err != nil {
		return nil, err
	}
	return gmsh.OCCEntities(3)
}

func occDiagonal(entities []gmsh.DimTag) (float64, error) {
	box := engine.Box{}
	for i, e := range entities {
		low, high, err := gmsh.OCCBoundingBox(e)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			box = engine.Box{Min: low, Max: high}
		}
		for k := range 3 {
			box.Min[k], box.Max[k] = min(box.Min[k], low[k]), max(box.Max[k], high[k])
		}
	}
	s := source{low: box.Min, high: box.Max}
	return s.diagonal(), nil
}

// openCurves returns the curves along which the shell of a solid is open: those that bound an odd number of its faces and
// are more than a point (the pole of a sphere is a curve of no length).
func openCurves(s gmsh.DimTag) ([]gmsh.DimTag, error) {
	_, faces, err := gmsh.Adjacencies(s)
	if err != nil {
		return nil, err
	}
	return openCurvesOf(faces)
}

func openCurvesOf(tags []int) ([]gmsh.DimTag, error) {
	faces := make([]gmsh.DimTag, len(tags))
	for i, tag := range tags {
		faces[i] = gmsh.DimTag{Dim: 2, Tag: tag}
	}
	curves, err := gmsh.Boundary(faces, true)
	if err != nil {
		return nil, err
	}
	var open []gmsh.DimTag
	for _, c := range curves {
		length, err := gmsh.Mass(c)
		if err != nil {
			return nil, err
		}
		if length > tolerance {
			open = append(open, c)
		}
	}
	return open, nil
}
