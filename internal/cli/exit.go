package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/spec"
)

// The exit codes. They are documented in docs/cli.md and do not change.
const (
	exitOK          = 0
	exitInternal    = 1 // our fault, or something nobody foresaw
	exitUsage       = 2 // the command line, or a file that it names, is wrong
	exitRefused     = 3 // the input or the spec cannot be used as it is
	exitFailed      = 4 // the mesher could not do it
	exitUnreachable = 5 // the service is away or not well; later may do
	exitCanceled    = 6 // somebody canceled it
	exitSignal      = 128
)

// usageError is a command line that makes no sense.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// canceledError is the end of work that somebody canceled.
type canceledError struct{ id string }

func (e *canceledError) Error() string { return e.id + " was canceled" }

// interrupted is the cause of a context that a signal ended.
type interrupted struct{ signal syscall.Signal }

func (e *interrupted) Error() string { return "interrupted" }

// told is an error that the user has been told.
type told struct{ error }

func (t told) Unwrap() error { return t.error }

// subjectError says what an error is about: a file, an id.
type subjectError struct {
	subject string
	err     error
}

func (e *subjectError) Error() string { return e.subject + ": " + e.err.Error() }
func (e *subjectError) Unwrap() error { return e.err }

// about names what an error is about, unless something closer to it did.
func about(subject string, err error) error {
	if _, ok := errors.AsType[*subjectError](err); ok || err == nil {
		return err
	}
	return &subjectError{shown(subject), err}
}

// exitCode sorts an error into the documented codes.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if e, ok := errors.AsType[*interrupted](err); ok {
		return exitSignal + int(e.signal)
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*canceledError](err); ok {
		return exitCanceled
	}
	if _, ok := errors.AsType[spec.Errors](err); ok {
		return exitRefused
	}
	if d, ok := errors.AsType[*diagnosis.Diagnosis](err); ok {
		return diagnosisExit(d.Code)
	}
	if p, ok := errors.AsType[*client.Problem](err); ok {
		return problemExit(p)
	}
	if client.IsTemporary(err) || errors.Is(err, errNotWell) {
		return exitUnreachable
	}
	return exitInternal
}

// diagnosisExit tells what the user has to change (the input), from what the mesher could not do, from our own faults.
func diagnosisExit(code diagnosis.Code) int {
	switch code {
	case diagnosis.SurfaceMeshingFailed, diagnosis.BoundaryRecoveryFailed, diagnosis.QualityBelowThreshold,
		diagnosis.OutOfMemory, diagnosis.TimeLimit, diagnosis.EngineCrashed:
		return exitFailed
	case diagnosis.Internal:
		return exitInternal
	}
	return exitRefused
}

func problemExit(p *client.Problem) int {
	switch {
	case p.Diagnosis != nil:
		return diagnosisExit(p.Diagnosis.Code)
	case p.Code == types.CodeCanceled:
		return exitCanceled
	case client.IsTemporary(p):
		return exitUnreachable
	case p.Code == client.CodeNotMeshgen || p.Status >= http.StatusInternalServerError:
		return exitInternal
	}
	return exitRefused
}

// interruptible returns a context that the first Ctrl-C (or SIGTERM, SIGHUP) ends, so that what was begun can be taken
// back. The second one ends the process there and then; engines die with it.
func interruptible(parent context.Context, err screen) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			cancel(&interrupted{s.(syscall.Signal)})
		case <-done:
			return
		}
		select {
		case s := <-signals:
			if err.canRedraw() {
				err.write("\n")
			}
			os.Exit(exitSignal + int(s.(syscall.Signal)))
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}
