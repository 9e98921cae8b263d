package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/bench/service"
)

// clock returns a clock that shows these times, one after the other, and the last for good.
func clock(shows ...time.Duration) func() []service.Used {
	return func() []service.Used {
		now := shows[0]
		if len(shows) > 1 {
			shows = shows[1:]
		}
		return []service.Used{{Name: "worker", Time: now}}
	}
}

func TestWhatIsDoneAfterAResultIsWaitedFor(t *testing.T) {
	waits := 0
	after, err := settled(clock(10*still, 12*still, 15*still, 15*still+still/2, 99*still), func() { waits++ })
	require.NoError(t, err)
	require.Equal(t, 15*still+still/2, total(after), "the looks that it takes to wait count, too")
	require.Equal(t, 3, waits)
	// A process of a server has ended, and its time is counted in whole ticks from now on.
	after, err = settled(clock(20*still, 12*still, 12*still), func() {})
	require.NoError(t, err)
	require.Equal(t, 12*still, total(after))
}

func TestWhatNeverEndsIsAnError(t *testing.T) {
	waits, now := 0, time.Duration(0)
	_, err := settled(func() []service.Used {
		now += still
		return []service.Used{{Name: "worker", Time: now}}
	}, func() { waits++ })
	require.ErrorContains(t, err, "no end")
	require.Equal(t, looks, waits)
}

// spend uses processor time of this program.
func spend(d time.Duration) {
	for end := ownTime() + d; ownTime() < end; {
	}
}

func TestLooksAtProcessesAreNotOfWhoAsks(t *testing.T) {
	const look, work = 100 * time.Millisecond, 10 * time.Millisecond
	m := startMeter(func() []service.Used {
		spend(look)
		return []service.Used{{Name: "engines"}}
	})
	spend(work)
	used, err := m.stop()
	require.NoError(t, err)
	require.Equal(t, "who asks", used[1].Name)
	require.GreaterOrEqual(t, used[1].Time, work)
	require.Less(t, used[1].Time, look)
}
