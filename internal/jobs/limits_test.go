package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/store"
)

func TestLimits_AreAskedForOnceInAWhile(t *testing.T) {
	var l limits
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	asked := 0
	get := func(tenant string, max int, fails error) (store.Limits, error) {
		return l.get(tenant, now, func(bool) (store.Limits, error) { asked++; return store.Limits{MaxQueued: &max}, fails })
	}
	first, err := get("acme", 1, nil)
	require.NoError(t, err)
	again, err := get("acme", 2, nil)
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = get("other", 3, nil)
	require.NoError(t, err)
	require.Equal(t, 2, asked)
	now = now.Add(limitsEvery)
	still, err := get("acme", 2, nil)
	require.NoError(t, err)
	require.Equal(t, first, still, "nobody waits for the answer")
	l.asking.Wait()
	require.Equal(t, 3, asked)
	changed, err := get("acme", 3, nil)
	require.NoError(t, err)
	require.Equal(t, 2, *changed.MaxQueued)
	require.Equal(t, 3, asked)

	// Where asking fails, it is not tried again and again, and not believed for ever.
	now = now.Add(limitsEvery)
	for range 3 {
		still, err = get("acme", 3, errors.New("away"))
		require.NoError(t, err)
		require.Equal(t, changed, still)
		l.asking.Wait()
	}
	require.Equal(t, 4, asked)
	now = now.Add(limitsFor - limitsEvery)
	changed, err = get("acme", 4, nil)
	require.NoError(t, err)
	require.Equal(t, 4, *changed.MaxQueued)
	now = now.Add(time.Hour)
	_, err = get("acme", 2, errors.New("away"))
	require.Error(t, err, "what is not known is not guessed")
	_, err = get("third", 1, nil)
	require.NoError(t, err)
	require.Len(t, l.known, 1, "who left is forgotten")
}

func TestOr_TakesATenantsOwnLimit(t *testing.T) {
	require.Equal(t, 5, Or(nil, 5))
	require.Equal(t, 0, Or(new(int), 5), "no limit is one, too")
}
