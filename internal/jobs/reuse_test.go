package jobs_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"meshgen/internal/blob"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/store"
)

// objects are the objects of the results: all are there but those that are said to be gone.
type objects struct {
	mu   sync.Mutex
	gone map[string]bool
	away error
}

func (o *objects) Head(_ context.Context, key string) (blob.Info, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.away != nil {
		return blob.Info{}, o.away
	}
	if o.gone[key] {
		return blob.Info{}, blob.ErrNotFound
	}
	return blob.Info{Key: key, Size: 1}, nil
}

func (o *objects) lose(key string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.gone[key] = true
}

const version = "engine-1"

// made is the outcome of a mesh that may be given again.
func made(files ...string) store.Outcome {
	o := store.Outcome{Report: &engine.MeshReport{Nodes: 8, Versions: map[string]string{"engine": version}}}
	if len(files) == 0 {
		files = []string{"msh", "vtk", "log"}
	}
	for _, format := range files {
		name := id.New(id.Artifact)
		o.Artifacts = append(o.Artifacts, store.Artifact{ID: name, Name: "mesh." + format, Format: format, ObjectKey: name, Size: 1, SHA256: "00"})
	}
	return o
}

// ask asks for a mesh that may be had without being made.
func (b bench) ask(g store.Geometry, change ...func(*store.NewMesh)) store.Created {
	b.t.Helper()
	n := newMesh(b.t, g, store.Interactive)
	n.Reuse = true
	for _, f := range change {
		f(&n)
	}
	c, err := b.CreateMesh(b.t.Context(), n)
	require.NoError(b.t, err)
	return c
}

func formats(names ...string) func(*store.NewMesh) {
	return func(n *store.NewMesh) { n.Spec.Formats = names }
}

func (b bench) finish(o store.Outcome) store.Claim {
	b.t.Helper()
	c := b.claim()
	require.NoError(b.t, b.Finish(b.t.Context(), c, o))
	return c
}

func (b bench) files(m store.Mesh) (keys map[string]string) {
	b.t.Helper()
	files, err := b.db.MeshArtifacts(b.t.Context(), tenant, m.ID)
	require.NoError(b.t, err)
	keys = map[string]string{}
	for _, f := range files {
		require.True(b.t, id.Valid(id.Artifact, f.ID), f.ID)
		keys[f.Format] = f.ObjectKey
	}
	return keys
}

func newReuseBench(t *testing.T) bench {
	b := newBench(t, time.Minute)
	require.NoError(t, b.SeeEngine(t.Context(), version))
	return b
}

func TestSameRequestAgain_HasSucceededAtOnce(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	b.finish(made())

	again := b.ask(g)
	require.True(t, again.Reused)
	require.Equal(t, store.Succeeded, again.Mesh.Status)
	require.Equal(t, first.Mesh.ID, again.Mesh.ReusedFrom)
	require.Equal(t, 8, again.Mesh.Report.Nodes)
	require.NotNil(t, again.Mesh.FinishedAt)
	require.Equal(t, b.files(first.Mesh), b.files(again.Mesh))
	require.Equal(t, []string{"succeeded", "done"}, b.events(again.Mesh.ID))
	b.nothingToClaim()

	other := b.geometry() // the same bytes came once more, and are not even imported
	third := b.ask(other)
	require.Equal(t, store.Succeeded, third.Mesh.Status)
	require.Equal(t, first.Mesh.ID, third.Mesh.ReusedFrom, "who made it, not who was asked")
	require.Equal(t, other.ID, third.Mesh.GeometryID)
}

func TestOtherRequest_IsMadeAfresh(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	b.ask(g, func(n *store.NewMesh) { n.Spec.Size.Max = 2 })
	b.finish(made())

	fresh := func(why string, c store.Created) {
		t.Helper()
		require.False(t, c.Reused, why)
		require.Equal(t, c.Mesh.ID, *b.finish(store.Outcome{Error: diagnosis.New(diagnosis.Internal, "")}).MeshID, why)
	}
	size2 := func(n *store.NewMesh) { n.Spec.Size.Max = 2 }
	fresh("in the last digit", b.ask(g, func(n *store.NewMesh) { n.Spec.Size.Max = 2.0000000000000004 }))
	fresh("not wanted", b.ask(g, size2, func(n *store.NewMesh) { n.Reuse = false }))

	n := b.newGeometry()
	n.Units = "m"
	inMetres, err := b.CreateGeometry(t.Context(), n)
	require.NoError(t, err)
	b.finish(store.Outcome{Model: &engine.Model{}})
	fresh("read otherwise", b.ask(inMetres, size2))

	b.exec(`INSERT INTO tenants (id, name) VALUES ('other', 'Other')`)
	n = b.newGeometry()
	n.TenantID = "other"
	theirs, err := b.CreateGeometry(t.Context(), n)
	require.NoError(t, err)
	b.finish(store.Outcome{Model: &engine.Model{}})
	fresh("another tenant", b.ask(theirs, size2, func(n *store.NewMesh) { n.TenantID = "other" }))

	require.NoError(t, b.SeeEngine(t.Context(), "engine-2"))
	fresh("another engine", b.ask(g, size2))
	require.NoError(t, b.SeeEngine(t.Context(), version))
	require.True(t, b.ask(g, size2).Reused, "the engine of before has come back")
}

func TestEngineChangesWhileAMeshIsMade_ItsResultIsNotGivenAgain(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	b.ask(g)
	c := b.claim()
	require.NoError(t, b.SeeEngine(t.Context(), "engine-2"))
	require.NoError(t, b.Finish(t.Context(), c, made())) // by the engine of before
	require.False(t, b.ask(g).Reused)
	b.finish(made())
	require.False(t, b.ask(g).Reused, "a worker of before is still there")
	newer := made()
	newer.Report.Versions["engine"] = "engine-2"
	b.finish(newer)
	require.True(t, b.ask(g).Reused)
}

func TestResultsThatMayNotBeRepeated_AreNotGivenAgain(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	cut := made()
	cut.Report.TimeCut = true
	slow := made()
	slow.Report.Tried = []diagnosis.Attempt{{Strategy: "delaunay", Error: "time_limit: it took too long"}, {Strategy: "coarser"}}
	died := made()
	died.Report.Tried = []diagnosis.Attempt{{Strategy: "delaunay", Error: "engine_crashed: it died"}, {Strategy: "hxt"}}
	for _, o := range []store.Outcome{
		{Error: diagnosis.New(diagnosis.NotWatertight, "it leaks")}, {Error: diagnosis.New(diagnosis.EngineCrashed, "")}, cut, slow, died,
	} {
		require.False(t, b.ask(g).Reused)
		b.finish(o)
	}
	canceled := b.ask(g)
	require.NoError(t, b.CancelMesh(t.Context(), tenant, canceled.Mesh.ID))
	require.False(t, b.ask(g).Reused)

	climbed := made()
	climbed.Report.Tried = []diagnosis.Attempt{{Strategy: "delaunay", Error: "boundary_recovery_failed: it did not do"}, {Strategy: "hxt"}}
	b.finish(climbed)
	require.True(t, b.ask(g).Reused, "whatever is asked again fails at the same rung")
}

func TestOnlyFormatsDiffer_OnlyTheyAreWritten(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	b.finish(made())

	less := b.ask(g, formats("vtk"))
	require.Equal(t, store.Succeeded, less.Mesh.Status, "what is there suffices")

	more := b.ask(g, formats("stl", "vtk"))
	require.True(t, more.Reused)
	require.Equal(t, store.Queued, more.Mesh.Status)
	c := b.claim()
	require.Equal(t, engine.Mesh, c.Kind)
	require.True(t, c.Exports())
	require.Equal(t, []string{"stl"}, c.Formats)
	require.Equal(t, engine.MSH, c.Format)
	require.Equal(t, b.files(first.Mesh)["msh"], c.ObjectKey)
	require.NoError(t, b.Finish(t.Context(), c, store.Outcome{Artifacts: made("stl").Artifacts}))
	m := b.status(more.Mesh)
	require.Equal(t, store.Succeeded, m.Status)
	require.Equal(t, 8, m.Report.Nodes)
	require.Equal(t, first.Mesh.ID, m.ReusedFrom)
	require.Len(t, b.files(m), 4)
	require.Equal(t, store.Succeeded, b.ask(g, formats("stl")).Mesh.Status, "now it is there")
}

// A format that could not hold the mesh was left out with a warning; asking for it again must not mesh again.
func TestFormatThatCannotHoldTheMesh_IsNotAskedOfAWorkerAgain(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	b.ask(g, formats("msh", "openfoam"))
	b.finish(made("msh"))
	require.Equal(t, store.Succeeded, b.ask(g, formats("msh", "openfoam")).Mesh.Status)
}

func TestResultWhoseFormatsCannotBeWritten_IsMadeAfresh(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	b.ask(g)
	b.finish(made())
	more := b.ask(g, formats("stl"))
	c := b.claim()
	c, err := b.Remesh(t.Context(), c)
	require.NoError(t, err)
	require.False(t, c.Exports())
	require.Equal(t, engine.STEP, c.Format)
	require.Equal(t, g.ObjectKey, c.ObjectKey)
	require.Empty(t, b.files(more.Mesh))
	m := b.status(more.Mesh)
	require.Empty(t, m.ReusedFrom)
	require.Nil(t, m.Report)
	other := c
	other.Token = "another"
	_, err = b.Remesh(t.Context(), other)
	require.ErrorIs(t, err, jobs.ErrFenced)
	require.NoError(t, b.Finish(t.Context(), c, made("msh", "stl")))
	require.Len(t, b.files(more.Mesh), 2)
}

func TestObjectsOfAResultAreGone_ItIsMadeAfresh(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	b.finish(made())
	b.lose(b.files(first.Mesh)["vtk"])
	second := b.ask(g)
	require.False(t, second.Reused)
	b.finish(made())
	third := b.ask(g)
	require.Equal(t, second.Mesh.ID, third.Mesh.ReusedFrom)

	b.away = errors.New("storage is away")
	require.False(t, b.ask(g).Reused, "what cannot be seen is not promised")
	b.away = nil
	require.True(t, b.ask(g).Reused, "a result goes before a run that is under way")
}

// A mesh that lacks formats is created without a look at the files of the result: the worker looks. Nobody is given a file that is not there
// again, whose result it may be.
func TestObjectsOfAResultThatLacksFormatsAreGone_TheWorkerSeesIt(t *testing.T) {
	b := newReuseBench(t)
	g := b.imported()
	first := b.ask(g)
	b.finish(made())
	see := func(c store.Claim, given int) error {
		t.Helper()
		files, err := b.Lent(t.Context(), c)
		require.NoError(t, err)
		require.Len(t, files, given)
		return b.SeeLent(t.Context(), c, files)
	}
	second := b.ask(g, formats("stl"))
	require.True(t, second.Lacks)
	c := b.claim()
	require.NoError(t, see(c, 3))
	require.NoError(t, b.Finish(t.Context(), c, store.Outcome{Artifacts: made("stl").Artifacts}))
	size2 := func(n *store.NewMesh) { n.Spec.Size.Max = 2 }
	b.ask(g, size2)
	b.finish(made())

	b.away = errors.New("storage is away")
	require.True(t, b.ask(g, formats("su2")).Lacks, "it is not said to have succeeded")
	c = b.claim()
	err := see(c, 4)
	require.ErrorIs(t, err, b.away)
	require.NotErrorIs(t, err, jobs.ErrFilesGone)
	b.away = nil

	b.lose(b.files(first.Mesh)["vtk"])
	require.ErrorIs(t, see(c, 4), jobs.ErrFilesGone)
	c, err = b.Remesh(t.Context(), c)
	require.NoError(t, err)
	follower := b.ask(g)
	require.False(t, follower.Reused, "neither the first nor the second has it")
	require.Equal(t, c.JobID, follower.Leader)
	require.True(t, b.ask(g, size2).Reused)
}

// swept returns the prefixes that the sweeper removes now.
func (b bench) swept() (prefixes []string) {
	b.t.Helper()
	for {
		found, err := b.db.SweepGarbage(b.t.Context(), func(_ context.Context, g store.Garbage) error {
			prefixes = append(prefixes, g.Prefix)
			return nil
		})
		require.NoError(b.t, err)
		if !found {
			return prefixes
		}
	}
}

func TestObjectsGo_WhenTheLastMeshThatHasThemGoes(t *testing.T) {
	b := newReuseBench(t)
	g, twin := b.imported(), b.imported()
	first := b.ask(g)
	made := b.finish(made())
	second, third := b.ask(twin), b.ask(twin)
	theirs := blob.JobPrefix(tenant, made.JobID)

	require.NoError(t, b.DeleteMesh(t.Context(), tenant, second.Mesh.ID))
	require.NotContains(t, b.swept(), theirs)
	require.NoError(t, b.DeleteGeometry(t.Context(), tenant, g.ID), "with the first mesh")
	require.NotContains(t, b.swept(), theirs, "the third has them")
	require.NotEmpty(t, b.files(third.Mesh))
	fourth := b.ask(twin)
	require.Equal(t, first.Mesh.ID, fourth.Mesh.ReusedFrom)
	require.NoError(t, b.DeleteMesh(t.Context(), tenant, third.Mesh.ID))
	require.NotContains(t, b.swept(), theirs)
	require.NoError(t, b.DeleteGeometry(t.Context(), tenant, twin.ID))
	require.Contains(t, b.swept(), theirs)
}

// Whoever deletes the result while it is given on must not take the objects of the one that has got it.
func TestResultIsDeletedWhileItIsGivenOn_NobodyIsLeftWithoutObjects(t *testing.T) {
	b := newReuseBench(t)
	for range 15 {
		g := b.imported()
		b.exec(`UPDATE geometries SET sha256 = id WHERE id = $1`, g.ID)
		first := b.ask(g)
		theirs := blob.JobPrefix(tenant, b.finish(made()).JobID)
		var given store.Created
		var wg sync.WaitGroup
		var sweptPrefixes []string
		wg.Go(func() {
			n := newMesh(t, g, store.Interactive)
			n.Reuse = true
			var err error
			given, err = b.CreateMesh(context.Background(), n)
			assert.NoError(t, err)
		})
		wg.Go(func() {
			assert.NoError(t, b.DeleteMesh(context.Background(), tenant, first.Mesh.ID))
			sweptPrefixes = b.swept()
		})
		wg.Wait()
		sweptPrefixes = append(sweptPrefixes, b.swept()...)
		if given.Reused {
			require.NotContains(t, sweptPrefixes, theirs)
			require.Len(t, b.files(given.Mesh), 3)
		} else {
			require.Contains(t, sweptPrefixes, theirs)
			b.finish(made())
		}
	}
}

// A stream of events tells of the job alone; what it tells has to be what the mesh says.
func TestJobOfAMesh_IsThatOfTheMesh(t *testing.T) {
	b := newBench(t, time.Minute)
	same := func(names ...string) {
		t.Helper()
		for _, name := range names {
			m, err := b.db.Mesh(t.Context(), tenant, name)
			require.NoError(t, err)
			j, err := b.db.MeshJob(t.Context(), tenant, name)
			require.NoError(t, err)
			require.Equal(t, m.Job, j)
		}
	}
	g := b.imported()
	leader := b.ask(g).Mesh.ID
	follower := b.ask(g).Mesh.ID
	same(leader, follower)
	c := b.claim()
	_, err := b.Heartbeat(t.Context(), c, engine.Stage2D, 0.5)
	require.NoError(t, err)
	same(leader, follower)
	j, err := b.db.MeshJob(t.Context(), tenant, follower)
	require.NoError(t, err)
	require.Equal(t, engine.Stage2D, j.Stage, "of the one that it follows")
	require.NoError(t, b.Finish(t.Context(), c, made()))
	same(leader, follower, b.ask(g).Mesh.ID)

	_, err = b.db.MeshJob(t.Context(), "another", leader)
	require.ErrorIs(t, err, store.ErrNotFound)
	_, err = b.db.MeshJob(t.Context(), tenant, "msh_none")
	require.ErrorIs(t, err, store.ErrNotFound)
}
