package worker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

func line(text string) engine.LogLine { return engine.LogLine{Level: "info", Text: text, Seconds: 1.5} }

func TestJobLog_WhatWasHandedOutStaysAsItWas(t *testing.T) {
	l := newLog(filepath.Join(t.TempDir(), "log.txt"))
	text, size, err := l.flush()
	require.NoError(t, err)
	require.NotNil(t, text, "else it would be looked for in a file")
	require.Zero(t, size)
	var snapshots []struct {
		got  []byte
		want string
	}
	want := ""
	for n := 1; len(want)+n < heldLog; n *= 2 {
		l.add(line(strings.Repeat("x", n)))
		want += "[    1.500] info    " + strings.Repeat("x", n) + "\n"
		text, size, err := l.flush()
		require.NoError(t, err)
		require.EqualValues(t, len(want), size)
		snapshots = append(snapshots, struct {
			got  []byte
			want string
		}{text, want})
	}
	l.add(line(strings.Repeat("x", heldLog))) // goes to the file with all before
	l.add(line("the end"))
	for _, s := range snapshots {
		require.Equal(t, s.want, string(s.got))
	}
}

func TestJobLog_ThatIsLong_GoesToAFile_AllOfIt(t *testing.T) {
	for _, length := range []int{10, 1000, heldLog + 1} {
		path := filepath.Join(t.TempDir(), "log.txt")
		l := newLog(path)
		want := ""
		for len(want) < 3*heldLog {
			l.add(line(strings.Repeat("y", length)))
			want += "[    1.500] info    " + strings.Repeat("y", length) + "\n"
			text, size, err := l.flush()
			require.NoError(t, err)
			require.EqualValues(t, len(want), size)
			if text != nil {
				require.Equal(t, want, string(text))
				require.NoFileExists(t, path)
				continue
			}
			inFile, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, want, string(inFile))
		}
		l.add(line("the last"))
		require.NoError(t, l.close())
		require.NoError(t, l.close())
		l.add(line("too late"))
		inFile, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, want+"[    1.500] info    the last\n", string(inFile))
		_, _, err = l.flush()
		require.ErrorIs(t, err, os.ErrClosed)
	}
}

func TestJobLog_EndsAtItsLimit(t *testing.T) {
	l := newLog(filepath.Join(t.TempDir(), "log.txt"))
	for range 40 {
		l.add(line(strings.Repeat("z", 1<<20)))
	}
	_, size, err := l.flush()
	require.NoError(t, err)
	require.Less(t, size, int64(maxLog+2<<20))
	text, err := os.ReadFile(l.path)
	require.NoError(t, err)
	require.Len(t, text, int(size))
	require.True(t, strings.HasSuffix(string(text), "\nthe log ends here: it is over 16 MiB\n"))
}

func TestJobLog_ThatFindsNoRoom_SaysSo(t *testing.T) {
	l := newLog(filepath.Join(t.TempDir(), "no such folder", "log.txt"))
	l.add(line(strings.Repeat("x", heldLog)))
	l.add(line("more"))
	_, _, err := l.flush()
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorIs(t, l.close(), os.ErrNotExist)
}

func TestUpload_SendsALogThatIsLong(t *testing.T) {
	r := newRun(t)
	long := strings.Repeat("a line of many ", heldLog/10)
	r.say("info", "%s", long)
	require.NoError(t, r.uploads.startLog())
	r.say("info", "and one more")
	outcome := r.uploaded(t)
	require.Len(t, outcome.Artifacts, 1)
	text := r.stored(t, outcome.Artifacts[0].ObjectKey)
	require.Contains(t, text, long)
	require.True(t, strings.HasSuffix(text, "and one more\n"))
}

func TestUpload_SendsALogOfNothing(t *testing.T) {
	r := newRun(t)
	outcome := r.uploaded(t)
	require.Len(t, outcome.Artifacts, 1)
	require.Equal(t, "log.txt", outcome.Artifacts[0].Name)
	require.Empty(t, r.stored(t, outcome.Artifacts[0].ObjectKey))
}
