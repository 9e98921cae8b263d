package mesher

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

// loaded has the library hold the part of a STEP file, and returns a job that is to mesh its surface, with all that is said meanwhile.
func loaded(t *testing.T, path string, size spec.Size) (*job, *recorder) {
	t.Helper()
	m := opened(t)
	s, err := spec.Spec{Size: size}.Resolve()
	require.NoError(t, err)
	r := &recorder{}
	j := &job{
		req: engine.Request{Kind: engine.Mesh, Spec: s, Threads: 1, Source: engine.Source{Path: path, Format: engine.STEP}},
		m:   m, track: newTracker(engine.Mesh, r), modelName: m.newModelName(),
	}
	m.listen(j)
	require.NoError(t, m.fresh(false))
	require.NoError(t, j.readShapes())
	require.NoError(t, set(j.meshingOptions(j.source.diagonal())))
	require.NoError(t, j.startChords())
	j.sizes, err = j.plainSizes()
	require.NoError(t, err)
	j.sizes.chords = j.chords
	require.NoError(t, j.sizes.install())
	return j, r
}

// off returns by what share of its volume the surface mesh of the only solid is off.
func (j *job) off(t *testing.T) float64 {
	t.Helper()
	h, err := takeHull(j.source.solids[0])
	require.NoError(t, err)
	volume, closed := h.orient()
	require.True(t, closed)
	return volume/j.source.solids[0].volume - 1
}

// said returns how many lines of the log hold some words.
func (r *recorder) said(words string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.log {
		if strings.Contains(l.Text, words) {
			n++
		}
	}
	return n
}

// A mesh that is thrown away since it has too many triangles takes none of the divisions from the volume.
func TestFacesThatWereTooManyTriangles_AreDividedForTheirVolumeAsOftenAsOthers(t *testing.T) {
	j, r := loaded(t, "../engine/serve/testdata/elbow.step", spec.Size{})
	j.chords.crowd = 500
	require.NoError(t, j.meshSurface())
	require.Equal(t, mostCrowded, r.said("are many"))
	require.Equal(t, 2, r.said("divided again"), "of three that there may be")
	require.LessOrEqual(t, math.Abs(j.off(t)), volumeShare)
}

// Where few triangles of a face were looked at, a division may have been of the wrong faces: before no other follows, many are looked at.
func TestDivisionInVain_IsBelievedAfterACloserLookOnly(t *testing.T) {
	j, r := loaded(t, "../engine/serve/testdata/pipe.step", spec.Size{})
	j.source.solids[0].volume *= 1.01 // as CAD has it at times
	require.NoError(t, j.meshCurves(nil))
	require.NoError(t, j.chords.grow(j.growth(), j.sizes.scale))
	require.NoError(t, j.meshFaces())
	off := j.off(t)
	require.Greater(t, -off, volumeShare)
	losses := lossesOf{1: {off: off}} // as if the division before had changed nothing
	shrunk, err := j.holdVolume(losses)
	require.NoError(t, err)
	require.NotEmpty(t, shrunk)
	require.True(t, losses[1].closely)
	require.Zero(t, r.said("stays so"))
	shrunk, err = j.holdVolume(losses)
	require.NoError(t, err)
	require.Empty(t, shrunk, "not even a closer look helped")
	require.Equal(t, 1, r.said("stays so"))
}

// MeshAdapt may take minutes on what is bent sharply: it is for rungs that come when others have failed.
func TestFacesWithTrianglesThatLookTheWrongWay_AreMeshedAgainByMeshAdaptOnLaterRungs(t *testing.T) {
	adapted := func(tuning engine.Tuning) int {
		j, r := loaded(t, "../engine/serve/testdata/cone.step", spec.Size{Max: 4, Min: 4})
		j.req.Tuning = tuning
		require.NoError(t, set(j.meshingOptions(j.source.diagonal())))
		require.NoError(t, j.meshCurves(nil))
		require.NoError(t, gmsh.Generate(2))
		j.m.console.Sync()
		require.NotZero(t, r.said("Cone, Frontal-Delaunay)"))
		return r.said("Cone, MeshAdapt)")
	}
	require.Zero(t, adapted(engine.Tuning{}))
	require.NotZero(t, adapted(engine.Tuning{Mend: true}))
	require.NotZero(t, adapted(engine.Tuning{Anchor: true}))
}
