//go:build !faults

package serve

import (
	"meshgen/internal/engine"
	"meshgen/internal/mesher"
)

// withFaults is the seam at which a build with the tag faults makes this engine fail: see faults.go. Here it does nothing.
func withFaults(events mesher.Events, _ *loop, _ engine.Request) mesher.Events { return events }
