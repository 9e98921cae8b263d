package serve

/*
#include "crash.h"
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// guardCrashes makes a crash in C code end the process by its signal, with last words on stderr: see crash.c.
func guardCrashes() error {
	if code, err := C.crashGuard(); code != 0 {
		return fmt.Errorf("take over crash signals: %w", err)
	}
	return nil
}

// noteStage keeps what the engine is doing for its last words.
func noteStage(stage string) {
	text := C.CString(stage)
	defer C.free(unsafe.Pointer(text))
	C.crashNote(text)
}
