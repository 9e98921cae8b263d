package serve_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/cadfile"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// patience is how long a test waits for what an engine does at once, on a machine that is busy.
const patience = 60 * time.Second

// child is a running engine.
type child struct {
	t        *testing.T
	cmd      *exec.Cmd
	requests *os.File
	messages *bufio.Reader
	stderr   *bytes.Buffer
	ready    engine.Ready
	ended    chan struct{}
	served   *int // requests, for the names of their folders
}

// start runs an engine and waits until it is ready.
func start(t *testing.T) *child { return startBinary(t, testenv.Engine(t)) }

func startBinary(t *testing.T, path string, environment ...string) *child {
	t.Helper()
	c := startUnready(t, path, nil, environment...)
	first := c.next()
	require.Equal(t, engine.TypeReady, first.Type)
	c.ready = *first.Ready
	return c
}

// startUnready runs an engine and does not wait for it. change may alter its folder first.
func startUnready(t *testing.T, path string, change func(folder string), environment ...string) *child {
	t.Helper()
	requestRead, requestWrite, err := os.Pipe()
	require.NoError(t, err)
	messageRead, messageWrite, err := os.Pipe()
	require.NoError(t, err)
	c := &child{
		t: t, cmd: exec.Command(path), requests: requestWrite, messages: bufio.NewReaderSize(messageRead, 64<<10),
		stderr: &bytes.Buffer{}, ended: make(chan struct{}), served: new(int),
	}
	c.cmd.Dir = t.TempDir()
	tmp := filepath.Join(c.cmd.Dir, engine.FolderTmp)
	for _, folder := range []string{engine.FolderIn, engine.FolderOut, engine.FolderTmp} {
		require.NoError(t, os.Mkdir(filepath.Join(c.cmd.Dir, folder), 0o700))
	}
	if change != nil {
		change(c.cmd.Dir)
	}
	c.cmd.Env = []string{"PATH=/usr/bin:/bin", "OMP_WAIT_POLICY=passive", "HOME=" + tmp, "TMPDIR=" + tmp}
	c.cmd.Env = append(c.cmd.Env, environment...)
	c.cmd.ExtraFiles = []*os.File{requestRead, messageWrite}
	c.cmd.Stderr = c.stderr
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, c.cmd.Start())
	requestRead.Close()
	messageWrite.Close()
	go func() {
		c.cmd.Wait()
		close(c.ended)
	}()
	t.Cleanup(func() {
		c.cmd.Process.Kill()
		<-c.ended
		requestWrite.Close()
		messageRead.Close()
	})
	return c
}

// on returns the same engine for a subtest.
func (c *child) on(t *testing.T) *child {
	same := *c
	same.t = t
	return &same
}

// wait waits for the process to end and returns how it did.
func (c *child) wait() syscall.WaitStatus {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		require.Fail(c.t, "the engine did not end")
	}
	return c.cmd.ProcessState.Sys().(syscall.WaitStatus)
}

func (c *child) send(req engine.Request) {
	c.t.Helper()
	line, err := engine.Encode(req)
	require.NoError(c.t, err)
	_, err = c.requests.Write(line)
	require.NoError(c.t, err)
}

func (c *child) next() engine.Message {
	c.t.Helper()
	type read struct {
		line []byte
		err  error
	}
	got := make(chan read, 1)
	go func() {
		line, err := c.messages.ReadBytes('\n')
		got <- read{line, err}
	}()
	select {
	case r := <-got:
		require.NoError(c.t, r.err, "the engine ended; stderr: %s", c.stderr)
		var m engine.Message
		require.NoError(c.t, json.Unmarshal(r.line, &m), "%.200s", r.line)
		return m
	case <-time.After(patience):
		require.Fail(c.t, "the engine says nothing")
		panic("unreachable")
	}
}

// answer is all that an engine said to one request.
type answer struct {
	engine.Result
	stages    []engine.StageEvent
	log       []engine.LogLine
	artifacts []engine.Artifact
	took      time.Duration
	dir       string
	expected  []engine.Kept // that the result said would be kept
}

// lay puts the request's source where the engine sees it, and gives it a folder.
func (c *child) lay(req engine.Request) engine.Request {
	c.t.Helper()
	*c.served++
	name := strconv.Itoa(*c.served)
	if req.Dir == "" {
		req.Dir = filepath.Join(c.cmd.Dir, engine.FolderOut, name)
		require.NoError(c.t, os.Mkdir(req.Dir, 0o700))
	}
	if _, err := os.Stat(req.Source.Path); err == nil { // its engine sees what is in its folder, nothing else
		path := filepath.Join(c.cmd.Dir, engine.FolderIn, name+filepath.Ext(req.Source.Path))
		require.NoError(c.t, os.Link(req.Source.Path, path))
		req.Source.Path = path
	}
	return req
}

// do sends a request and reads until the engine is at rest after it.
func (c *child) do(req engine.Request) answer {
	c.t.Helper()
	req = c.lay(req)
	if req.ID == "" {
		req.ID = "request"
	}
	req.Threads = max(req.Threads, 1)
	begin := time.Now()
	c.send(req)
	a := answer{dir: req.Dir}
	for {
		m := c.next()
		switch m.Type {
		case engine.TypeStage:
			a.stages = append(a.stages, *m.Stage)
		case engine.TypeLog:
			a.log = append(a.log, m.Log...)
		case engine.TypeArtifact:
			a.artifacts = append(a.artifacts, *m.Artifact)
		case engine.TypeResult:
			require.Equal(c.t, req.ID, m.Result.ID)
			a.Result = *m.Result
			a.took = time.Since(begin)
			if !a.Tidies {
				return a
			}
		case engine.TypeRest:
			require.True(c.t, a.Tidies, "no rest before a result")
			a.expected, a.Rest = a.Kept, *m.Rest
			c.requireReadable(a)
			return a
		default:
			require.Fail(c.t, "unexpected message", "%+v", m)
		}
	}
}

// requireReadable checks that a report is laid out as the library would lay it out.
func (c *child) requireReadable(a answer) {
	c.t.Helper()
	for _, file := range a.artifacts {
		if file.Format != "report" {
			continue
		}
		text, err := os.ReadFile(file.Path)
		require.NoError(c.t, err)
		var r engine.MeshReport
		require.NoError(c.t, json.Unmarshal(text, &r))
		laidOut, err := json.MarshalIndent(&r, "", "  ")
		require.NoError(c.t, err)
		require.Equal(c.t, string(laidOut)+"\n", string(text))
	}
}

// mesh asks for a mesh of a file; change may alter the default spec.
func (c *child) mesh(source engine.Source, change func(*spec.Spec)) answer {
	c.t.Helper()
	var s spec.Spec
	if change != nil {
		change(&s)
	}
	s, err := s.Resolve()
	require.NoError(c.t, err)
	return c.do(engine.Request{Kind: engine.Mesh, Source: source, Spec: s})
}

// part is a STEP file that every checkout has: 21 faces, 65 mm across, 18388.5 mm³.
func part(t *testing.T) engine.Source { return named(t, "testdata/t20_data.step") }

const (
	partDiagonal = 65.466
	partVolume   = 18388.45785
)

// coarse makes a mesh quick.
func coarse(s *spec.Spec) { s.Size.Max, s.Size.Curvature = partDiagonal/10, 6 }

// shared returns a file of the shared test data.
func shared(t *testing.T, path string) engine.Source { return named(t, testenv.Shared(t, path)) }

// named copies a file under the safe name that a worker gives it: by its format, found by its content. Where the content
// is refused, the name keeps the extension's format, as if nobody had looked.
func named(t *testing.T, path string) engine.Source {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	format, d := cadfile.Sniff(data[:min(len(data), cadfile.SniffLen)], int64(len(data)), filepath.Base(path))
	if d != nil {
		format = map[string]engine.Format{".stl": engine.STL, ".iges": engine.IGES, ".brep": engine.BREP}[filepath.Ext(path)]
		if format == "" {
			format = engine.STEP
		}
	}
	return written(t, format, data)
}

func written(t *testing.T, format engine.Format, data []byte) engine.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "source."+string(format))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return engine.Source{Path: path, Format: format}
}
