package gmsh

// #include <gmshc.h>
import "C"

// LastError returns the last error that Gmsh logged, if any.
func LastError() string {
	var message *C.char
	var code C.int
	C.gmshLoggerGetLastError(&message, &code)
	if code != 0 {
		return ""
	}
	return takeString(message)
}
