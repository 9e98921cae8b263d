package lattice

// #include "cpu.h"
import "C"

import (
	"math"
)

// Quality is what the tetrahedra of a mesh are like. Angles are in degrees.
type Quality struct {
	Volume      float64
	LeastVolume float64
	Gamma       float64 // mean of 3·inradius/circumradius: 1 for a regular tetrahedron, 0 for a flat one
	LeastGamma  float64
	Least, Most float64 // dihedral angle
	Worst       int     // the tetrahedron that has the least
}

// measured is how many tetrahedra are summed up together: sums do not depend on the threads then.
const measured = 1 << 8

// Measure returns the quality of tetrahedra.
func Measure(xyz []float64, tets []int32, threads int) Quality {
	n := len(tets) / 4
	if n == 0 {
		return Quality{}
	}
	parts := make([]C.lat_quality, (n+measured-1)/measured)
	parallel(threads, len(parts), func(first, last int) C.int {
		for i := first; i < last; i++ {
			C.lat_measure((*C.double)(&xyz[0]), (*C.i32)(&tets[0]), C.i64(i*measured), C.i64(min((i+1)*measured, n)), &parts[i])
		}
		return 0
	})
	return summed(parts, n)
}

// summed is the quality of n tetrahedra of parts.
func summed(parts []C.lat_quality, n int) Quality {
	sum := parts[0]
	for _, p := range parts[1:] {
		sum.volume += p.volume
		sum.gamma += p.gamma
		sum.least_volume = min(sum.least_volume, p.least_volume)
		sum.least_gamma = min(sum.least_gamma, p.least_gamma)
		sum.flattest = min(sum.flattest, p.flattest)
		if p.sharpest > sum.sharpest {
			sum.sharpest, sum.worst = p.sharpest, p.worst
		}
	}
	return Quality{
		Volume: float64(sum.volume), LeastVolume: float64(sum.least_volume), Gamma: float64(sum.gamma) / float64(n),
		LeastGamma: float64(sum.least_gamma), Worst: int(sum.worst),
		Least: degrees(float64(sum.sharpest)), Most: degrees(float64(sum.flattest)),
	}
}

func degrees(cosine float64) float64 { return math.Acos(max(-1, min(1, cosine))) * 180 / math.Pi }
