package api

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStanding_OneStreamAsksForAllOfAKey(t *testing.T) {
	s := newStanding()
	v, ours := s.verdict("key")
	require.True(t, ours)
	again, ours := s.verdict("key")
	require.False(t, ours)
	require.Same(t, v, again)
	_, ours = s.verdict("another")
	require.True(t, ours)

	v.at = v.at.Add(-admitEvery)
	_, ours = s.verdict("key")
	require.True(t, ours, "an answer is good for a second")
}

func TestStanding_ForgetsWhoLeft(t *testing.T) {
	s := newStanding()
	for i := range 10 {
		v, _ := s.verdict(fmt.Sprint("key", i))
		v.at = v.at.Add(-time.Minute)
	}
	s.tidied = time.Time{}
	s.verdict("last")
	require.Len(t, s.asked, 1)
}

func TestStanding_KeepsNoKey(t *testing.T) {
	s := newStanding()
	s.verdict("Bearer msh_live_secret")
	require.NotContains(t, fmt.Sprintf("%v", s.asked), "secret")
}
