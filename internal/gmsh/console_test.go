package gmsh

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConsole_LinesAreHandedOnWholeWhereverReadsEnd(t *testing.T) {
	const text = "Info    : one\nno message\nWarning : two\r\r\nInfo    : [ 30%] three\nError   : \nDebug   : not ended"
	want := []Line{{Info, -1, "one"}, {Warning, -1, "two"}, {Info, 30, "three"}}
	for size := 1; size <= len(text); size++ {
		var got []Line
		c := &Console{sink: func(l Line) { got = append(got, l) }}
		for from := 0; from < len(text); from += size {
			c.take([]byte(text[from:min(from+size, len(text))]))
		}
		require.Equal(t, want, got, "pieces of %d bytes", size)
		require.Equal(t, "Debug   : not ended", string(c.begun))
	}
}

func TestConsole_ALineWithoutEndTakesNoMemoryWithoutEnd(t *testing.T) {
	var got []Line
	c := &Console{sink: func(l Line) { got = append(got, l) }}
	c.take([]byte("Info    : "))
	for range 3 {
		c.take([]byte(strings.Repeat("x", maxText/2)))
	}
	c.take([]byte("\nInfo    : next\n"))
	require.Len(t, got, 2)
	require.Less(t, len(got[0].Text), maxText)
	require.Equal(t, "next", got[1].Text)
}
