package main

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"meshgen/bench/service"
)

const (
	// pause lies between two looks at the processes that are waited for.
	pause = 50 * time.Millisecond
	// still is what they use in a pause when all that was asked of them is done: workers and servers look now and then whether there is more to do.
	still = time.Millisecond
	// looks is how often they are looked at before they count as busy for good.
	looks = int(30 * time.Second / pause)
)

// meter tells what work costs, in processor time: all who do it, and this program, which asks for it.
type meter struct {
	used   func() []service.Used
	before []service.Used
	own    time.Duration
}

// startMeter begins. Its looks at processes, which this program uses time for, are not of what it asks for.
func startMeter(used func() []service.Used) meter {
	m := meter{used: used, before: used()}
	m.own = ownTime()
	return m
}

// stop returns what was used since the start, once all who do the work are done with what they do after they have told of the result: it is of this
// work, and is not to take time from what comes next.
func (m meter) stop() ([]service.Used, error) {
	own := ownTime() - m.own
	after, err := settled(m.used, func() { time.Sleep(pause) })
	if err != nil {
		return nil, err
	}
	return append(service.Since(m.before, after), service.Used{Name: "who asks", Time: own}), nil
}

// settled returns what was used by when it hardly becomes more in a pause.
func settled(used func() []service.Used, wait func()) ([]service.Used, error) {
	last := used()
	for range looks {
		wait()
		now := used()
		if more := total(service.Since(last, now)); -still < more && more < still { // a server's process that ends is counted anew, by ticks
			return now, nil
		}
		last = now
	}
	return nil, errors.New("there is no end to what is done after a result")
}

// ownTime is the processor time of this program.
func ownTime() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		panic(fmt.Sprintf("clock of this process: %v", err)) // every Linux has it
	}
	return time.Duration(t.Nano())
}
