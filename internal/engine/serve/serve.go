// Package serve is the loop of an engine process: it makes itself ready, says so, and then does one request at a time.
//
//	fd 3 ──▶ reader ──▶ main thread: mesher ──▶ fd 4
//	  EOF: exit at once         ▲ log          stage, log, artifact …, result, rest
//	  drop: mesher leaves a speculation
//
// The library belongs to the main thread, which is locked. A second goroutine reads requests, so that the end of the pipe
// is noticed even while the library works: the worker is gone then, and the process ends at once, whatever it is doing. For what
// nobody waits for the library is lent to a thread of idle priority (idle.go).
//
// An engine is never asked to stop, so it ignores SIGTERM, SIGINT and SIGHUP: they are sent to a whole group by service
// managers and terminals, and the worker decides what becomes of the job then. The worker kills (SIGKILL); its death closes
// the pipe.
//
// Crashes are the rule here, not the exception. One in C code ends the process by its signal (crash.c); a panic in Go fails
// the request and asks for a replacement; anything in between is for the worker's time and memory limits.
package serve

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesher"
	"meshgen/internal/sandbox"
	"meshgen/internal/spec"
)

// ErrByHand means that the two descriptors of the protocol are not there.
var ErrByHand = errors.New("this is a mesh engine: a worker starts it with requests on descriptor 3 and answers on 4; to mesh a file, run meshgen mesh")

// Run is the life of an engine. It has to be called from main's goroutine, locked to the main thread in an init function
// or first thing in main, and returns only if the engine cannot start or its answers go nowhere.
func Run(started time.Time) error {
	requests, messages, err := descriptors()
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	if err := guardCrashes(); err != nil {
		return err
	}
	idle := newIdler()
	device, none := openDevice()
	walls, err := enterSandbox(device != nil, sandbox.Folders{Read: []string{engine.FolderIn}, Write: []string{engine.FolderOut, engine.FolderTmp}})
	if err != nil {
		return err
	}
	m, err := mesher.Open()
	if err != nil {
		return fmt.Errorf("start the mesher: %w", err)
	}
	e := &loop{messages: messages, idle: idle}
	queue := make(chan engine.Request)
	go e.read(requests, queue, m.Drop)
	if err := m.Warm(); err != nil {
		return fmt.Errorf("warm the mesher: %w", err)
	}
	ready, err := describe(m)
	if err != nil {
		return err
	}
	ready.Device = spec.DeviceCPU
	if device != nil {
		if none = device.Warm(); none == nil { // within the walls
			m.Use(device)
			ready.Device = device.Info.String()
		}
	}
	if none != nil {
		ready.NoDevice = none.Error()
	}
	ready.Walls = engine.Walls(walls)
	ready.WarmSeconds = engine.Seconds(time.Since(started))
	noteStage("idle")
	e.send(engine.Message{Type: engine.TypeReady, Ready: ready})

	for {
		e.serve(m, <-queue)
	}
}

// descriptors returns the ends of the pipes, if there are any.
func descriptors() (requests, messages *os.File, err error) {
	for fd, access := range map[int]int{engine.RequestFD: unix.O_RDONLY, engine.MessageFD: unix.O_WRONLY} {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
		if err != nil || (flags&unix.O_ACCMODE != access && flags&unix.O_ACCMODE != unix.O_RDWR) {
			return nil, nil, ErrByHand
		}
		unix.CloseOnExec(fd)
	}
	return os.NewFile(engine.RequestFD, "requests"), os.NewFile(engine.MessageFD, "messages"), nil
}

// enterSandbox shuts this process in, before anything of a library that reads files has run.
func enterSandbox(gpu bool, f sandbox.Folders) (sandbox.Walls, error) {
	f.GPU = gpu
	mode := sandbox.Mode(cmp.Or(os.Getenv(sandbox.Variable), string(sandbox.Require)))
	walls, err := sandbox.Enter(mode, f)
	if err != nil {
		return walls, fmt.Errorf("sandbox: %w", err)
	}
	return walls, nil
}

func describe(m *mesher.Mesher) (*engine.Ready, error) {
	options, occ, err := m.Build()
	if err != nil {
		return nil, err
	}
	return &engine.Ready{
		Protocol: engine.Protocol, GmshVersion: gmsh.Version, OCCVersion: occ, BuildOptions: options,
		EngineVersion: mesher.EngineVersion(), RSS: residentBytes(),
	}, nil
}

// loop is the engine's end of the protocol.
type loop struct {
	mu       sync.Mutex // messages come from several goroutines
	messages *os.File
	idle     *idler
	log      []engine.LogLine // lines that wait for more
}

// gather is how long lines of the log wait for more, unless another message comes: each message wakes the worker, on a
// processor that may have a mesh to make. What tells of trouble does not wait; a crash may be next.
const gather = 20 * time.Millisecond

// note sends a line of the log soon.
func (e *loop) note(l engine.LogLine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.log = append(e.log, l)
	switch {
	case l.Level != string(gmsh.Info) && l.Level != string(gmsh.Debug):
		e.write()
	case len(e.log) == 1:
		time.AfterFunc(gather, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.write()
		})
	}
}

// read hands on requests, and what is to be dropped, until the pipe ends, and then ends the process.
func (e *loop) read(from io.Reader, queue chan<- engine.Request, drop func(id string)) {
	lines := bufio.NewScanner(from)
	lines.Buffer(make([]byte, 64<<10), engine.MaxLine)
	for lines.Scan() {
		var req engine.Request
		if err := json.Unmarshal(lines.Bytes(), &req); err != nil {
			e.send(engine.Message{Type: engine.TypeResult, Result: &engine.Result{
				Error: diagnosis.New(diagnosis.Internal, "the engine did not understand the request").WithDetail(err.Error()),
			}})
			continue
		}
		if req.Kind == engine.Drop {
			drop(req.ID)
			continue
		}
		queue <- req
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "engine: read a request:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// send writes one message as a line, after what waits.
func (e *loop) send(m engine.Message) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.write(m)
}

// write writes what waits and then the messages, in one call: each wakes the worker. Where it cannot, nobody listens any more. The lock is
// held.
func (e *loop) write(messages ...engine.Message) {
	if len(e.log) > 0 {
		messages = append([]engine.Message{{Type: engine.TypeLog, Log: e.log}}, messages...)
		e.log = nil
	}
	var lines []byte
	for _, m := range messages {
		line, err := engine.Encode(m)
		if err != nil {
			// a NaN in a report, say: the worker has to hear of the end of its request all the same
			line, _ = engine.Encode(failure(m, err))
		}
		lines = append(lines, line...)
	}
	if len(lines) == 0 {
		return
	}
	if _, err := e.messages.Write(lines); err != nil {
		fmt.Fprintln(os.Stderr, "engine: write a message:", err)
		os.Exit(1)
	}
}

// failure replaces a message that could not be encoded.
func failure(m engine.Message, err error) engine.Message {
	if m.Type != engine.TypeResult {
		return engine.Message{Type: engine.TypeLog, Log: []engine.LogLine{{Level: "error", Text: err.Error()}}}
	}
	return engine.Message{Type: engine.TypeResult, Result: &engine.Result{
		ID: m.Result.ID, Tidies: m.Result.Tidies, Rest: engine.Rest{Tainted: true},
		Error: diagnosis.New(diagnosis.Internal, "the engine's answer could not be written").WithDetail(err.Error()),
	}}
}

// serve does one request and answers it.
func (e *loop) serve(m *mesher.Mesher, req engine.Request) {
	if req.Kind == engine.Speculate {
		e.idle.do(func() { e.answer(m, req) })
		return
	}
	e.answer(m, req)
}

// answer does a request. Who waits for a mesh need not wait until the engine has tidied. What an import keeps has to be there when it is told, for those who wait for
// it to mesh the part, and for a speculation nobody waits.
func (e *loop) answer(m *mesher.Mesher, req engine.Request) {
	result := e.do(m, req)
	switch {
	case result.Tainted:
		result.RSS = residentBytes()
	case req.Kind == engine.Mesh || req.Kind == engine.Export:
		result.Tidies = true
		noteStage("tidying")
		e.send(engine.Message{Type: engine.TypeResult, Result: &result})
		rest := tidy(m)
		noteStage("idle")
		e.send(engine.Message{Type: engine.TypeRest, Rest: &rest})
		return
	default:
		result.Rest = tidy(m)
	}
	noteStage("idle")
	e.send(engine.Message{Type: engine.TypeResult, Result: &result})
}

// do runs a request; a panic is its failure, and the end of trust in this process.
func (e *loop) do(m *mesher.Mesher, req engine.Request) (result engine.Result) {
	defer func() {
		if cause := recover(); cause != nil {
			result = engine.Result{ID: req.ID, Rest: engine.Rest{Tainted: true}, Error: diagnosis.New(diagnosis.Internal, "the engine met a bug of its own").
				WithDetail(panicked(cause))}
		}
	}()
	return m.Run(req, withFaults(&events{e}, e, req))
}

// tidy has the mesher put away what it keeps, and says what is left.
func tidy(m *mesher.Mesher) (rest engine.Rest) {
	defer func() {
		if cause := recover(); cause != nil {
			rest = engine.Rest{RSS: residentBytes(), Tainted: true, Why: panicked(cause)}
		}
	}()
	m.Tidy()
	return engine.Rest{RSS: residentBytes(), Kept: m.Kept(), LostGPU: m.Lost()}
}

func panicked(cause any) string { return fmt.Sprintf("panic: %v\n%s", cause, debug.Stack()) }

// events sends what a mesher tells.
type events struct{ *loop }

func (e *events) Stage(s engine.StageEvent) {
	noteStage(string(s.Stage))
	e.send(engine.Message{Type: engine.TypeStage, Stage: &s})
}

func (e *events) Log(l engine.LogLine) { e.note(l) }

func (e *events) Artifact(a engine.Artifact) {
	e.send(engine.Message{Type: engine.TypeArtifact, Artifact: &a})
}

// residentBytes returns the resident memory of this process.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var total, resident int64
	if _, err := fmt.Sscan(string(text), &total, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}

// LockMainThread keeps the calling goroutine on its thread. Called first thing in an init function of main, that is the
// thread whose stack the system lets grow.
func LockMainThread() { runtime.LockOSThread() }
