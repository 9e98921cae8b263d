//go:build !cuda

package lattice

// ptx is what a GPU would run.
const ptx = ""
