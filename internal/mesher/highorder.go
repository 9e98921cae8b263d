package mesher

import (
	"fmt"
	"time"

	"meshgen/internal/curved"
	"meshgen/internal/gmsh"
)

const (
	// poorCurve is the smallest by the largest determinant of a curved element below which Gmsh's optimiser takes it on, with those around it.
	poorCurve = 0.1
	// perPoorCurve is how long that takes for one of them at the most, and curvingShare is the part of the time that is left that all may
	// take: the library cannot be asked to stop.
	perPoorCurve = 100 * time.Millisecond
	curvingShare = 0.25
)

// optimizeCurved has Gmsh move the nodes of curved elements that are inside out or nearly, and of those around them: within volumes freely, on curves and
// faces along them, so that nothing leaves the CAD. It reports whether it did. What it leaves, and what would take too
// long, as order 3 does, is straightened.
func (j *job) optimizeCurved(s *snapshot) (bool, error) {
	invalid, poor := 0, 0
	for _, b := range s.Of(3) {
		for _, ratio := range curved.Ratios(&s.Mesh, b) {
			if ratio < curved.Least {
				invalid++
			}
			if ratio < poorCurve {
				poor++
			}
		}
	}
	left := j.req.Spec.Limit() - time.Since(j.began)
	if invalid == 0 || j.req.Spec.Order > 2 || j.source.triangle != nil || time.Duration(poor)*perPoorCurve > time.Duration(curvingShare*float64(left)) {
		return false, nil
	}
	// Fewer layers of elements around each, and fewer iterations than by default: as good in every part that was tried, and quicker.
	if err := set([]option{{"Mesh.HighOrderThresholdMin", poorCurve}, {"Mesh.HighOrderNumLayers", 2}, {"Mesh.HighOrderIterMax", 30}, {"Mesh.HighOrderPassMax", 5}}); err != nil {
		return false, err
	}
	if err := gmsh.Optimize("HighOrder"); err != nil {
		return false, err
	}
	j.track.say(gmsh.Info, fmt.Sprintf("Moved the nodes of %d curved elements that were inside out or nearly, and of %d poor ones", invalid, poor-invalid))
	return true, nil
}
