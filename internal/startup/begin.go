package startup

import (
	"os"
	"runtime/debug"

	"meshgen/internal/timerslack"
)

// gcPercent lets garbage grow to four times of what lives, which is some MB in these processes: collecting it was a tenth of a worker's
// processor time. GOGC says otherwise, and GOMEMLIMIT bounds it.
const gcPercent = 400

// Begin is the first thing that a process does which is there to stay. It may execute the process once more (see timerslack).
func Begin() {
	_ = timerslack.Widen() // without, all works and costs more
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}
