//go:build !cuda

package lattice

import "embed"

// ptx is what a GPU would run.
const ptx = ""

// sources is what it would be compiled from.
var sources embed.FS
