package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// seen is a look at engines of some MiB, after so many jobs of each.
func seen(engines map[int][2]int) look {
	k := look{engines: map[int]aged{}}
	for pid, e := range engines {
		k.engines[pid] = aged{memory{own: int64(e[0]) << 20}, e[1]}
	}
	return k
}

func TestGrowth(t *testing.T) {
	for name, c := range map[string]struct {
		looks []look
		grown float64
		bad   string
	}{
		"none": {looks: []look{seen(map[int][2]int{1: {100, 500}, 2: {100, 500}}), seen(map[int][2]int{1: {100, 5000}, 2: {100, 5000}})}},
		"one grows, and more before it is warm": {
			looks: []look{seen(map[int][2]int{1: {50, 100}}), seen(map[int][2]int{1: {100, 500}, 2: {100, 500}}), seen(map[int][2]int{1: {120, 5000}, 2: {100, 5000}})},
			grown: 0.1, bad: "engines grew by 10.0 %",
		},
		"a leak is not hidden by an engine that is gone": {
			looks: []look{seen(map[int][2]int{1: {100, 500}, 2: {100, 500}}), seen(map[int][2]int{1: {110, 4000}, 2: {120, 4000}}), seen(map[int][2]int{2: {120, 7000}})},
			grown: 0.15, bad: "engines grew by 15.0 %",
		},
		"nor by one that came late": {
			looks: []look{seen(map[int][2]int{1: {100, 500}}), seen(map[int][2]int{1: {110, 5000}, 3: {300, 600}})},
			grown: 0.1, bad: "grew by 10.0 %",
		},
		"nobody lived for long": {
			looks: []look{seen(map[int][2]int{1: {100, 500}, 2: {100, 500}}), seen(map[int][2]int{1: {100, 700}, 2: {100, 700}}), seen(map[int][2]int{3: {100, 600}})},
			bad:   "watched for 400 of 10000 jobs only",
		},
		"nobody was warm": {looks: []look{seen(map[int][2]int{1: {100, 100}})}, bad: "watched for 0 of 10000 jobs only"},
	} {
		t.Run(name, func(t *testing.T) {
			g := grown(c.looks, warmAfter(10_000, 2))
			require.InDelta(t, c.grown, g.share(), 1e-9)
			if c.bad == "" {
				require.NoError(t, g.judge(10_000, 2))
			} else {
				require.ErrorContains(t, g.judge(10_000, 2), c.bad)
			}
		})
	}
}
