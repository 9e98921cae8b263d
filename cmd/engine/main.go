// Command engine is the process that meshes. A worker starts it, keeps it warm, and kills it; see internal/engine for how
// they speak and internal/engine/serve for what it does.
package main

import (
	"errors"
	"fmt"
	"os"
	"time"

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
		fmt.Fprintf(os.Stderr, "engine: unknown argument %q; the only one is --version\n", os.Args[1])
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

func run(started time.Time) error {
	if err := serve.FixEnvironment(); err != nil {
		return err
	}
	return serve.Run(started)
}
