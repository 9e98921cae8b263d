package pool

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func said(lines ...string) *words {
	w := &words{}
	for _, line := range lines {
		w.add(line)
	}
	return w
}

func numbered(prefix string, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprint(prefix, i)
	}
	return lines
}

func TestLastWords_AreTheLastLines(t *testing.T) {
	require.Equal(t, strings.Join(numbered("", 50)[30:], "\n"), said(numbered("", 50)...).text())
	require.Empty(t, said().text())
}

func TestLastWords_KeepTheCauseThatALongTraceFollows(t *testing.T) {
	w := said(append([]string{"reading", "SIGSEGV: segmentation violation", "PC=0x7f m=0"}, numbered("frame ", 100)...)...)
	require.True(t, strings.HasPrefix(w.text(), "SIGSEGV: segmentation violation\nPC=0x7f m=0\nframe 0\n"))
	require.Contains(t, w.text(), "\nframe 17\n…\nframe 80\n")
	require.True(t, strings.HasSuffix(w.text(), "frame 99"))
	require.Equal(t, []string{"SIGSEGV: segmentation violation"}, w.fatal())
	require.Equal(t, syscall.SIGSEGV, w.signal())
}

func TestLastWords_SayEachLineOnce(t *testing.T) {
	for total := 1; total < 70; total++ {
		for at := range total {
			lines := numbered("line ", total)
			lines[at] = "Assertion `n > 0' failed."
			text := said(lines...).text()
			require.Contains(t, text, lines[at])
			require.Contains(t, text, lines[total-1])
			got := strings.Split(strings.Replace(text, "\n…\n", "\n", 1), "\n")
			seen := map[string]bool{}
			for _, line := range got {
				require.False(t, seen[line], "%q twice, in %q", line, text)
				seen[line] = true
			}
		}
	}
}

func TestLastWords_ANewCauseReplacesAnOldOne(t *testing.T) {
	lines := append([]string{"fatal error, but we went on"}, numbered("", 30)...)
	w := said(append(lines, "terminate called without an active exception")...)
	require.Equal(t, []string{"terminate called without an active exception"}, w.fatal())
}
