package spec

import "slices"

// Limits of boundary layers.
const (
	MaxLayers     = 50
	MaxLayerRatio = 3

	DefaultLayers     = 5
	DefaultLayerRatio = 1.2
)

// Layer asks for a boundary layer: prisms that grow from the faces of groups into the solid.
type Layer struct {
	Groups      []string `json:"groups" minItems:"1" doc:"names of groups of faces: of groups, or of the CAD file"`
	FirstHeight float64  `json:"first_height" doc:"height of the prisms at the wall"`
	Ratio       float64  `json:"ratio,omitempty" minimum:"1" maximum:"3" doc:"how much higher each further prism is; 1.2 is the default"`
	Count       int      `json:"count,omitempty" minimum:"1" maximum:"50" doc:"number of prisms; 5 is the default"`
}

// Thickness returns the height of all prisms together.
func (l Layer) Thickness() float64 {
	sum, height := 0., l.FirstHeight
	for range l.Count {
		sum += height
		height *= l.Ratio
	}
	return sum
}

func resolveLayers(asked []Layer, groups []Group, bad *refusals) []Layer {
	var out []Layer
	owner := map[string]int{}
	for i, l := range asked {
		path := index("layers", i)
		if len(l.Groups) == 0 {
			bad.add(path+".groups", nil, "must name at least one group of faces")
		}
		for k, name := range l.Groups {
			at := index(path+".groups", k)
			if name == "" {
				bad.add(at, nil, "must not be empty")
				continue
			}
			g := slices.IndexFunc(groups, func(g Group) bool { return g.Name == name })
			if g >= 0 && groups[g].Dim != nil && *groups[g].Dim != 2 {
				bad.add(at, name, "is no group of faces: groups[%d] has dim %d", g, *groups[g].Dim)
			}
			if j, twice := owner[name]; twice && j != i {
				bad.add(at, name, "has the layers of layers[%d] already", j)
			}
			owner[name] = i
		}
		l.Groups = set(l.Groups)
		bad.length(path+".first_height", l.FirstHeight, true)
		if l.Ratio == 0 {
			l.Ratio = DefaultLayerRatio
		}
		if !(l.Ratio >= 1 && l.Ratio <= MaxLayerRatio) {
			bad.add(path+".ratio", l.Ratio, "must be 1 to %d", MaxLayerRatio)
		}
		if l.Count == 0 {
			l.Count = DefaultLayers
		}
		if l.Count < 1 || l.Count > MaxLayers {
			bad.add(path+".count", l.Count, "must be 1 to %d", MaxLayers)
		}
		out = append(out, l)
	}
	return out
}
