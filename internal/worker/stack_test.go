package worker

import (
	"runtime/debug"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
)

// moved reports whether the stack that it runs on is another after do.
//
//go:noinline
func moved(do func()) bool {
	var here byte
	before := uintptr(unsafe.Pointer(&here))
	do()
	return uintptr(unsafe.Pointer(&here)) != before
}

// inNew runs f on the stack of a new goroutine.
func inNew(f func() bool) bool {
	done := make(chan bool)
	go func() { done <- f() }()
	return <-done
}

func TestWiden_GivesAGoroutineAllTheStackThatStoringAFileTakes(t *testing.T) {
	r := newRun(t)
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection makes stacks smaller
	send := func(name string) func() {
		a := r.artifact(t, name, strings.Repeat("mesh", 1000))
		return func() {
			_, err := r.uploads.send(engine.Artifact{Name: a.Name, Format: a.Format, Path: a.Path}, whole, nil, newSending())
			require.NoError(t, err)
		}
	}
	first, plain, wide := send("first.msh"), send("plain.msh"), send("wide.msh")
	first() // connects
	require.True(t, inNew(func() bool { return moved(plain) }), "a stack that nobody made wider")
	require.False(t, inNew(func() bool { widen(); return moved(wide) }))
}
