package serve_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// byLattice asks for about so many tetrahedra of a lattice.
func byLattice(elements int) func(*spec.Spec) {
	return func(s *spec.Spec) { s.Strategy, s.Size.TargetElements = spec.Lattice, elements }
}

func requireLattice(t *testing.T, a answer) {
	t.Helper()
	requireSound(t, a)
	requireOrderly(t, a)
	require.Equal(t, spec.Lattice, a.Mesh.Strategy)
	l := a.Mesh.Lattice
	require.NotNil(t, l)
	require.Positive(t, l.LeastEdge)
	require.LessOrEqual(t, l.LeastEdge, l.Edge)
	require.Equal(t, max(l.OfMesh.Max, l.OfSurface.Max), l.Deviation)
	require.Greater(t, a.Mesh.Quality["gamma"].Min, 0.05)
}

func TestLattice_FillsEveryTriangleSurfaceThatEnclosesSomething(t *testing.T) {
	c := start(t)
	empty := []string{"surface1.stl", "single_triangle.stl"} // sheets that surround no place
	for _, folder := range []string{"stl", "bad"} {
		for _, f := range testenv.Corpus[known](t, folder) {
			name := filepath.Base(f.Path)
			if filepath.Ext(name) != ".stl" {
				continue
			}
			source := shared(t, f.Path)
			source.Units = "mm"
			a := c.mesh(source, byLattice(8_000))
			if a.Error != nil {
				switch {
				case slices.Contains(empty, name):
					require.Equal(t, diagnosis.NoVolume, a.Error.Code, name)
				case folder == "stl":
					require.Nil(t, a.Error, name)
				default: // nothing that could be read
					require.NotContains(t, diagnosis.Unclosed, a.Error.Code, name)
					require.True(t, f.Accepts(a.Error.Code), "%s: %s", name, a.Error)
				}
				continue
			}
			requireLattice(t, a)
			for _, truth := range []*float64{f.Volume, f.VolumeIfRepaired} {
				if truth != nil && math.Abs(a.Mesh.Volume / *truth - 1) > 0.01 { // thinner than so few tetrahedra can tell
					require.NotEmpty(t, a.Warnings, "%s is off without a word", name)
				}
			}
		}
	}
}

// triangles is a surface to be damaged.
type triangles [][3][3]float64

// torusOf has 2·around·across triangles. Its volume is near 2π²·3.
func torusOf(around, across int, shift [3]float64) (out triangles) {
	at := func(i, j int) [3]float64 {
		u, v := 2*math.Pi*float64(i%around)/float64(around), 2*math.Pi*float64(j%across)/float64(across)
		r := 3 + math.Cos(v)
		return [3]float64{r*math.Cos(u) + shift[0], r*math.Sin(u) + shift[1], math.Sin(v) + shift[2]}
	}
	for i := range around {
		for j := range across {
			a, b, c, d := at(i, j), at(i+1, j), at(i+1, j+1), at(i, j+1)
			out = append(out, [3][3]float64{a, b, c}, [3][3]float64{a, c, d})
		}
	}
	return out
}

func (s triangles) stl(t *testing.T) engine.Source {
	var b bytes.Buffer
	b.Write(make([]byte, 80))
	binary.Write(&b, binary.LittleEndian, uint32(len(s)))
	for _, tri := range s {
		var facet [12]float32
		for k := range 9 {
			facet[3+k] = float32(tri[k/3][k%3])
		}
		binary.Write(&b, binary.LittleEndian, facet)
		b.Write([]byte{0, 0})
	}
	source := written(t, engine.STL, b.Bytes())
	source.Units = "mm"
	return source
}

// each returns what f makes of each triangle.
func (s triangles) each(f func([3][3]float64) triangles) (out triangles) {
	for _, tri := range s {
		out = append(out, f(tri)...)
	}
	return out
}

func TestLattice_FillsDirtySurfaces(t *testing.T) {
	c := start(t)
	r := rand.New(rand.NewPCG(1, 2))
	clean := torusOf(80, 40, [3]float64{})
	chance := func(share float64, then func([3][3]float64) triangles) triangles {
		return clean.each(func(tri [3][3]float64) triangles {
			if r.Float64() < share {
				return then(tri)
			}
			return triangles{tri}
		})
	}
	const volume = 2 * math.Pi * math.Pi * 3 * 0.993 // of so many triangles
	noise := map[[3]float64][3]float64{}
	for name, s := range map[string]struct {
		triangles
		volume, off float64
	}{
		"a face is missing": {append(slices.Clone(clean[:2000]), clean[2040:]...), volume, 0.02},
		"two that overlap":  {append(slices.Clone(clean), torusOf(70, 30, [3]float64{0.2, 0.1, 3})...), 0, 0},
		"1 % removed":       {chance(0.01, func([3][3]float64) triangles { return nil }), volume, 0.01},
		"5 % doubled":       {chance(0.05, func(tri [3][3]float64) triangles { return triangles{tri, tri} }), volume, 0.01},
		"30 % flipped":      {chance(0.3, func(tri [3][3]float64) triangles { return triangles{{tri[1], tri[0], tri[2]}} }), volume, 0.01},
		"noise that crosses itself": {clean.each(func(tri [3][3]float64) triangles {
			for k, p := range tri {
				if _, known := noise[p]; !known {
					noise[p] = [3]float64{p[0] + 0.05*r.NormFloat64(), p[1] + 0.05*r.NormFloat64(), p[2] + 0.05*r.NormFloat64()}
				}
				tri[k] = noise[p]
			}
			return triangles{tri}
		}), volume, 0.03},
	} {
		a := c.mesh(s.stl(t), byLattice(60_000))
		require.Nil(t, a.Error, name)
		requireLattice(t, a)
		if s.volume > 0 {
			require.InEpsilon(t, s.volume, a.Mesh.Volume, s.off, name)
		} else {
			require.Greater(t, a.Mesh.Volume, 1.2*volume, name)
			require.Less(t, a.Mesh.Volume, 2*volume, name)
		}
	}
}

func TestLatticeOfCAD_HasTheFacesOfThePart(t *testing.T) {
	c := start(t)
	model := importOf(c, part(t)).Model
	a := c.mesh(part(t), func(s *spec.Spec) {
		s.Strategy, s.Formats = spec.Lattice, []string{"msh", "msh2", "vtk", "vtu", "stl", "inp", "su2", "cgns", "med", "openfoam"}
		s.Groups = []spec.Group{{Name: "inlet", Dim: dim(2), Entities: []int{1, 2}}}
	})
	requireLattice(t, a)
	volumeWithin(t, 0.01, a)
	require.Less(t, a.Mesh.Elements["tetrahedron"], 250_000, "the cost has a bound")
	target := c.mesh(part(t), byLattice(40_000))
	requireLattice(t, target)
	require.InEpsilon(t, 40_000, target.Mesh.Elements["tetrahedron"], 0.1)
	require.Less(t, a.Mesh.Lattice.Deviation, a.Mesh.Lattice.Edge)
	require.Zero(t, a.Mesh.Lattice.LostFaces)
	require.Len(t, a.artifacts, 10+3)
	m := readMesh(t, a)
	for _, f := range model.Faces {
		require.InEpsilon(t, f.Measure, area(m, []int{f.Tag}), 0.2, "face %d: its edges are rounded", f.Tag)
	}
	require.Equal(t, []int{1, 2}, groups(t, m)["inlet"].Entities)
	require.Len(t, groups(t, m), 2)

	// the writers that have it from the file later say the same
	source := engine.Source{Path: filepath.Join(a.dir, "mesh.msh"), Format: engine.MSH}
	require.Nil(t, c.do(engine.Request{Kind: engine.Export, Source: source, Formats: []string{"unv", "bdf", "msh2"}}).Error)
}

func TestLattice_FillsSolidsForThemselves(t *testing.T) {
	c := start(t)
	for _, file := range []struct {
		path   string
		solids int
	}{{"cad/gen_sphere_in_box.step", 2}, {"cad/gen_named_coloured.step", 3}, {"cad/gen_touching_boxes.step", 12}, {"cad/gen_overlapping_solids.step", 2}} {
		a := c.mesh(shared(t, file.path), byLattice(60_000))
		requireLattice(t, a)
		require.Len(t, a.Mesh.Solids, file.solids)
		for _, s := range a.Mesh.Solids {
			require.InDelta(t, 0, s.Deviation, 0.05, "solid %d of %s", s.Tag, file.path)
		}
		require.True(t, slices.ContainsFunc(a.Warnings, func(w diagnosis.Diagnosis) bool { return w.Code == diagnosis.Repaired }), "no nodes in common: said")
	}
}

func TestLattice_IsTheSameHotAndColdAndOnAnyNumberOfThreads(t *testing.T) {
	c := start(t)
	s, err := spec.Spec{Strategy: spec.Lattice}.Resolve()
	require.NoError(t, err)
	for _, source := range []engine.Source{part(t), triangleCube(t, "mm")} {
		source.SHA256 = "of " + source.Path
		request := engine.Request{Kind: engine.Mesh, Source: source, Spec: s, Threads: 1, Keep: 1 << 30}
		cold := c.do(request)
		requireLattice(t, cold)
		request.Threads = 2
		hot := c.do(request)
		requireLattice(t, hot)
		require.Equal(t, []engine.Stage{engine.StageImport}, hot.Mesh.Reused)
		require.Equal(t, hash(t, cold), hash(t, hot))
		// and what it leaves behind is good for others
		request.Spec.Strategy = spec.Delaunay
		other, fresh := c.do(request), start(t).do(request)
		requireSound(t, other)
		require.Equal(t, hash(t, fresh), hash(t, other))
	}
}

func TestDraft_IsSmallAndSaysSo(t *testing.T) {
	a := start(t).mesh(part(t), func(s *spec.Spec) { s.Draft = true })
	requireLattice(t, a)
	require.True(t, a.Mesh.Lattice.Draft)
	require.Less(t, a.Mesh.Elements["tetrahedron"], 100_000)
}

func TestLatticeAsLastResort_KeepsTheVolumeAndSaysWhatItIs(t *testing.T) {
	c := start(t)
	s, err := spec.Spec{Strategy: spec.Lattice, Size: spec.Size{Max: partDiagonal / 4}}.Resolve()
	require.NoError(t, err)
	tried := []diagnosis.Attempt{{Strategy: spec.Delaunay, Error: "boundary_recovery_failed: no"}}
	a := c.do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: s, Tried: tried, Tuning: engine.Tuning{Rung: spec.Lattice, LastResort: true}})
	requireLattice(t, a)
	volumeWithin(t, 0.02, a)
	require.Len(t, a.Mesh.Tried, 2)
	require.Equal(t, spec.Lattice, a.Mesh.Tried[1].Strategy)
	require.Equal(t, diagnosis.Repaired, a.Warnings[len(a.Warnings)-1].Code)
	require.Contains(t, a.Warnings[len(a.Warnings)-1].Message, "Nothing else could mesh the part")

	a = c.do(engine.Request{Kind: engine.Mesh, Source: shared(t, "cad/gen_thin_plate.step"), Spec: s, Tuning: engine.Tuning{LastResort: true}})
	require.Equal(t, diagnosis.QualityBelowThreshold, a.Error.Code, "thinner than any lattice that can be paid for")
}
