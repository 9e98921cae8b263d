package machine

import "fmt"

// Processors hands out processors to what is measured at the same time: whoever has one runs all that it compares on it, one after the
// other, so that nothing it compares had more of the machine than the other.
type Processors chan int

// NewProcessors has the first n processors.
func NewProcessors(n int) Processors {
	p := make(Processors, n)
	for i := range n {
		p <- i
	}
	return p
}

// On returns the command that runs a program on one processor alone.
func On(processor int, name string, args ...string) (string, []string) {
	return "taskset", append([]string{"--cpu-list", fmt.Sprint(processor), name}, args...)
}
