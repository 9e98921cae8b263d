package mesher

import (
	"cmp"
	"fmt"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/hexcore"
	"meshgen/internal/quality"
	"meshgen/internal/sizing"
)

// fillAroundCores fills each solid with hexahedra inside and with tetrahedra between these and the surface mesh, which is
// there. The tetrahedra are made in a model of their own, of triangles alone: a volume of the CAD cannot have holes that the
// CAD does not have.
func (j *job) fillAroundCores() error {
	m, err := j.take()
	if err != nil {
		return err
	}
	g, surface := &gap{owned: m}, len(m.owner)
	asked, err := j.asked()
	if err != nil {
		return err
	}
	longest, err := gmsh.Number("Mesh.MeshSizeMax")
	if err != nil {
		return err
	}
	for _, s := range j.source.solids {
		core, err := j.coreOf(s, longest, asked)
		if err != nil {
			return err
		}
		g.addCore(s, core)
	}
	improve := func() error {
		j.begin(engine.StageOptimize)
		return j.optimizeTetrahedra()
	}
	if err := j.fillGap(g, improve); err != nil {
		return err
	}
	j.remarkCores(g)
	return m.giveInside(surface)
}

// coreEdge is the edge of the hexahedra, in the longest edge that is asked for: tetrahedra inside a part have about four
// times as many elements for the same nodes, so that hexahedra may be smaller and come nearer to the surface.
const coreEdge = 0.75

// coreOf returns the hexahedra inside a solid, nil where there is no room for any.
func (j *job) coreOf(s solid, longest float64, asked func(dim, tag int) quality.Size) (*hexcore.Core, error) {
	shell, err := j.orientedShell(s)
	if err != nil {
		return nil, err
	}
	growth := cmp.Or(j.req.Spec.Size.Growth, sizing.Growth)
	sources := make([]sizing.Source, len(shell.triangles))
	for i, t := range shell.triangles {
		a, b, c := shell.points[t[0]], shell.points[t[1]], shell.points[t[2]]
		sources[i] = sizing.Source{
			Shape: sizing.Triangle(a, b, c), Size: (distance(a, b) + distance(b, c) + distance(c, a)) / 3, Slope: slopeOf(growth),
		}
	}
	grown, size := sizing.New(sources), asked(3, s.tag)
	return hexcore.Build(hexcore.Surface{Points: shell.points, Triangles: shell.triangles}, coreEdge*longest,
		func(p [3]float64) float64 { return grown.At(p, size.Of(p)) }), nil
}

// fewHexahedra is the part of the volume below which a user is told that the mesh is hardly one of hexahedra.
const fewHexahedra = 0.3

// remarkCores tells how much of the part the hexahedra fill.
func (j *job) remarkCores(g *gap) {
	share := 100 * g.hexahedra / g.volume
	j.track.say(gmsh.Info, fmt.Sprintf("Hexahedra fill %.3g %% of the volume", share))
	if g.hexahedra < fewHexahedra*g.volume {
		j.warn(*diagnosis.New(diagnosis.UnfitSpec, "Hexahedra fill %.2g %% of the volume: they have room where the part is several elements thick.", share).
			WithHint("Choose a finer size, or strategy hex for hexahedra everywhere."))
	}
}
