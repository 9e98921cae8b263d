package worker

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOutlive_EndsLaterForTheSameCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		longer, end := outlive(ctx, time.Second)
		defer end()
		cancel(errDraining)
		time.Sleep(time.Second - time.Nanosecond)
		synctest.Wait()
		require.NoError(t, longer.Err())
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		require.Equal(t, errDraining, context.Cause(longer))
	})
}

func TestOutlive_EndsWhenItIsNotNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		longer, end := outlive(ctx, time.Hour)
		cancel(errDraining)
		end()
		require.ErrorIs(t, longer.Err(), context.Canceled) // and nothing of it is left, or synctest complains
	})
}
