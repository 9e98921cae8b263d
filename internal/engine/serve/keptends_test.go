package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

func TestRequestFailsOnAKeptPart_NothingIsKeptOfItAndTheNextIsAsAFreshOne(t *testing.T) {
	c := start(t)
	req := engine.Request{Kind: engine.Mesh, Source: identified(t, named(t, "testdata/thin_walls.step")), Spec: resolved(t, spec.Spec{Size: spec.Size{Max: 2}})}
	first := c.keeping(req)
	require.Nil(t, first.Error)
	require.Len(t, first.Kept, 1)
	require.Contains(t, c.keeping(req).Mesh.Reused, engine.StageImport)

	tooMany := req
	tooMany.Spec, tooMany.MaxElements = resolved(t, spec.Spec{Size: spec.Size{Max: 2, WallElements: 2}}), 5000
	failed := c.keeping(tooMany)
	require.NotNil(t, failed.Error)
	require.Empty(t, failed.Kept)

	next := c.keeping(req)
	requireSame(t, first, next)
	require.Empty(t, next.Mesh.Reused)
	require.Contains(t, c.keeping(req).Mesh.Reused, engine.StageImport)
}

func TestMoreIsReadThanMayBeKept_WhatWasNotUsedForLongestGoes(t *testing.T) {
	a := engine.Request{Kind: engine.Import, Source: identified(t, part(t))}
	b := engine.Request{Kind: engine.Import, Source: identified(t, named(t, "testdata/two_solids.iges"))}
	roomy := start(t)
	roomy.keeping(a)
	kept := roomy.keeping(b).Kept
	require.Len(t, kept, 2)

	c := start(t)
	keep := func(req engine.Request, budget int64) answer {
		req.Keep = budget
		return c.keeping(req)
	}
	budget := max(kept[0].Bytes, kept[1].Bytes) + min(kept[0].Bytes, kept[1].Bytes)/2 // for either of them
	keep(a, budget)
	held := keep(b, budget).Kept
	require.Len(t, held, 1)
	require.True(t, held[0].Of(b.Source))
	mesh := a
	mesh.Kind, mesh.Spec = engine.Mesh, resolved(t, spec.Spec{Size: spec.Size{Max: 8}})
	again := keep(mesh, budget)
	require.Nil(t, again.Error)
	require.Empty(t, again.Mesh.Reused, "it is read again")
	requireSame(t, start(t).do(engine.Request{Kind: engine.Mesh, Source: part(t), Spec: mesh.Spec}), again)
	require.Empty(t, keep(mesh, 1).Kept, "the budget is the request's")
}

// What is refused for its number of elements is refused whatever was kept when more were allowed.
func TestFewerElementsAreAllowedThanBefore_AKeptMeshIsRefusedAsAFreshOne(t *testing.T) {
	hot, cold := start(t), start(t)
	source := identified(t, named(t, "testdata/thin_walls.step"))
	for name, size := range map[string]spec.Size{"a number of elements": {TargetElements: 1500}, "across walls": {Max: 8, WallElements: 1}} {
		t.Run(name, func(t *testing.T) {
			req := engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, spec.Spec{Size: size})}
			require.Nil(t, hot.on(t).keeping(req).Error)
			req.MaxElements = 100
			known, fresh := hot.on(t).keeping(req), cold.on(t).do(req)
			require.Equal(t, diagnosis.TooLarge, fresh.Error.Code)
			requireSame(t, fresh, known)
		})
	}
}

// A group that the part has not is refused in the same words whether the mesh is kept or not.
func TestGroupThatThePartHasNot_IsRefusedAlikeOfAKeptMesh(t *testing.T) {
	hot := start(t)
	source := identified(t, named(t, "testdata/tee.step"))
	s := spec.Spec{Strategy: spec.Frontal, Size: spec.Size{Max: 10, Curvature: 8, Growth: 1.4}}
	req := engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, s)}
	made := hot.keeping(req)
	require.Nil(t, made.Error)
	require.NotEmpty(t, made.Warnings, "which would be told beside the refusal")
	s.Groups = []spec.Group{{Name: "none", Dim: new(2), Entities: []int{9999}}}
	req.Spec = resolved(t, s)
	known, fresh := hot.keeping(req), start(t).do(req)
	require.Equal(t, diagnosis.UnfitSpec, fresh.Error.Code)
	requireSame(t, fresh, known)
}

// Triangles that do not close are kept as they are, for a lattice; what needs closed ones refuses them as if it had read the file.
func TestTrianglesThatDoNotClose_AreRefusedAlikeOfAKeptPart(t *testing.T) {
	hot := start(t)
	source := identified(t, shared(t, "bad/open_cube.stl"))
	made := hot.keeping(engine.Request{Kind: engine.Import, Source: source})
	require.NotNil(t, made.Model.Defect)
	require.NotEmpty(t, made.Warnings, "its unit is not known")
	req := engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, spec.Spec{Strategy: spec.Delaunay})}
	known, fresh := hot.keeping(req), start(t).do(req)
	require.NotNil(t, fresh.Error)
	requireSame(t, fresh, known)
}

// What the library complained of when it cut the solids is told with a later failure, whether they were cut just now or not.
func TestCutThatWasComplainedOf_IsToldWithTheFailureOfAKeptPart(t *testing.T) {
	hot := start(t)
	source := identified(t, shared(t, "cad/gen_sphere_in_box.step"))
	s := spec.Spec{Size: spec.Size{Fineness: 1}, Groups: []spec.Group{{Name: "between", Dim: new(2), Entities: []int{1}}}}
	req := engine.Request{Kind: engine.Mesh, Source: source, Spec: resolved(t, s)}
	require.Nil(t, hot.keeping(req).Error)
	s.Layers = []spec.Layer{{Groups: []string{"between", "nothing"}, FirstHeight: 0.1}}
	req.Spec = resolved(t, s)
	known, fresh := hot.keeping(req), start(t).do(req)
	require.Equal(t, diagnosis.UnfitSpec, fresh.Error.Code)
	require.Contains(t, fresh.Error.Detail, "BOPAlgo")
	requireSame(t, fresh, known)
}
