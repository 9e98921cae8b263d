package pool

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"meshgen/internal/diagnosis"
)

// What can end a request other than its result and the context's end. Diagnose puts them into words for a user.
var (
	ErrTimeLimit   = errors.New("time limit reached")
	ErrMemoryLimit = errors.New("memory limit reached")
	ErrProtocol    = errors.New("engine broke the protocol")
	ErrUnavailable = errors.New("no engine can be started")
	ErrClosed      = errors.New("engine pool is closed")
	// ErrNotIdle and ErrWanted are for requests with Limits.Idle: all engines are needed, or have become so.
	ErrNotIdle = errors.New("no engine is idle")
	ErrWanted  = errors.New("the engine was taken back for another request")
	// ErrStartTimeout is why an engine that was alive but never ready was killed.
	ErrStartTimeout = errors.New("engine was not ready in time")
)

// Died says that an engine died and the pool had not killed it.
type Died struct {
	// Signal that ended the engine; zero where it exited. An engine whose runtime catches the signal, says so on standard
	// error and exits is counted as ended by that signal.
	Signal   syscall.Signal
	ExitCode int // where it exited; -1 otherwise
	// Fatal are the lines of standard error that name the cause, such as "terminate called after throwing …".
	Fatal []string
	// Stderr is what it said last, of this request alone: some lines from the first fatal one, and the last ones.
	Stderr string
}

func (d *Died) Error() string {
	s := "engine died: " + d.manner()
	if len(d.Fatal) > 0 {
		return s + ": " + strings.Join(d.Fatal, "; ")
	}
	if d.Stderr != "" {
		return s + ": " + lastLine(d.Stderr)
	}
	return s
}

// SignalName returns the name of the signal that ended it, such as SIGSEGV, or "".
func (d *Died) SignalName() string {
	if d.Signal == 0 {
		return ""
	}
	return unix.SignalName(d.Signal)
}

func (d *Died) manner() string {
	switch {
	case d.Signal == syscall.SIGKILL:
		return "killed from outside (SIGKILL)"
	case d.Signal != 0:
		return fmt.Sprintf("%s (%s)", d.SignalName(), d.Signal)
	default:
		return fmt.Sprintf("exit status %d", d.ExitCode)
	}
}

// outOfMemory reports whether its last words say that an allocation failed.
func (d *Died) outOfMemory() bool {
	for _, line := range d.Fatal {
		if l := strings.ToLower(line); strings.Contains(l, "bad_alloc") || strings.Contains(l, "out of memory") {
			return true
		}
	}
	return false
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// Diagnose returns what an error of Run or Start means to a user; nil for nil. The end of a context is the caller's own
// doing: it is for the caller to tell it from a failure first.
func Diagnose(err error) *diagnosis.Diagnosis {
	if err == nil {
		return nil
	}
	if d, ok := errors.AsType[*diagnosis.Diagnosis](err); ok {
		return d
	}
	died, isDeath := errors.AsType[*Died](err)
	switch {
	case errors.Is(err, ErrTimeLimit):
		return diagnosis.New(diagnosis.TimeLimit, "The mesher was stopped: %s.", err)
	case errors.Is(err, ErrMemoryLimit):
		return diagnosis.New(diagnosis.OutOfMemory, "The mesher was stopped: %s.", err)
	case errors.Is(err, ErrUnavailable), errors.Is(err, ErrStartTimeout), errors.Is(err, ErrClosed):
		return diagnosis.New(diagnosis.Internal, "No mesh engine is available.").WithDetail(err.Error())
	case errors.Is(err, ErrProtocol):
		return diagnosis.New(diagnosis.Internal, "The mesh engine answered with something that is not its protocol.").WithDetail(err.Error())
	case isDeath && died.outOfMemory():
		return diagnosis.New(diagnosis.OutOfMemory, "The mesher could not get the memory it asked for.").WithDetail(died.Stderr)
	case isDeath && died.Signal != 0:
		return diagnosis.New(diagnosis.EngineCrashed, "The mesher died of %s.", died.manner()).WithDetail(died.Stderr)
	case isDeath:
		return diagnosis.New(diagnosis.EngineCrashed, "The mesher ended without an answer (%s).", died.manner()).WithDetail(died.Stderr)
	}
	return diagnosis.New(diagnosis.Internal, "The mesh could not be made.").WithDetail(err.Error())
}
