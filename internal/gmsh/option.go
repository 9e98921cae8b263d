package gmsh

/*
#include <gmshc.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// SetNumber sets a numerical option, such as "Mesh.MeshSizeMax".
func SetNumber(name string, value float64) error {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	var code C.int
	C.gmshOptionSetNumber(cname, C.double(value), &code)
	if err := check("option.setNumber", code); err != nil {
		return fmt.Errorf("set %s to %g: %w", name, value, err)
	}
	return nil
}

// Number returns a numerical option.
func Number(name string) (float64, error) {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	var value C.double
	var code C.int
	C.gmshOptionGetNumber(cname, &value, &code)
	if err := check("option.getNumber", code); err != nil {
		return 0, fmt.Errorf("get %s: %w", name, err)
	}
	return float64(value), nil
}

// String returns a string option, such as "General.BuildOptions".
func String(name string) (string, error) {
	cname := C.CString(name)
	defer C.free(unsafe.Pointer(cname))
	var value *C.char
	var code C.int
	C.gmshOptionGetString(cname, &value, &code)
	if err := check("option.getString", code); err != nil {
		return "", fmt.Errorf("get %s: %w", name, err)
	}
	return takeString(value), nil
}

// RestoreDefaults sets every option to its default. That includes General.Terminal, which is 0 by default: set it again
// for Capture to hear anything.
func RestoreDefaults() error {
	var code C.int
	C.gmshOptionRestoreDefaults(&code)
	return check("option.restoreDefaults", code)
}
