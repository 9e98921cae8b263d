package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"

	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// terminal is a pseudo terminal: what a person would see on it, and what was sent to it.
type terminal struct {
	columns int

	mu      sync.Mutex
	changed *sync.Cond
	sent    strings.Builder
	rows    [][]rune // the last one is the cursor's
	column  int
	seen    []string // what the cursor's row was before each move to its beginning
	wrapped bool     // a row was too long
}

func newTerminal(columns int) *terminal {
	t := &terminal{columns: columns, rows: [][]rune{nil}}
	t.changed = sync.NewCond(&t.mu)
	return t
}

func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.changed.Broadcast()
	t.sent.Write(p)
	return len(p), nil
}

// show replays what was sent; at the end, or when something is waited for.
func (t *terminal) show() {
	text := t.sent.String()
	t.rows, t.column, t.seen, t.wrapped = [][]rune{nil}, 0, nil, false
	for text != "" {
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		row := &t.rows[len(t.rows)-1]
		switch {
		case r == '\r':
			t.seen = append(t.seen, string(*row))
			t.column = 0
		case r == '\n':
			t.rows = append(t.rows, nil)
			t.column = 0
		case r == '\x1b':
			end := strings.IndexFunc(text, func(r rune) bool { return r >= '@' && r <= '~' && r != '[' })
			if end < 0 {
				return // the rest of the sequence is on its way
			}
			if text[end] == 'K' {
				*row = (*row)[:min(len(*row), t.column)]
			}
			text = text[end+1:]
		default:
			if t.column >= t.columns {
				t.wrapped = true
			}
			*row = append((*row)[:t.column], append([]rune{r}, (*row)[min(len(*row), t.column+1):]...)...)
			t.column++
		}
	}
}

// until waits until the cursor's row has held what is wanted.
func (t *terminal) until(wanted string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for {
		if t.show(); strings.Contains(strings.Join(t.seen, "\n")+string(t.rows[len(t.rows)-1]), wanted) {
			return
		}
		t.changed.Wait()
	}
}

// session is a program on a terminal. Its standard output is not the terminal, so that what is on that is progress alone.
type session struct {
	*terminal
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	stdout bytes.Buffer
	copied chan struct{}
}

// on starts the command line on a terminal of so many columns.
func on(t *testing.T, columns int, env []string, args ...string) *session {
	t.Helper()
	master, slave, err := pty.Open()
	require.NoError(t, err)
	defer slave.Close()
	require.NoError(t, pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: uint16(columns)}))
	s := &session{terminal: newTerminal(columns), t: t, master: master, copied: make(chan struct{})}
	s.cmd = exec.CommandContext(t.Context(), testenv.Program(t, "meshgen"), args...)
	s.cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "NO_COLOR="), env...)
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = slave, &s.stdout, slave
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, s.cmd.Start())
	go func() {
		defer close(s.copied)
		_, _ = copyUntilHangup(s.terminal, master)
	}()
	t.Cleanup(func() { master.Close() })
	return s
}

// copyUntilHangup reads what the program writes; a terminal that nobody has open any more answers an error.
func copyUntilHangup(to *terminal, from *os.File) (int64, error) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			_, _ = to.Write(buffer[:n])
		}
		if err != nil {
			return 0, err
		}
	}
}

// end waits for the program and returns its exit code.
func (s *session) end() int {
	s.t.Helper()
	err := s.cmd.Wait()
	if err != nil {
		require.IsType(s.t, &exec.ExitError{}, err)
	}
	<-s.copied
	s.show()
	return s.cmd.ProcessState.ExitCode()
}

// bars returns the drawings of the bar that could be seen.
func (s *session) bars() (found []string) {
	for _, row := range s.seen {
		if strings.Contains(row, "%") {
			found = append(found, row)
		}
	}
	return found
}

// left returns the text that stays on the terminal.
func (s *session) left() string {
	var rows []string
	for _, row := range s.rows {
		rows = append(rows, string(row))
	}
	return strings.Join(rows, "\n")
}

const glyphs = "━╸─#+"

// slow is work that takes long enough for a bar.
var slow = []string{"--fineness", "6"}

func TestLong_CommandLineOnATerminal_ShowsABarAndTakesItAway(t *testing.T) {
	part := filepath.Join(testenv.RepoRoot(t), "examples", "filleted-bracket.step")
	engine := []string{"MESHGEN_ENGINE=" + testenv.Engine(t), "MESHGEN_SCRATCH=" + t.TempDir()}
	mesh := func(t *testing.T) []string {
		return append([]string{"mesh", part, "-o", filepath.Join(t.TempDir(), "part.msh")}, slow...)
	}
	shown := func(t *testing.T, s *session) {
		t.Helper()
		require.Zero(t, s.end(), s.sent.String())
		require.NotEmpty(t, s.bars(), "no bar in %q", s.sent.String())
		require.NotContains(t, strings.Join(s.bars(), "\n"), "\x1b")
		require.False(t, s.wrapped, "a bar is wider than the terminal: %q", s.bars())
		require.Empty(t, s.left(), "the bar stays")
		require.Contains(t, s.stdout.String(), "tetrahedra")
		require.NotContains(t, s.stdout.String(), "\x1b", "standard output is no terminal")
	}

	t.Run("wide, in colour", func(t *testing.T) {
		s := on(t, 100, engine, mesh(t)...)
		shown(t, s)
		require.Contains(t, s.sent.String(), "\x1b[36m", "the bar is painted")
		all := strings.Join(s.bars(), "\n")
		require.Contains(t, all, "━")
		require.Contains(t, all, "filleted-bracket.step")
		require.Regexp(t, `mesh[123]d|import|optimize`, all)
	})
	t.Run("NO_COLOR", func(t *testing.T) {
		s := on(t, 100, append([]string{"NO_COLOR=1"}, engine...), mesh(t)...)
		shown(t, s)
		require.NotRegexp(t, "\x1b\\[[0-9;]*m", s.sent.String())
		require.Contains(t, strings.Join(s.bars(), "\n"), "─")
	})
	t.Run("narrow", func(t *testing.T) {
		s := on(t, 40, engine, mesh(t)...)
		shown(t, s)
		require.Contains(t, strings.Join(s.bars(), "\n"), "─")
	})
	t.Run("too narrow for a bar", func(t *testing.T) {
		s := on(t, 12, engine, mesh(t)...)
		shown(t, s)
		require.NotContains(t, strings.Join(s.bars(), "\n"), "─")
	})
	t.Run("without Unicode", func(t *testing.T) {
		s := on(t, 100, append([]string{"LC_ALL=C"}, engine...), mesh(t)...)
		shown(t, s)
		require.Contains(t, strings.Join(s.bars(), "\n"), "....")
		for _, r := range s.sent.String() {
			require.Less(t, r, rune(0x80))
		}
	})
	t.Run("that cannot move its cursor", func(t *testing.T) {
		s := on(t, 100, append([]string{"TERM=dumb"}, engine...), mesh(t)...)
		require.Zero(t, s.end())
		require.NotContains(t, s.sent.String(), "\x1b")
		require.NotContains(t, strings.ReplaceAll(s.sent.String(), "\r\n", "\n"), "\r", "nothing is drawn over")
		require.Contains(t, s.left(), "mesh3d", "a line for each stage")
	})
	t.Run("quiet", func(t *testing.T) {
		s := on(t, 100, engine, append(mesh(t), "--quiet")...)
		require.Zero(t, s.end())
		require.Empty(t, s.sent.String())
	})
	t.Run("for a program", func(t *testing.T) {
		s := on(t, 100, engine, append(mesh(t), "--json")...)
		require.Zero(t, s.end())
		require.True(t, json.Valid(s.stdout.Bytes()), s.stdout.String())
		require.Empty(t, s.left())
	})
	t.Run("that it is not", func(t *testing.T) {
		_, stderr, code := meshgen(t, append([]string{"TERM=xterm-256color", "LC_ALL=C.UTF-8"}, engine...), mesh(t)...)
		require.Zero(t, code)
		require.NotContains(t, stderr, "\x1b")
		require.NotContains(t, stderr, "\r")
		require.False(t, strings.ContainsAny(stderr, glyphs), stderr)
		require.Contains(t, stderr, "mesh3d", "a line for each stage")
	})
	t.Run("on which an error is told", func(t *testing.T) {
		bad := filepath.Join(t.TempDir(), "script.step")
		require.NoError(t, os.WriteFile(bad, []byte("SystemCall \"touch /tmp/never\";\n"), 0o600))
		s := on(t, 60, engine, "mesh", bad, "-o", filepath.Join(t.TempDir(), "part.msh"))
		require.Equal(t, 3, s.end())
		require.Contains(t, s.left(), "unsupported_format")
		require.False(t, strings.ContainsAny(s.left(), "━─"), s.left())
	})
}

func TestSubmitOnATerminal_ShowsABarAndCancelsOnInterrupt(t *testing.T) {
	s := newSite(t)
	s.hire(testenv.FaultyEngine(t))
	env := []string{"MESHGEN_SERVER=" + s.Server()}
	good := filepath.Join(testenv.RepoRoot(t), "examples", "filleted-bracket.step")

	done := on(t, 80, env, append([]string{"submit", "--wait", good}, slow...)...)
	require.Zero(t, done.end(), done.sent.String())
	require.NotEmpty(t, done.bars())
	require.False(t, done.wrapped)
	require.Empty(t, done.left(), "the bar stays")
	require.Contains(t, done.stdout.String(), "tetrahedra")

	_, stderr, code := meshgen(t, env, "submit", "--wait", good, "--fineness", "3")
	require.Zero(t, code)
	require.NotContains(t, stderr, "\x1b")
	require.False(t, strings.ContainsAny(stderr, glyphs), stderr)

	endless := filepath.Join(t.TempDir(), "endless.step")
	require.NoError(t, os.WriteFile(endless, part(t, "sleep mesh2d"), 0o600))
	interrupted := on(t, 80, env, "submit", "--wait", endless)
	interrupted.until("mesh2d")
	_, err := interrupted.master.WriteString("\x03") // Ctrl-C
	require.NoError(t, err)
	require.Equal(t, 130, interrupted.end(), interrupted.sent.String())
	require.False(t, strings.ContainsAny(interrupted.left(), "━─"), interrupted.left())
	stdout, _, code := meshgen(t, env, "ls", "meshes", "--json")
	require.Zero(t, code)
	require.Contains(t, stdout, `"canceled"`)
	s.succeeded(s.mesh(part(t, ""), spec.Spec{}))
}
