package main

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/bench/service"
)

func TestMeshgenAndTheFloorAreNeighboursInARandomOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	seen := map[[3]int]int{}
	for range 400 {
		o := order(3, random)
		require.ElementsMatch(t, []int{0, 1, 2}, o)
		require.NotEqual(t, 2, o[1])
		seen[[3]int(o)]++
	}
	require.Len(t, seen, 4)
	for o, n := range seen {
		require.InDelta(t, 100, n, 40, "%v", o)
	}
	require.Equal(t, []int{0}, order(1, random))
	require.ElementsMatch(t, []int{0, 1}, order(2, random))
}

// Where the machine is twice as fast for one pair as for another, shares are those of the pairs.
func TestSharesAreOfPairs(t *testing.T) {
	made := throughput{
		bare:   &side{rates: []float64{10, 5, 20}, costs: []time.Duration{90, 180, 45}},
		served: &side{rates: []float64{9, 4.5, 18}, costs: []time.Duration{100, 200, 50}},
	}
	wall, processor := made.shares()
	for _, v := range [][]float64{wall, processor} {
		require.InDeltaSlice(t, []float64{0.9, 0.9, 0.9}, v, 1e-9)
	}
	require.Equal(t, "90 % (90 to 90)", percent(wall))
	require.Equal(t, "2.0 (1.0 to 3.0)", spread([]time.Duration{3e6, 1e6, 2e6, 4e6}))
}

func TestUsedAddsUpByProcess(t *testing.T) {
	before := []service.Used{{Name: "engines", Time: 5}, {Name: "api", Time: 7}}
	after := []service.Used{{Name: "engines", Time: 9}, {Name: "api", Time: 8}}
	used := service.Since(before, after)
	require.Equal(t, []service.Used{{Name: "engines", Time: 4}, {Name: "api", Time: 1}}, used)
	require.Equal(t, []service.Used{{Name: "engines", Time: 8}, {Name: "api", Time: 2}}, service.Sum(service.Sum(nil, used), used))
	require.Equal(t, time.Duration(9), after[0].Time, "nothing of what was read changes")
}

func TestLoopsAndMeshgenBeginInTurns(t *testing.T) {
	made := throughput{bare: &side{}, served: &side{}}
	var first []*side
	for i := range 4 {
		pair := made.pair(i)
		require.NotSame(t, pair[0], pair[1])
		first = append(first, pair[0])
	}
	for i, want := range []*side{made.bare, made.served, made.bare, made.served} {
		require.Same(t, want, first[i], "pair %d", i)
	}
}

func TestWithoutRoundsOrBagsNothingIsCompared(t *testing.T) {
	require.NoError(t, options{rounds: 1, bags: 1}.check())
	require.EqualError(t, options{rounds: 0, bags: 1}.check(), "-rounds has to be at least 1 (is 0)")
	require.EqualError(t, options{rounds: 1, bags: -1}.check(), "-bags has to be at least 1 (is -1)")
}
