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
		peer:   &side{rates: []float64{10, 5, 20}, costs: []time.Duration{90, 180, 45}},
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

func TestItsPeerAndMeshgenBeginInTurns(t *testing.T) {
	made := throughput{peer: &side{}, served: &side{}}
	var first []*side
	for i := range 4 {
		pair := made.pair(i)
		require.NotSame(t, pair[0], pair[1])
		first = append(first, pair[0])
	}
	for i, want := range []*side{made.peer, made.served, made.peer, made.served} {
		require.Same(t, want, first[i], "pair %d", i)
	}
}

func TestWithoutRoundsOrBagsNothingIsCompared(t *testing.T) {
	require.NoError(t, options{rounds: 1, bags: 1}.check())
	require.EqualError(t, options{rounds: 0, bags: 1}.check(), "-rounds has to be at least 1 (is 0)")
	require.EqualError(t, options{rounds: 1, bags: -1}.check(), "-bags has to be at least 1 (is -1)")
}

func TestReportsSayWhatWasMixedAndHowMuchAnEarlierResultAnswered(t *testing.T) {
	used := []service.Used{{Name: "engines", Time: 2e6}, {Name: "who asks", Time: 1e6}}
	made := throughput{
		n: 2, jobs: 24,
		peer:   &side{rates: []float64{10}, costs: []time.Duration{90}, shares: used},
		served: &side{rates: []float64{8}, costs: []time.Duration{100}, shares: used, kept: 6},
	}
	var r report
	r.againstLoops(options{bags: 1}, []throughput{made})
	require.Contains(t, r.String(), "Of each 12 requests of a bag, in random order, over 3 files with content of their own: the first of a part 3, another size 3, the same again 1, only the volume 1,")
	require.Contains(t, r.String(), "| 2 | 24 | 10.00 | 8.00 | **80 % (80 to 80)** | 90 % (90 to 90) | 25 % | no |\n")
}
