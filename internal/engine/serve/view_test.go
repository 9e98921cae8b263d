package serve_test

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// shown is what the extras of a surface file say.
type shown struct {
	Units string
	Faces []struct {
		Tag, First, Count int
		Of                []int
		Color             string
	}
	Elements *int
	Values   []struct{ Name string }
}

// surfaceFile returns the extras of the artifact with the name, and whether it is a preview.
func surfaceFile(t *testing.T, a answer, name string) (s shown, preview bool) {
	t.Helper()
	file, preview := viewFile[shown](t, a, name, "surface")
	return file.Meshes[0].Primitives[0].Extras.Meshgen, preview
}

// glTF is the part of a file for viewing that is looked at here.
type glTF[Extras any] struct {
	Nodes  []struct{ Scale, Translation [3]float64 }
	Meshes []struct {
		Primitives []struct {
			Attributes struct{ POSITION int }
			Extras     struct{ Meshgen Extras }
		}
	}
	Accessors []struct{ Count int }
}

func viewFile[Extras any](t *testing.T, a answer, name, format string) (file glTF[Extras], preview bool) {
	t.Helper()
	for _, artifact := range a.artifacts {
		if artifact.Name != name {
			continue
		}
		require.Equal(t, format, artifact.Format)
		data, err := os.ReadFile(artifact.Path)
		require.NoError(t, err)
		require.Equal(t, "glTF", string(data[:4]))
		require.Equal(t, len(data), int(binary.LittleEndian.Uint32(data[8:])))
		require.NoError(t, json.Unmarshal(data[20:20+binary.LittleEndian.Uint32(data[12:])], &file))
		return file, artifact.Preview
	}
	require.Fail(t, "no artifact "+name, "%v", artifactNames(a))
	return file, false
}

func TestImport_ShowsThePart(t *testing.T) {
	c := start(t)
	a := c.do(engine.Request{Kind: engine.Import, Source: part(t)})
	require.Nil(t, a.Error)
	s, preview := surfaceFile(t, a, "part.glb")
	require.True(t, preview)
	require.Len(t, s.Faces, 21)
	require.Equal(t, "mm", s.Units)
	require.Nil(t, s.Elements, "a tessellation has no elements")
	require.Empty(t, s.Values)
	for _, f := range s.Faces {
		require.Positive(t, f.Count, "face %d", f.Tag)
	}
	require.Equal(t, a.Model.Faces[0].Tag, s.Faces[0].Tag)
}

func TestMesh_ShowsItsSurfaceWithTheQualityBehindIt(t *testing.T) {
	a := start(t).mesh(part(t), coarse)
	requireSound(t, a)
	s, preview := surfaceFile(t, a, "surface.glb")
	require.False(t, preview)
	last := s.Faces[len(s.Faces)-1]
	require.Equal(t, a.Mesh.Elements["triangle"], last.First+last.Count)
	require.NotNil(t, s.Elements)
	var names []string
	for _, v := range s.Values {
		names = append(names, v.Name)
	}
	require.Equal(t, []string{"gamma", "sicn", "jacobian", "skewness", "min_dihedral"}, names)
	require.NotContains(t, artifactNames(a), "faces.glb", "a small mesh is there as soon as its preview would be")
}

func TestMesh_HasAFileToCutOpenThatLiesWhereItsSurfaceDoes(t *testing.T) {
	a := start(t).mesh(part(t), coarse)
	requireSound(t, a)
	surface, _ := viewFile[shown](t, a, "surface.glb", "surface")
	type volume struct {
		Parts []struct {
			Solid, First, Count int
			Shape               string
		}
		Corners  map[string]int
		Elements int
		Surface  *int
		Values   []struct{ Name string }
	}
	v, preview := viewFile[volume](t, a, "volume.glb", "volume")
	require.False(t, preview)
	require.Equal(t, surface.Nodes, v.Nodes, "both lie in the same box")
	known := v.Meshes[0].Primitives[0].Extras.Meshgen
	tets := a.Mesh.Elements["tetrahedron"]
	require.Len(t, known.Parts, 1)
	require.Equal(t, "tetrahedron", known.Parts[0].Shape)
	require.Equal(t, tets, known.Parts[0].Count)
	require.Equal(t, tets, v.Accessors[known.Elements].Count)
	require.Equal(t, a.Mesh.Nodes, v.Accessors[v.Meshes[0].Primitives[0].Attributes.POSITION].Count)
	require.NotNil(t, known.Surface)
	require.Equal(t, surface.Accessors[surface.Meshes[0].Primitives[0].Attributes.POSITION].Count, v.Accessors[*known.Surface].Count)
	require.Equal(t, surface.Meshes[0].Primitives[0].Extras.Meshgen.Values, known.Values)
}

func TestLargeMesh_ShowsItsFacesBeforeItsSolidsAreFilled(t *testing.T) {
	t.Parallel()
	a := start(t).mesh(part(t), func(s *spec.Spec) { s.Strategy, s.Size.Max, s.Size.Curvature = spec.HXT, 1.1, 6 })
	requireSound(t, a)
	s, preview := surfaceFile(t, a, "faces.glb")
	require.True(t, preview)
	last := s.Faces[len(s.Faces)-1]
	require.Equal(t, a.Mesh.Elements["triangle"], last.First+last.Count)
	require.Equal(t, "faces.glb", a.artifacts[0].Name, "first of all files")
}

func TestLong_SolidsThatTouch_HaveTheFacesOfTheFileInTheirPicture(t *testing.T) {
	t.Parallel()
	for name, find := range map[string]func(*testing.T, string) engine.Source{
		"testdata/frame.step": named, "cad/gen_touching_boxes.step": shared, "cad/as1-tu-203.stp": shared,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := start(t)
			source := find(t, name)
			imported := c.do(engine.Request{Kind: engine.Import, Source: source})
			require.Nil(t, imported.Error)
			a := c.mesh(source, func(s *spec.Spec) { s.Size.Fineness = 1 })
			requireSound(t, a)
			s, _ := surfaceFile(t, a, "surface.glb")
			area := areasOf(t, a)
			require.Len(t, area, len(s.Faces))

			meshed := map[int]float64{} // area of what lies on each face of the file
			for _, f := range s.Faces {
				of := f.Of
				if of == nil {
					of = []int{f.Tag}
				}
				require.NotEmpty(t, of, "face %d", f.Tag)
				for _, tag := range of {
					meshed[tag] += area[f.Tag]
				}
			}
			for _, f := range imported.Model.Faces {
				require.InEpsilon(t, f.Measure, meshed[f.Tag], 0.1, "face %d", f.Tag)
			}
			for _, f := range s.Faces {
				if len(f.Of) > 0 {
					require.Equal(t, imported.Model.Faces[f.Of[0]-1].Color, f.Color, "face %d", f.Tag)
				}
			}
		})
	}
}

// areasOf returns the area of each face of a mesh of triangles.
func areasOf(t *testing.T, a answer) map[int]float64 {
	t.Helper()
	m := readMesh(t, a)
	areas := map[int]float64{}
	for _, b := range m.Of(2) {
		for e := range b.Len() {
			c := b.Element(e)
			side := func(to int) (v [3]float64) {
				for k := range v {
					v[k] = m.XYZ[3*c[to]+uint64(k)] - m.XYZ[3*c[0]+uint64(k)]
				}
				return v
			}
			u, v := side(1), side(2)
			areas[b.Entity] += math.Hypot(math.Hypot(u[1]*v[2]-u[2]*v[1], u[2]*v[0]-u[0]*v[2]), u[0]*v[1]-u[1]*v[0]) / 2
		}
	}
	return areas
}
