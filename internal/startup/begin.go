package startup

import "meshgen/internal/timerslack"

// ballast is memory that is there for the collector's books alone: nobody writes to it, so that it takes none of the machine's. Garbage is
// collected when there is as much as of what lives, which is some MB in these processes, so that it was collected several times a second; with
// the ballast there may be as much more. What large transfers hold alive grows by no other factor than before, and GOGC and GOMEMLIMIT mean
// what they do.
var ballast []byte

const ballastBytes = 24 << 20

// Begin is the first thing that a process does which is there to stay. It may execute the process once more (see timerslack).
func Begin() {
	_ = timerslack.Widen() // without, all works and costs more
	weigh()
}

func weigh() { ballast = make([]byte, ballastBytes) }
