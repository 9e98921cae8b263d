//go:build !cuda

package field

import "embed"

// ptx is what a GPU would run.
const ptx = ""

// sources is what it would be compiled from.
var sources embed.FS
