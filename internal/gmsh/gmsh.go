// Package gmsh is a thin binding of the part of Gmsh's C API that is used here, one file for each of its namespaces.
//
// Three habits of the library end at this door. Errors are Go errors (Error), made of the return code and the logger's
// last message. What it prints becomes lines handed over as they are printed (Capture), warnings and errors too. Its
// memory is seen as Go slices without a copy (Array) and given back with Free.
//
// Two habits cannot be ended here and are the caller's to mind. The library is one global state: one model is current,
// options outlive models, and only one goroutine at a time may call, best from one locked OS thread. And an error code of
// zero proves nothing: look at what the call was to make.
//
// A string that names a file is trusted: Gmsh decides by its extension and content how to read it, and some of these ways
// run commands. Only names that we made ourselves may come here, after the content was recognised.
package gmsh

/*
#cgo CFLAGS: -I${SRCDIR}/../../.cache/gmsh/include
#cgo LDFLAGS: -L${SRCDIR}/../../.cache/gmsh/lib -lgmsh
// Where the library is found at run time: beside bin/ in a checkout, in a container, and for test binaries, which run
// from a temporary folder, where it was linked.
#cgo LDFLAGS: -Wl,-rpath,$ORIGIN/../.cache/gmsh/lib -Wl,-rpath,/opt/gmsh/lib -Wl,-rpath,${SRCDIR}/../../.cache/gmsh/lib
#include "signals.h"
#include <gmshc.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Version is the version of the header that this package was compiled with.
const Version = C.GMSH_API_VERSION

// Error is what a call to Gmsh answered instead of a result.
type Error struct {
	Call    string // such as "mesh.generate"
	Message string // the logger's last error; may be empty
}

func (e *Error) Error() string {
	if e.Message == "" {
		return "gmsh " + e.Call + " failed"
	}
	return fmt.Sprintf("gmsh %s: %s", e.Call, e.Message)
}

// check turns a return code into an Error.
func check(call string, code C.int) error {
	if code == 0 {
		return nil
	}
	return &Error{Call: call, Message: LastError()}
}

// Initialize starts the library, without reading any configuration file: those are scripts in a user's home. It sets
// General.Terminal, so that messages are printed, where Capture finds them. Signal handlers stay as they were.
func Initialize() error {
	var code C.int
	C.initializeKeepingSignals(&code)
	return check("initialize", code)
}

// Initialized reports whether Initialize was called, and not Finalize since.
func Initialized() bool {
	var code C.int
	return C.gmshIsInitialized(&code) == 1
}

// Finalize drops every model and option, and with them the lock that a failed mesh leaves behind.
func Finalize() error {
	var code C.int
	C.finalizeKeepingSignals(&code)
	return check("finalize", code)
}

// Clear drops every model and adds an empty one. Options stay.
func Clear() error {
	var code C.int
	C.gmshClear(&code)
	return check("clear", code)
}

// Write writes the current model or mesh in the format of the path's extension.
func Write(path string) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var code C.int
	C.gmshWrite(name, &code)
	return check("write", code)
}
