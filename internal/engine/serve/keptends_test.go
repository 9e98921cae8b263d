package serve_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
