package plan

import (
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// Try is a rung that is about to be run.
type Try struct {
	Rung
	Number int                 // of the rung, from 0
	Left   time.Duration       // of the time that all rungs share
	Tried  []diagnosis.Attempt // what failed before it, in order
}

// Climb tries rung after rung until one succeeds, the next cannot help or the time is over, and returns the last result;
// one that failed says what was tried. run runs one rung: a failure of the work is in its result, however the engine
// ended, while an error ends the climb (the job was canceled, a disk is full). limit is for all rungs together; that a
// rung keeps to what is left of it is for run to see to.
func Climb(rungs []Rung, limit time.Duration, run func(Try) (engine.Result, error)) (engine.Result, error) {
	deadline := time.Now().Add(limit)
	var tried []diagnosis.Attempt
	for try := (Try{Rung: rungs[0], Left: limit}); ; try.Number++ {
		began := time.Now()
		result, err := run(try)
		if err != nil || result.Error == nil {
			return result, err
		}
		tried = append(tried, diagnosis.Attempt{
			Strategy: try.Name, Error: result.Error.Error(), Seconds: engine.Seconds(time.Since(began)),
		})
		result.Error.Tried = tried
		next, ok := Next(rungs, try.Number, result.Error.Code)
		left := time.Until(deadline)
		if !ok || left <= 0 {
			return result, nil
		}
		try.Rung, try.Left, try.Tried = next, left, tried
	}
}
