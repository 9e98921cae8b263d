package worker

// roomy is how much stack a goroutine has after widen, of which storing a file takes the most: the SDK of S3 has a function for each thing
// that it adds to a request, each called by the one before.
const roomy = 40 << 10

// widen has the stack of a new goroutine grow at once, and while nothing is on it. Else it grows in the depth of the first call, five times
// over, and each time all that is on it is copied and each pointer into it mended.
//
//go:noinline
func widen() {
	var room [roomy]byte
	use(&room)
}

//go:noinline
func use(*[roomy]byte) {}
