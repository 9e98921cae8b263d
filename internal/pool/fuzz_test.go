package pool

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

// FuzzMessages makes sure that whatever an engine writes is a message or an offence, and that nothing leaves the request's folder.
func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"type":"stage","stage":{"stage":"mesh3d","progress":0.5}}` + "\n" + `{"type":"result","result":{"id":"1"}}` + "\n"))
	f.Add([]byte(`{"type":"artifact","artifact":{"name":"mesh.msh","path":"mesh.msh"}}` + "\n"))
	f.Add([]byte(`{"type":"artifact","artifact":{"name":"x","path":"../secret"}}` + "\n" + `{"type":"artifact","artifact":{"path":"/etc/passwd"}}`))
	f.Add([]byte(`{"type":"ready","ready":{"protocol":1}}` + "\n" + `{"type":"log","log":[{"level":"info","text":"x"}]}`))
	f.Add(bytes.Repeat([]byte("x"), 3*4096))
	none, err := os.Open(os.DevNull)
	require.NoError(f, err)
	defer none.Close()
	f.Fuzz(func(t *testing.T, said []byte) {
		desk, wanted := t.TempDir(), t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(desk), "secret"), nil, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(desk, "mesh.msh"), nil, 0o600))
		c := newChild(desk, slog.New(slog.DiscardHandler))
		c.stdout, c.stderr = newTextPipe(none, func(string) {}), newTextPipe(none, func(string) {})
		l := &lease{id: "1", dir: desk, to: wanted, began: time.Now(), messages: make(chan engine.Message, 1), over: make(chan struct{})}
		close(l.over) // nobody listens
		c.lease = l
		r := bufio.NewReaderSize(bytes.NewReader(said), 4096)
		var long []byte
		for {
			line, err := readLine(r, &long)
			if err != nil {
				require.True(t, errors.Is(err, io.EOF) || errors.Is(err, errLineTooLong), err)
				break
			}
			if c.accept(line, r.Buffered() > 0) != nil {
				break
			}
		}
		taken, err := os.ReadDir(wanted)
		require.NoError(t, err)
		for _, file := range taken {
			require.Equal(t, "mesh.msh", file.Name())
		}
	})
}
