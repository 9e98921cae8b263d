//go:build cuda

package lattice

import "embed"

// ptx is gpu.cu, as scripts/ptx compiled it.
//
//go:embed gpu.ptx
var ptx string

// sources is what it was compiled from, as far as it is of this package.
//
//go:embed gpu.cu *.h
var sources embed.FS
