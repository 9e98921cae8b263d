// Package times summarises durations, as the tables of benchmarks show them.
package times

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Quantile returns a quantile by the nearest rank, 0 of nothing.
func Quantile[T cmp.Ordered](v []T, q float64) T {
	if len(v) == 0 {
		var none T
		return none
	}
	s := slices.Sorted(slices.Values(v))
	return s[max(0, int(math.Ceil(q*float64(len(s))))-1)]
}

// Median returns the middle one.
func Median[T cmp.Ordered](v []T) T { return Quantile(v, 0.5) }

// Milliseconds writes a duration in ms, with one digit behind the point.
func Milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond))
}
