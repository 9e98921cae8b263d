//go:build !cuda

package field

// ptx is what a GPU would run.
const ptx = ""
