package plan

import (
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// Try is a rung that is about to be run.
type Try struct {
	Rung
	Number int                 // how many were tried before it
	Limit  time.Duration       // of the time that all rungs share, what this one may take
	Tried  []diagnosis.Attempt // what failed before it, in order
}

// Climb tries rung after rung until one succeeds, none that is left can help or the time is over, and returns the last
// result; one that failed says what was tried. run runs one rung: a failure of the work is in its result, however the engine
// ended, while an error ends the climb (the job was canceled, a disk is full). limit is for all rungs together; that a
// rung keeps to its part of it is for run to see to.
func Climb(rungs []Rung, limit time.Duration, run func(Try) (engine.Result, error)) (engine.Result, error) {
	deadline := time.Now().Add(limit)
	var tried []diagnosis.Attempt
	for at := 0; ; {
		left := time.Until(deadline)
		try := Try{Rung: rungs[at], Number: len(tried), Limit: left, Tried: tried}
		if len(tried) == 0 {
			try.Limit, left = limit, limit
		}
		if mayFollow(rungs, at) {
			try.Limit = time.Duration(try.Share * float64(left))
		}
		began := time.Now()
		result, err := run(try)
		if err != nil || result.Error == nil {
			return result, err
		}
		tried = append(tried, diagnosis.Attempt{
			Strategy: try.Name, Error: result.Error.Error(), Seconds: engine.Seconds(time.Since(began)),
		})
		result.Error.Tried = tried
		next, ok := Next(rungs, at, result.Error.Code)
		if !ok || time.Until(deadline) <= 0 {
			return result, nil
		}
		at = next
	}
}

// mayFollow reports whether another rung could be tried if this one took too long: only then is time kept for it.
func mayFollow(rungs []Rung, at int) bool {
	_, ok := Next(rungs, at, diagnosis.TimeLimit)
	return ok
}
