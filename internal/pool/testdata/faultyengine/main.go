// Command faultyengine speaks the protocol of engines and meshes nothing. It does what an engine should never do, on
// request: the Formats of a request are the steps that it takes, such as "stages:3", "abort" or "hang". How it starts is
// in the file beside it whose name is its own and ".start": nothing for a good start, else one of the cases of start.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"meshgen/internal/engine"
)

var messages = os.NewFile(engine.MessageFD, "messages")

func main() {
	start()
	for {
		if req := read(); req.Kind != engine.Drop { // of what is over
			serve(req)
		}
	}
}

var requests = bufio.NewReader(os.NewFile(engine.RequestFD, "requests"))

func read() (req engine.Request) {
	line, err := requests.ReadBytes('\n')
	if err != nil {
		os.Exit(0)
	}
	if err := json.Unmarshal(line, &req); err != nil {
		panic(err)
	}
	return req
}

func start() {
	how, _ := os.ReadFile(os.Args[0] + ".start")
	ready := engine.Ready{Protocol: engine.Protocol, GmshVersion: "4.15.2", EngineVersion: "faulty"}
	switch string(how) {
	case "die":
		fmt.Fprintln(os.Stderr, "loading")
		fmt.Fprintln(os.Stderr, "engine: error while loading shared libraries: libgmsh.so.4.15: cannot open shared object file")
		os.Exit(127)
	case "mute":
		fmt.Fprintln(os.Stderr, "waiting for a licence")
		hang()
	case "garbage":
		fmt.Fprintln(messages, "Welcome to Gmsh")
		hang()
	case "old":
		ready.Protocol = 0
	case "die-idle":
		say(engine.Message{Type: engine.TypeReady, Ready: &ready})
		os.Exit(3)
	}
	say(engine.Message{Type: engine.TypeReady, Ready: &ready})
}

var kept []engine.Kept

func serve(req engine.Request) {
	result := engine.Result{ID: req.ID}
	for _, step := range req.Formats {
		verb, arg, _ := strings.Cut(step, ":")
		n, _ := strconv.Atoi(arg)
		switch verb {
		case "stages":
			for i := range n {
				stage(i, n)
			}
		case "stage": // by its name
			say(engine.Message{Type: engine.TypeStage, Stage: &engine.StageEvent{Stage: engine.Stage(arg)}})
		case "until": // there is a file
			for {
				if _, err := os.Stat(arg); err == nil {
					break
				}
				time.Sleep(time.Millisecond)
			}
		case "until-dropped":
			if drop := read(); drop.Kind != engine.Drop || drop.ID != req.ID {
				panic(fmt.Sprintf("%s is no end of %s", drop.ID, req.ID))
			}
			result.Dropped = true
		case "used-ahead":
			result.Speculated = true
		case "interleave": // a printed line before each message
			for i := range n {
				fmt.Println("line", i)
				stage(i, n)
			}
		case "print":
			fmt.Print(arg)
		case "complain":
			fmt.Fprintln(os.Stderr, arg)
		case "flood":
			os.Stdout.WriteString(strings.Repeat("x", n))
		case "write", "symlink", "fifo", "mkdir": // something in the request's folder: <name>=<content or target>
			name, content, _ := strings.Cut(arg, "=")
			leave(verb, filepath.Join(req.Dir, name), content)
		case "source": // what the engine sees of the source
			content, err := os.ReadFile(req.Source.Path)
			log(fmt.Sprint(filepath.Base(filepath.Dir(req.Source.Path)), "/", filepath.Base(req.Source.Path), " ", string(content), err))
		case "litter":
			leave("write", filepath.Join(os.Getenv("TMPDIR"), "litter"), "")
		case "look": // what there is on the desk
			found, _ := filepath.Glob("*/*")
			log(strings.Join(found, " "))
		case "artifact":
			say(engine.Message{Type: engine.TypeArtifact, Artifact: &engine.Artifact{Name: "mesh.msh", Path: arg}})
		case "describe":
			describe()
		case "tidy": // answer, and take what follows for what is done then
			result.Tidies, result.Kept = true, kept
			say(engine.Message{Type: engine.TypeResult, Result: &result})
		case "rest":
			say(engine.Message{Type: engine.TypeRest, Rest: &engine.Rest{}})
		case "lost-gpu":
			result.LostGPU = true
		case "tainted":
			result.Tainted = true
		case "keep": // a part of so many bytes, by the name of the request's source
			kept = append(kept, engine.Kept{SHA256: req.Source.SHA256, Format: req.Source.Format, Bytes: int64(n)})
		case "rss":
			result.RSS = int64(n)
		case "allocate":
			allocate(n)
		case "grandchild":
			child := exec.Command("/bin/sleep", "1000")
			child.Stdout, child.Stderr = os.Stdout, os.Stderr
			if arg == "own-session" { // leaves the group, and keeps the pipes open
				child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			}
			if err := child.Start(); err != nil {
				panic(err)
			}
			log(strconv.Itoa(child.Process.Pid))
		case "ignore-signals":
			signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		default:
			fail(verb, arg, n, req)
		}
	}
	result.Kept = kept
	if result.Tidies {
		say(engine.Message{Type: engine.TypeRest, Rest: &result.Rest})
	} else {
		say(engine.Message{Type: engine.TypeResult, Result: &result})
	}
	for _, step := range req.Formats {
		if step == "die-after" {
			os.Exit(4)
		}
	}
}

// fail takes a step after which there is no result.
func fail(verb, arg string, n int, req engine.Request) {
	switch verb {
	case "die-after":
	case "hang":
		hang()
	case "exit":
		os.Exit(n)
	case "die-of": // of a true signal, which Go's runtime would catch
		if err := syscall.Exec("/bin/sh", []string{"sh", "-c", "kill -" + arg + " $$"}, nil); err != nil {
			panic(err)
		}
	case "die-once": // of SIGKILL, without a word; the next engine goes on
		if os.Mkdir(os.Args[0]+".died", 0o700) == nil {
			fail("die-of", "KILL", 0, req)
		}
	case "abort":
		fmt.Fprint(os.Stderr, "terminate called after throwing an instance of 'Standard_NullObject'\n  what():  BRep_Tool: no curve\n")
		fail("die-of", "ABRT", 0, req)
	case "segfault": // as Go's runtime tells it
		*(*int)(nil) = 1
	case "bad-alloc":
		fmt.Fprint(os.Stderr, "terminate called after throwing an instance of 'std::bad_alloc'\n")
		fail("die-of", "ABRT", 0, req)
	case "raw": // anything on the message pipe
		fmt.Fprint(messages, arg, "\n")
	case "long-line":
		chunk := strings.Repeat("x", 1<<20)
		for range engine.MaxLine/len(chunk) + 1 {
			if _, err := messages.WriteString(chunk); err != nil {
				hang()
			}
		}
		hang()
	case "result-of":
		say(engine.Message{Type: engine.TypeResult, Result: &engine.Result{ID: arg}})
	case "two-results":
		one, _ := engine.Encode(engine.Message{Type: engine.TypeResult, Result: &engine.Result{ID: req.ID}})
		messages.Write(append(one, one...))
	case "close-messages":
		messages.Close()
		hang()
	default:
		panic("faultyengine: unknown step " + verb)
	}
}

func stage(i, n int) {
	say(engine.Message{Type: engine.TypeStage, Stage: &engine.StageEvent{
		Stage: engine.Stage1D, Progress: float64(i) / float64(n), Detail: strconv.Itoa(i),
	}})
}

func log(text string) {
	say(engine.Message{Type: engine.TypeLog, Log: []engine.LogLine{{Level: "info", Text: text}}})
}

func say(m engine.Message) {
	line, err := engine.Encode(m)
	if err != nil {
		panic(err)
	}
	if _, err := messages.Write(line); err != nil {
		os.Exit(5)
	}
}

// hang never returns, and uses no CPU. (A plain select{} would be found out as a deadlock.)
func hang() {
	for {
		syscall.Pause()
	}
}

var held [][]byte

// allocate takes n bytes, and touches them.
func allocate(n int) {
	const chunk = 1 << 20
	for range n / chunk {
		b := make([]byte, chunk)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		held = append(held, b)
	}
	runtime.KeepAlive(held)
}

// describe logs what the engine was given: environment, folder, descriptors, limits.
func leave(what, path, content string) {
	var err error
	switch what {
	case "write":
		err = os.WriteFile(path, []byte(content), 0o600)
	case "symlink":
		err = os.Symlink(content, path)
	case "fifo":
		err = syscall.Mkfifo(path, 0o600)
	case "mkdir":
		err = os.Mkdir(path, 0o700)
	}
	if err != nil {
		panic(err)
	}
}

func describe() {
	dir, _ := os.Getwd()
	log("cwd=" + dir)
	for _, v := range os.Environ() {
		log("env " + v)
	}
	fds, _ := filepath.Glob("/proc/self/fd/*")
	for _, fd := range fds {
		target, _ := os.Readlink(fd)
		log("fd " + filepath.Base(fd) + " " + target)
	}
	var core, file syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_FSIZE, &file)
	log(fmt.Sprint("fsize=", file.Cur))
	syscall.Getrlimit(syscall.RLIMIT_CORE, &core)
	log(fmt.Sprintf("core=%d", core.Cur))
	score, _ := os.ReadFile("/proc/self/oom_score_adj")
	log("oom_score_adj=" + strings.TrimSpace(string(score)))
}
