package export

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// handed keeps what was handed on, and how much at a time; it fails from some call on.
type handed struct {
	bytes.Buffer
	sizes []int
	fails int
}

func (h *handed) Write(p []byte) (int, error) {
	if h.sizes = append(h.sizes, len(p)); len(h.sizes) == h.fails {
		return 0, errFull
	}
	return h.Buffer.Write(p)
}

func TestOut_HandsOnWholePieces(t *testing.T) {
	var h handed
	o := newOut(&h)
	var want bytes.Buffer
	for i, n := 0, 1; i < 60; i, n = i+1, n*3%1000003 { // of a few bytes, and of several pieces
		p := bytes.Repeat([]byte{byte(i)}, n)
		want.Write(p)
		if i%2 == 0 {
			o.text(string(p))
			continue
		}
		wrote, err := o.Write(p)
		require.NoError(t, err)
		require.Equal(t, n, wrote)
	}
	require.NoError(t, o.end())
	require.True(t, bytes.Equal(want.Bytes(), h.Bytes()))
	last := len(h.sizes) - 1
	require.Greater(t, last, 10)
	require.Less(t, h.sizes[last], piece)
	for _, size := range h.sizes[:last] {
		require.Equal(t, piece, size)
	}
}

func TestOut_TellsTheFirstError_AndHandsOnNothingMore(t *testing.T) {
	h := handed{fails: 2}
	o := newOut(&h)
	o.text(string(make([]byte, 5*piece)))
	_, err := o.Write(make([]byte, piece))
	require.ErrorIs(t, err, errFull)
	require.ErrorIs(t, o.end(), errFull)
	require.Len(t, h.sizes, 2)
}
