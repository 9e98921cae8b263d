package sizing

import "math"

// Growth is by how much an edge may be longer than its neighbour, where nobody says.
const Growth = 1.3

const (
	// ArcShare is how far a chord may lie from its arc by default, as a share of the solid's thickness, if fewer go around the circle
	// then; WallShare is how far it may lie from it at all: no chord cuts through a wall.
	ArcShare  = 0.005
	WallShare = 0.15
	// FewestChords go around a circle by default, however little its arc matters.
	FewestChords = 14
)

// Chords is how many edges go around a circle: at most, and at least where the arc does not matter.
type Chords struct{ Most, Fewest float64 }

// NewChords returns the rule for a number of edges around each circle.
func NewChords(circle float64) Chords { return Chords{Most: circle, Fewest: min(FewestChords, circle)} }

// Length returns how long edges may be where something has a radius: arc is the distance from the arc that does not matter, 0
// where all of it does, and wall the one that must not be exceeded.
func (c Chords) Length(radius, arc, wall float64) float64 {
	length := 2 * math.Pi * radius / c.Most
	if arc > 0 {
		length = min(max(length, math.Sqrt(8*radius*arc)), 2*math.Pi*radius/c.Fewest)
	}
	return min(length, math.Sqrt(8*radius*wall))
}
