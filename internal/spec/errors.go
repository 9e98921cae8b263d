package spec

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// FieldError is what is wrong with one field.
type FieldError struct {
	Path    string // of the field, such as size.max or refine[2].box[1]
	Message string
	Value   any // as sent, if any
}

// Errors is everything that is wrong with a spec.
type Errors []FieldError

func (e Errors) Error() string {
	parts := make([]string, len(e))
	for i, f := range e {
		parts[i] = f.Path + ": " + f.Message
	}
	return "invalid mesh spec: " + strings.Join(parts, "; ")
}

// refusals collects what is wrong.
type refusals Errors

func (r *refusals) add(path string, value any, format string, args ...any) {
	*r = append(*r, FieldError{Path: path, Value: value, Message: fmt.Sprintf(format, args...)})
}

// length refuses what is no length. Zero stands for a length that was not given: it is refused where one is required.
func (r *refusals) length(path string, v float64, required bool) (given bool) {
	switch {
	case v < 0 || math.IsNaN(v) || math.IsInf(v, 0):
		r.add(path, v, "must be a positive length")
	case v == 0 && required:
		r.add(path, nil, "must be given, as a positive length")
	}
	return v > 0 && !math.IsInf(v, 0)
}

// point refuses what is not three finite numbers.
func (r *refusals) point(path string, p []float64) bool {
	if len(p) != 3 {
		r.add(path, nil, "must be a point of three coordinates")
		return false
	}
	for k, x := range p {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			r.add(index(path, k), x, "must be a finite number")
			return false
		}
	}
	return true
}

func index(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// set returns what is in a list, sorted and once each; nothing is nil. The list itself is left alone.
func set[T cmp.Ordered](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
