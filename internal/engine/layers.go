package engine

// LayerReport says what became of the boundary layers that one entry of the spec's "layers" asked for.
type LayerReport struct {
	Groups   []string `json:"groups" doc:"the groups of faces that are the wall"`
	Count    int      `json:"count" doc:"layers asked for"`
	Faces    int      `json:"faces" doc:"mesh faces of the wall"`
	Complete int      `json:"complete" doc:"mesh faces that carry all layers, if thinner ones"`
	Shrunk   int      `json:"shrunk" doc:"of these, faces whose layers are thinner than 95 % of what was asked for"`
	Dropped  int      `json:"dropped" doc:"mesh faces that carry none, or layers that end on them"`
	Share    float64  `json:"share" doc:"complete / faces"`
	// FirstHeight and Thickness are over the faces that carry all layers, at right angles to them.
	FirstHeight Bounds       `json:"first_height" doc:"height of the prisms at the wall, in the geometry's units"`
	Thickness   Bounds       `json:"thickness" doc:"height of all layers together"`
	Places      []LayerPlace `json:"places,omitempty" doc:"where layers were shrunk or dropped, the worst of each neighbourhood"`
}

// LayerPlace is where layers could not be as thick as asked for.
type LayerPlace struct {
	Point [3]float64 `json:"point" doc:"a place on the wall, in the geometry's units"`
	Share float64    `json:"share" doc:"of the thickness asked for; 0 where layers were dropped"`
}
