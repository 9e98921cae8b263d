// Command engine is the process that meshes. A worker starts it, keeps it warm, and kills it; see internal/engine for how
// they speak and internal/engine/serve for what it does.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/engine/serve"
	"meshgen/internal/gmsh"
	"meshgen/internal/mesher"
)

func init() { serve.LockMainThread() }

func main() {
	started := time.Now()
	if len(os.Args) > 1 {
		if os.Args[1] == "--version" || os.Args[1] == "-version" {
			fmt.Printf("engine %s (Gmsh %s)\n", mesher.EngineVersion(), gmsh.Version)
			return
		}
		if os.Args[1] == engine.ProbeArgument {
			os.Exit(probe())
		}
		fmt.Fprintf(os.Stderr, "engine: unknown argument %q; there are --version and %s\n", os.Args[1], engine.ProbeArgument)
		os.Exit(2)
	}
	if err := run(started); err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		if errors.Is(err, serve.ErrByHand) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// probe says what GPU this machine has, or why none can be used.
func probe() int {
	info, err := serve.Probe()
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(info)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "engine:", err)
		return 1
	}
	return 0
}

func run(started time.Time) error {
	if err := serve.FixEnvironment(); err != nil {
		return err
	}
	return serve.Run(started)
}
