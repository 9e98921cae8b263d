package mesher

import (
	"fmt"
	"math"
	"slices"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// lineage says what became of the entities of the file when solids were cut where they meet. Gmsh tells it of solids only,
// and gives faces, curves and points new tags: they are found again by their places. To that end those that somebody refers
// to are copied before the cut.
type lineage struct {
	file   map[gmsh.DimTag]bool          // all entities of the file
	cut    map[gmsh.DimTag]bool          // entities of the file that were in the way, by their tags in the file
	became map[gmsh.DimTag][]gmsh.DimTag // those of them that were followed
	lost   int                           // faces that came of a cut and lie on none of the file's, as far as that could be told
}

// of returns what an entity of the file is now; nothing where there is no such entity.
func (l *lineage) of(e gmsh.DimTag) []gmsh.DimTag {
	if l.cut[e] {
		return l.became[e]
	}
	if l.file[e] {
		return []gmsh.DimTag{e}
	}
	return nil
}

// facesNow returns the faces of the file that each face lies on that came of a cut; nil where nothing was cut.
func (l *lineage) facesNow() func(tag int) []int {
	if l.cut == nil {
		return nil
	}
	of := map[int][]int{}
	for e, now := range l.became {
		for _, n := range now {
			if n.Dim == 2 {
				of[n.Tag] = append(of[n.Tag], e.Tag)
			}
		}
	}
	for _, tags := range of {
		slices.Sort(tags)
	}
	return func(tag int) []int {
		e := gmsh.DimTag{Dim: 2, Tag: tag}
		if of[tag] == nil && l.file[e] && !l.cut[e] {
			return []int{tag}
		}
		return append([]int{}, of[tag]...) // none is said, too
	}
}

// undo forgets that anything was cut.
func (l *lineage) undo() { l.cut, l.became, l.lost = nil, nil, 0 }

// ancestor is an entity of the file, and its copy.
type ancestor struct {
	gmsh.DimTag
	needed    bool // without it there is no mesh
	copied    gmsh.DimTag
	low, high [3]float64
}

// before notes the entities around solids that are about to be cut, and copies those that are wanted: what is wanted with false, if
// that can be.
func (l *lineage) before(solids []gmsh.DimTag, wanted map[gmsh.DimTag]bool) ([]ancestor, error) {
	if l.cut == nil {
		l.cut, l.became = map[gmsh.DimTag]bool{}, map[gmsh.DimTag][]gmsh.DimTag{}
	}
	for _, s := range solids {
		l.cut[s] = true
	}
	var ancestors []ancestor
	around, err := boundaries(solids)
	if err != nil {
		return nil, err
	}
	for _, e := range around {
		l.cut[e] = true
		needed, asked := wanted[e]
		if !asked {
			continue
		}
		copies, err := gmsh.Copy([]gmsh.DimTag{e}) // one by one: of several dimensions Gmsh copies the highest
		if err != nil {
			if !needed {
				continue
			}
			return nil, err
		}
		if len(copies) != 1 {
			return nil, fmt.Errorf("%s %d was copied %d times", dimensions[e.Dim], e.Tag, len(copies))
		}
		a := ancestor{DimTag: e, needed: needed, copied: copies[0]}
		if a.low, a.high, err = gmsh.OCCBoundingBox(a.copied); err != nil {
			if needed {
				return nil, err
			}
			a.low, a.high = [3]float64{1, 1, 1}, [3]float64{} // it holds nothing, and is removed with the others
		}
		ancestors = append(ancestors, a)
	}
	return ancestors, nil
}

// boundaries returns the faces, curves and points of solids, each once.
func boundaries(solids []gmsh.DimTag) ([]gmsh.DimTag, error) {
	var all []gmsh.DimTag
	seen := map[gmsh.DimTag]bool{}
	for of := solids; len(of) > 0; {
		below, err := gmsh.Boundary(of, false)
		if err != nil {
			return nil, err
		}
		of = nil
		for _, e := range below {
			if !seen[e] {
				seen[e] = true
				all = append(all, e)
				if e.Dim > 0 {
					of = append(of, e)
				}
			}
		}
	}
	return all, nil
}

// after finds what the ancestors became among the boundaries of the solids that were cut, and removes the copies. The model
// has to know both.
func (l *lineage) after(solids []gmsh.DimTag, ancestors []ancestor, gap float64) error {
	if len(ancestors) == 0 {
		return nil
	}
	around, err := boundaries(solids)
	if err != nil {
		return err
	}
	for _, e := range around {
		if !slices.ContainsFunc(ancestors, func(a ancestor) bool { return a.Dim == e.Dim }) {
			continue // curves and points, mostly: nobody speaks of them
		}
		places, followed := somePlacesOn(e), false
		for _, a := range ancestors {
			on, err := a.holdsMost(places, e.Dim, gap)
			if err != nil && a.needed {
				return err
			}
			if on && err == nil {
				l.became[a.DimTag] = append(l.became[a.DimTag], e)
				followed = true
			}
		}
		if e.Dim == 2 && !followed {
			l.lost++
		}
	}
	copies := make([]gmsh.DimTag, len(ancestors))
	for i, a := range ancestors {
		copies[i] = a.copied
	}
	if err := gmsh.Remove(copies, true); err != nil {
		return err
	}
	return gmsh.OCCSynchronize()
}

// places2D is at how many places a face is looked at: one alone may lie where another face touches it.
const places2D = 7

// holdsMost reports whether most places of an entity lie on the ancestor.
func (a *ancestor) holdsMost(places [][3]float64, dim int, gap float64) (bool, error) {
	if a.Dim != dim {
		return false, nil
	}
	near := make([][3]float64, 0, len(places)) // to look at a box costs nothing
	for _, place := range places {
		if within(place, a.low, a.high, gap) {
			near = append(near, place)
		}
	}
	most := len(places)/2 + 1
	for held := 0; held+len(near) >= most; near = near[1:] {
		if held == most {
			return true, nil // the others cannot change that
		}
		on, err := a.holds(near[0], gap)
		if err != nil {
			return false, err
		}
		if on {
			held++
		}
	}
	return false, nil
}

// holds reports whether a place lies on the ancestor.
func (a *ancestor) holds(place [3]float64, gap float64) (bool, error) {
	if a.Dim == 0 {
		return true, nil // within its box
	}
	nearest, parameters, err := gmsh.ClosestPoint(a.copied, place)
	if err != nil {
		return false, nil // it cannot be projected: it is not on it
	}
	if distance(nearest, place) > gap {
		return false, nil
	}
	if a.Dim == 1 {
		return true, nil
	}
	n, err := gmsh.Inside(a.copied, parameters...)
	return n == 1, err
}

func within(p, low, high [3]float64, gap float64) bool {
	return !separate(engine.Box{Min: p, Max: p}, engine.Box{Min: low, Max: high}, gap)
}

func distance(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}
