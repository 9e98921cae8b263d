package engine

// Straightened says what was done about curved elements that turned inside out, or nearly so.
type Straightened struct {
	Elements  int             `json:"elements" doc:"elements that were straightened in part, or altogether"`
	Boundary  int             `json:"boundary" doc:"nodes of the boundary that left the CAD for it"`
	Deviation float64         `json:"deviation" doc:"how far the farthest of these went, in the geometry's units"`
	Places    []StraightPlace `json:"places,omitempty" doc:"where these are, the farthest of each neighbourhood first"`
}

// StraightPlace is where the boundary was straightened.
type StraightPlace struct {
	Dim       int        `json:"dim" doc:"of the entity: 1 curve, 2 face"`
	Tag       int        `json:"tag" doc:"number of the entity"`
	Point     [3]float64 `json:"point" doc:"place on the CAD, in the geometry's units"`
	Deviation float64    `json:"deviation" doc:"how far from it the mesh is"`
}
