//go:build cuda

package gpu

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDevice_Memory_GivesWhatIsNotInUse(t *testing.T) {
	d, err := Open()
	require.NoError(t, err)
	m := NewMemory(d)
	defer m.Free()
	array := func(name string, bytes int) Pointer {
		t.Helper()
		at, err := m.Array(name, bytes)
		require.NoError(t, err)
		return at
	}
	room := func(need int) int {
		t.Helper()
		room, used, err := m.Room(need)
		require.NoError(t, err)
		require.LessOrEqual(t, used, m.Held())
		return room
	}
	all := room(0)
	require.Positive(t, all)
	m.Limit(16000)
	require.Equal(t, 15000, room(0), "a sixteenth is left alone")
	first := array("first", 8000)
	require.Equal(t, 7500, room(10_000))
	_, err = m.Array("second", 8001)
	require.ErrorIs(t, err, ErrMemory)
	require.Equal(t, first, array("first", 8000), "what is in use stays")
	array("second", 8000)
	m.Done("first")
	require.Equal(t, 16000, m.Held())
	require.Equal(t, first, array("first", 10), "what is not in use stays as long as nobody needs it")
	m.Done("first")
	array("third", 4000)
	require.Equal(t, 12000, m.Held(), "and is given where somebody does")
	m.Done("third")
	require.Equal(t, 3750, room(3750), "8000 in use, 4000 not")
	require.Equal(t, 12000, m.Held(), "as long as there is room")
	require.Equal(t, 7500, room(3751))
	require.Equal(t, 8000, m.Held())
	require.NoError(t, m.Begin())
	require.Equal(t, 8000, m.Held(), "half may stay")
	m.Limit(15_999)
	require.NoError(t, m.Begin())
	require.Zero(t, m.Held())
	array("third", 15_000)
	require.NoError(t, m.Give("third"))
	require.NoError(t, m.Give("nothing"))
	require.Zero(t, m.Held())
	m.Limit(0)
	require.InDelta(t, all, room(0), float64(all)/100)
}
