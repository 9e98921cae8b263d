//go:build cuda

package field

import _ "embed"

// ptx is gpu.cu, as scripts/ptx compiled it.
//
//go:embed gpu.ptx
var ptx string
