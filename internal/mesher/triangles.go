package mesher

import (
	"fmt"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	kinds "meshgen/internal/mesh"
	"meshgen/internal/sizing"
	"meshgen/internal/surface"
)

// budget is about how many triangles the curvature of a surface may ask for at the default fineness, where nobody asks for
// sizes: a scan that is rough everywhere would ask for millions. Two steps of fineness, which halve the sizes, have four
// times as many.
const budget = 25_000

// readTriangles reads an STL, mends it and finds its faces, curves and corners. Their tags are their numbers in the mended
// surface, from 1, in a description and in a mesh. One volume stands for each solid with its voids: shells are told apart
// here because Gmsh would put all of them into one volume and then fill nothing.
func (j *job) readTriangles() error {
	mesh, d := surface.Read(j.req.Source.Path)
	if d != nil {
		return d
	}
	warnings, d := mesh.Repair()
	if !j.mayHeal() {
		if refusal := mended(warnings); refusal != nil {
			return refusal
		}
	}
	// Of repairs that did not help nothing is said.
	if d != nil {
		return d
	}
	if len(mesh.Solids) == 0 {
		return diagnosis.New(diagnosis.NoVolume, "The triangles close no space.")
	}
	j.warn(warnings...)
	j.warnUnits()
	return j.takeTriangles(mesh)
}

func (j *job) warnUnits() {
	if j.req.Source.Units == "" {
		j.warn(*diagnosis.New(diagnosis.UnitsUnknown, "The format has no unit and none was given: all numbers are taken as they are."))
	}
}

// mended refuses triangles that had to be changed, nil where they did not have to be.
func mended(warnings []diagnosis.Diagnosis) error {
	i := slices.IndexFunc(warnings, func(w diagnosis.Diagnosis) bool { return w.Code == diagnosis.Repaired })
	if i < 0 {
		return nil
	}
	return diagnosis.New(diagnosis.UnfitSpec, "Heal is off, and the triangles cannot be filled as they are. This would have been done: %s",
		warnings[i].Message).At(warnings[i].Entities...).WithHint("Leave heal to auto, or mend the file.")
}

// takeTriangles makes a mended surface the model.
func (j *job) takeTriangles(mesh *surface.Mesh) error {
	mesh.FindFeatures()
	j.source.triangle = mesh
	box := mesh.Box()
	j.source.low, j.source.high = box.Min, box.Max
	for i, s := range mesh.Solids {
		j.source.solids = append(j.source.solids, solid{tag: i + 1, volume: mesh.SolidVolume(s), faces: facesOf(mesh, s)})
	}
	if !j.needsModel() {
		return nil
	}
	if err := set(j.readingOptions()); err != nil {
		return err
	}
	return j.loadTriangles(mesh)
}

// facesOf returns the tags of the faces that bound a solid, those of its voids too.
func facesOf(mesh *surface.Mesh, s surface.Solid) (tags []int) {
	for _, shell := range append([]int{s.Outer}, s.Voids...) {
		tags = append(tags, facesOfShell(mesh, shell)...)
	}
	return tags
}

func facesOfShell(mesh *surface.Mesh, shell int) (tags []int) {
	for i, f := range mesh.Faces {
		if f.Shell == shell {
			tags = append(tags, i+1)
		}
	}
	return tags
}

// meshTriangles remeshes the surface to the sizes wanted. The result takes the place of the file's triangles in the library,
// as the surface mesh that solids are filled from.
func (j *job) meshTriangles() error {
	mesh, report := j.source.triangle.Remesh(j.surfaceSizes())
	j.track.say(gmsh.Info, fmt.Sprintf("Remeshed the surface: %d triangles instead of %d, at most %.3g apart",
		report.After, report.Before, report.Deviation))
	r := &remeshed{mesh: mesh, report: &engine.Surface{
		Faces: len(mesh.Faces), Triangles: report.After, FileTriangles: report.Before, Deviation: report.Deviation,
		Kept: len(report.Kept) > 0,
	}}
	for _, shell := range report.Kept {
		tag := facesOfShell(mesh, shell)[0]
		r.kept = append(r.kept, diagnosis.Entity{Dim: 2, Tag: tag, Point: &mesh.Faces[tag-1].Place})
	}
	return j.putTriangles(r)
}

// remeshed is a surface that takes the place of the file's triangles.
type remeshed struct {
	mesh   *surface.Mesh
	report *engine.Surface
	kept   []diagnosis.Entity // a face of each shell that could not be remeshed
}

// putTriangles gives the library a surface in place of the one that it has.
func (j *job) putTriangles(r *remeshed) error {
	j.remeshed = r
	// A volume has to be made when the mesh around it is there: Gmsh fills one whose surface changes afterwards with sizes of
	// its own, a hundred times too many elements in a part of a few hundred units.
	if err := gmsh.RemoveModel(); err != nil {
		return err
	}
	if err := j.loadTriangles(r.mesh); err != nil {
		return err
	}
	if j.sizes != nil {
		return j.sizes.install()
	}
	return nil
}

// clearTriangles gives the library the points, curves, faces and volumes of a surface without any mesh.
func (j *job) clearTriangles(r *remeshed) error {
	if err := j.putTriangles(r); err != nil {
		return err
	}
	return gmsh.ClearMesh()
}

// surfaceSizes is what the spec asks of the surface.
func (j *job) surfaceSizes() surface.Sizing {
	size, diagonal := j.req.Spec.Size, j.source.diagonal()
	coarser := j.coarser()
	out := surface.Sizing{Max: coarser * size.MaxEdge(diagonal), Min: coarser * size.MinEdge(diagonal), Curvature: j.chordsOfCircle(), Growth: size.Growth}
	if z := j.sizes; z != nil {
		out.Max, out.Min, out.Curvature = coarser*z.longest, coarser*z.shortest, out.Curvature/z.scale
	}
	if out.Growth == 0 {
		out.Growth = sizing.Growth
	}
	if size.Min == 0 {
		share := out.Max / (diagonal / 20)
		out.Budget = int(max(budget/10, budget/(share*share)))
	}
	if z := j.sizes; z != nil {
		of := func(dim int) func(i int) float64 {
			return func(i int) float64 { return coarser * z.on[gmsh.DimTag{Dim: dim, Tag: i + 1}] }
		}
		out.Local = func(p [3]float64) float64 { return coarser * z.refined.At(p, z.longest) }
		out.OfFace, out.OfCurve = of(2), of(1)
	}
	return out
}

// loadTriangles gives the library a model of the surface: points, curves and faces that are defined by their mesh alone, and
// volumes between shells.
func (j *job) loadTriangles(mesh *surface.Mesh) error {
	if err := gmsh.AddModel(j.modelName); err != nil {
		return err
	}
	add := func(dim, tag int, boundary []int) error {
		given, err := gmsh.AddDiscreteEntity(dim, boundary)
		if err == nil && given != tag {
			err = fmt.Errorf("entity %d of dimension %d became %d", tag, dim, given)
		}
		return err
	}
	for i := range mesh.Corners {
		if err := add(0, i+1, nil); err != nil {
			return err
		}
	}
	for i, c := range mesh.Curves {
		if err := add(1, i+1, tagsOf(c.Corners)); err != nil {
			return err
		}
	}
	for i, f := range mesh.Faces {
		if err := add(2, i+1, tagsOf(f.Curves)); err != nil {
			return err
		}
	}
	if err := fillEntities(mesh); err != nil {
		return err
	}
	loops := make([]int, len(mesh.Shells))
	for i := range mesh.Shells {
		var err error
		if loops[i], err = gmsh.AddSurfaceLoop(facesOfShell(mesh, i)); err != nil {
			return err
		}
	}
	for i, s := range mesh.Solids {
		around := []int{loops[s.Outer]}
		for _, v := range s.Voids {
			around = append(around, loops[v])
		}
		if err := gmsh.AddVolume(i+1, around); err != nil {
			return err
		}
	}
	return gmsh.GeoSynchronize()
}

// tagsOf returns the tags of entities by their numbers.
func tagsOf(numbers []int) []int {
	tags := make([]int, len(numbers))
	for i, n := range numbers {
		tags[i] = n + 1
	}
	return tags
}

// fillEntities gives the entities of a surface their mesh: each node to the entity of the least dimension that it lies on.
// A node's number is its vertex's, from 1.
func fillEntities(mesh *surface.Mesh) error {
	owned := make([]bool, len(mesh.Vertices))
	fill := func(dim, tag int, kind kinds.Kind, corners []int32) error {
		var nodes []uint64
		var coordinates []float64
		tags := make([]uint64, len(corners))
		for i, v := range corners {
			tags[i] = uint64(v) + 1
			if !owned[v] {
				owned[v] = true
				nodes = append(nodes, uint64(v)+1)
				coordinates = append(coordinates, mesh.Vertices[v][:]...)
			}
		}
		if err := gmsh.AddNodes(dim, tag, nodes, coordinates); err != nil {
			return err
		}
		return gmsh.AddElements(tag, int(kind), tags)
	}
	for i, v := range mesh.Corners {
		if err := fill(0, i+1, kinds.Point, []int32{v}); err != nil {
			return err
		}
	}
	for i, c := range mesh.Curves {
		var lines []int32
		for k := range c.Vertices[1:] {
			lines = append(lines, c.Vertices[k], c.Vertices[k+1])
		}
		if err := fill(1, i+1, kinds.Line2, lines); err != nil {
			return err
		}
	}
	for i, f := range mesh.Faces {
		corners := make([]int32, 0, 3*f.Count)
		for _, t := range mesh.Triangles[f.First : f.First+f.Count] {
			corners = append(corners, t[:]...)
		}
		if err := fill(2, i+1, kinds.Triangle3, corners); err != nil {
			return err
		}
	}
	return nil
}

// reportSurface tells what became of the triangles of an STL.
func (j *job) reportSurface(report *engine.MeshReport) {
	if j.remeshed == nil {
		return
	}
	report.Surface = j.remeshed.report
	if kept := j.remeshed.kept; len(kept) > 0 {
		j.warn(*diagnosis.New(diagnosis.QualityBelowThreshold,
			"The triangles of %s are those of the file: no others were found that would not cross.", count(len(kept), "closed surface")).
			At(kept[:min(len(kept), maxPlaces)]...).WithHint("Choose a finer size, or mend the part there."))
	}
}
