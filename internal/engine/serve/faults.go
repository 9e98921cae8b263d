//go:build faults

package serve

/*
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void faultSegv(void) {
  // strlen of no string, so that the crash lies in a library, as those of OpenCASCADE do
  const char *volatile none = (const char *)8;
  volatile size_t n = strlen(none);
  (void)n;
}

static void faultAbort(const char *words) {
  fputs(words, stderr);
  abort();
}

static void faultHang(void) {
  volatile unsigned long n = 0;
  for(;;) n++;
}

// grows by step bytes each millisecond up to limit, all of it touched, and then hangs
static void faultAlloc(size_t step, size_t limit) {
  struct timespec pause = {0, 1000000};
  for(size_t total = 0; total < limit; total += step) {
    char *block = malloc(step);
    if(block == NULL) break;
    memset(block, 1, step);
    nanosleep(&pause, NULL);
  }
  faultHang();
}

static void faultSleep(void) {
  struct timespec pause = {3600, 0};
  for(;;) nanosleep(&pause, NULL);
}
*/
import "C"

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync"

	"meshgen/internal/engine"
	"meshgen/internal/mesher"
)

// This file is in engines built with the tag faults only. Such an engine fails on command, really: tests of what stands
// above it (pool, worker) have no other way to have a crash in the middle of a job.
//
// The command is in the file to be meshed, anywhere in its first 4096 bytes, in a comment or a header string say, so that
// a good STEP file can carry it through every check before:
//
//	MESHGEN-FAULT <fault> [<stage> [<strategy>]]
//
// The fault strikes when the engine enters the stage (import if none is named), and, where a strategy is named, only in
// requests for that strategy. A request of the kind "fault:<fault>" needs no file and fails at once.
//
//	segv      a segmentation fault in C
//	abort     last words on stderr, then abort()
//	hang      an endless loop in C
//	sleep     as hang, without using the processor
//	alloc     memory that grows by 16 MiB a millisecond, really used, up to 8 GiB; then as hang
//	exit      the end of the process with status 0, without a word
//	panic     a panic in Go
//	garbage   a line that is no message; the request goes on
//	flood     a line longer than the protocol allows; the request goes on
//	stranger  the result of a request that nobody sent; the request goes on
//	escape    all that might lead out of the sandbox, with a log line of what came of each; the request goes on
//	open      (as a kind only) the file is opened by Gmsh as its name says, as if nobody had looked at it before
//	chatter   a thousand lines on stdout and stderr; the request goes on
const faultMark = "MESHGEN-FAULT "

type faults struct {
	mesher.Events
	loop  *loop
	fault string
	stage engine.Stage
	once  sync.Once
}

func withFaults(events mesher.Events, e *loop, req engine.Request) mesher.Events {
	if req.Kind == "fault:open" {
		if code := openBlindly(req.Source.Path); code < 0 {
			panic("this engine has no gmshOpen")
		}
		return events
	}
	if fault, ok := strings.CutPrefix(string(req.Kind), "fault:"); ok {
		e.strike(fault)
		return events
	}
	words := commanded(req.Source.Path)
	if len(words) == 0 || len(words) > 2 && words[2] != req.Spec.Strategy {
		return events
	}
	stage := engine.StageImport
	if len(words) > 1 {
		stage = engine.Stage(words[1])
	}
	return &faults{Events: events, loop: e, fault: words[0], stage: stage}
}

// commanded returns the words after the mark.
func commanded(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head, _ := io.ReadAll(io.LimitReader(f, 4096))
	_, command, found := bytes.Cut(head, []byte(faultMark))
	if !found {
		return nil
	}
	if end := bytes.IndexAny(command, "'\"*\r\n"); end >= 0 {
		command = command[:end]
	}
	return strings.Fields(string(command))
}

func (f *faults) Stage(s engine.StageEvent) {
	f.Events.Stage(s)
	if s.Stage == f.stage {
		f.once.Do(func() { f.loop.strike(f.fault) })
	}
}

func (e *loop) raw(text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.write()
	if _, err := io.WriteString(e.messages, text); err != nil {
		os.Exit(1)
	}
}

func (e *loop) strike(fault string) {
	switch fault {
	case "segv":
		C.faultSegv()
	case "abort":
		C.faultAbort(C.CString("terminate called after throwing an instance of 'Fault'\n  what():  a fault was asked for\n"))
	case "hang":
		C.faultHang()
	case "sleep":
		C.faultSleep()
	case "alloc":
		C.faultAlloc(16<<20, 8<<30)
	case "exit":
		os.Exit(0)
	case "panic":
		panic("a fault was asked for")
	case "garbage":
		e.raw("\x00\xff{\"type\":\"res\n")
	case "flood":
		e.raw(strings.Repeat("x", engine.MaxLine+1) + "\n")
	case "stranger":
		e.send(engine.Message{Type: engine.TypeResult, Result: &engine.Result{ID: "nobody"}})
	case "escape":
		e.escape()
	case "chatter":
		for range 500 {
			os.Stdout.WriteString("chatter on stdout\n")
			os.Stderr.WriteString("chatter on stderr\n")
		}
	default:
		panic("unknown fault " + fault)
	}
}
