package mesher

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
	"meshgen/internal/surface"
)

// Parts stay in the library between requests, so that the next mesh of a part neither reads its file nor cuts its solids
// again. What is kept is the part as it was before its mesh was begun: whatever a request did to it is taken back, and what
// cannot be taken back is not kept. A mesh of a kept part is the same, node for node, as one of its file.
//
//	request fails            the library is started afresh, and nothing is left
//	another tenant           everything is dropped before its request begins
//	more than the budget     what was not used for longest is dropped

// identity says what a part was read of, and how.
type identity struct {
	sha256, units string
	format        engine.Format
	heal, mend    bool
	tessellated   bool // for a lattice, which leaves traces in the shapes: nothing else may be made of them
	uncut         bool // solids that touch were left as they are
}

// kept is a part in the library.
type kept struct {
	identity
	// references names the entities that had to be followed when solids were cut; empty where nothing was cut.
	references string
	model      string         // the library's name for it; of triangles it has none, they are given to it anew
	hulls      []*latticeHull // once a lattice was made of it
	extent     float64        // the library's idea of how large the part is, on which its tolerances depend
	entities   []gmsh.DimTag
	source     source
	catalogue  catalogue
	warnings   []diagnosis.Diagnosis
	heard      heard // while it was read
	size       int64 // bytes, measured, of the part alone

	// of the last mesh, nil where it is not kept
	surface, volume *stageMesh
}

// bytes returns what the part and its mesh take.
func (k *kept) bytes() int64 { return k.size + k.surface.bytes() + k.volume.bytes() }

// identity returns what names the part of the request, and whether it may be kept or found.
func (j *job) identity() (identity, bool) {
	s := j.req.Source
	id := identity{sha256: s.SHA256, units: s.Units, format: s.Format, heal: j.mayHeal(), mend: j.req.Tuning.Mend, tessellated: j.tessellated(), uncut: j.uncut()}
	// Where a face was blamed it is meshed another way now, and of a tessellation nothing is left but triangles.
	// Raised with hexahedra inside, nodes of a kept part come out with gaps in their numbers.
	if j.req.Spec.Element == spec.HexDominant && j.req.Spec.Order > 1 {
		return id, false
	}
	return id, s.SHA256 != "" && j.req.Keep > 0 && j.req.Kind != engine.Export && !j.req.Tuning.Tessellate && j.eased == nil
}

// bringPart makes the part current: the one that was kept, or else as its file says.
func (j *job) bringPart() error {
	found, err := j.findPart()
	if err != nil {
		return err
	}
	if !found {
		if err := j.readPart(); err != nil {
			return err
		}
	}
	if n := j.catalogue.lost; n > 0 { // as true of a part that was cut for an earlier request
		j.track.say(gmsh.Warning, fmt.Sprintf("%s could not be followed through the cut: in no list, and in no group", count(n, "face")))
	}
	if !found {
		return nil
	}
	if j.source.defect != nil {
		defect := *j.source.defect // the part keeps its own
		// Where the file is read for it, that is known before anybody misses its unit.
		j.warnings = slices.DeleteFunc(j.warnings, func(w diagnosis.Diagnosis) bool { return w.Code == diagnosis.UnitsUnknown })
		return &defect
	}
	return nil
}

func (j *job) readPart() error {
	if err := j.read(); err != nil {
		return err
	}
	if err := j.catalog(); err != nil {
		return err
	}
	if !j.meshes() {
		return nil
	}
	if j.source.triangle == nil && !j.uncut() {
		if err := j.conform(); err != nil {
			return err
		}
	}
	if j.tessellated() {
		return nil // that is first
	}
	return j.notePart(j.heard())
}

// tessellated reports whether of CAD the tessellation alone is meshed.
func (j *job) tessellated() bool {
	return j.byLattice() && j.req.Source.Format != engine.STL
}

// uncut reports whether the solids of CAD are not cut along what they share: a draft has to be there at once, and what failed before is not
// tried as a last resort.
func (j *job) uncut() bool { return j.tessellated() && (j.req.Tuning.LastResort || j.req.Spec.Draft) }

// byLattice reports whether a mesh is to be made by a lattice, in which the library has no part.
func (j *job) byLattice() bool {
	return j.meshes() && j.req.Spec.Strategy == spec.Lattice
}

// needsModel reports whether the library has to have the triangles of an STL.
func (j *job) needsModel() bool { return j.meshes() && !j.byLattice() }

// meshes reports whether the part is read to be meshed, be it ahead of time.
func (j *job) meshes() bool { return j.req.Kind == engine.Mesh || j.req.Kind == engine.Speculate }

// findPart makes a kept part current, if there is one that does.
func (j *job) findPart() (bool, error) {
	id, may := j.identity()
	if !may {
		return false, nil
	}
	for _, k := range slices.Backward(j.m.kept) {
		if k.identity != id {
			continue
		}
		j.catalogue = k.catalogue
		if k.references != "" && (!j.meshes() || k.references != j.referenced()) {
			j.catalogue = catalogue{}
			continue
		}
		return true, j.takePart(k)
	}
	return false, nil
}

func (j *job) takePart(k *kept) error {
	j.begin(engine.StageImport)
	j.hear(k.heard)
	j.part, j.modelName = k, k.model
	j.source, j.warnings = k.source, slices.Clone(k.warnings)
	j.source.solids = slices.Clone(k.source.solids)
	j.reused = append(j.reused, engine.StageImport)
	if k.references != "" {
		j.reused = append(j.reused, engine.StageHeal)
	}
	if err := set(j.readingOptions()); err != nil || k.tessellated || j.source.raw != nil {
		return err
	}
	if j.source.triangle != nil {
		j.modelName = j.m.newModelName()
		if !j.needsModel() {
			return nil
		}
		return j.loadTriangles(j.source.triangle)
	}
	if err := gmsh.SetCurrentModel(k.model); err != nil {
		return err
	}
	// The library takes the size of what was current before for that of the part until it is told.
	if err := gmsh.OCCSynchronize(); err != nil {
		return err
	}
	return set([]option{{extentOption, k.extent}})
}

// extentOption is the diagonal of the box around the current model, as the library noted it when the model was made.
const extentOption = "General.BoundingBoxSize"

// notePart remembers the part that was read, so that it can be kept if all goes well, and what was heard meanwhile. Nothing may have been
// meshed yet.
func (j *job) notePart(h heard) error {
	id, may := j.identity()
	if !may {
		return nil
	}
	k := &kept{identity: id, source: j.source, catalogue: j.catalogue, warnings: slices.Clone(j.warnings), heard: h}
	k.source.solids = slices.Clone(j.source.solids)
	if j.source.triangle == nil && j.source.raw == nil && j.catalogue.cut != nil {
		k.references = j.referenced()
	}
	if j.source.triangle == nil && j.source.raw == nil && !id.tessellated {
		k.model = j.modelName
		var err error
		if k.extent, err = gmsh.Number(extentOption); err != nil {
			return err
		}
		if k.entities, err = gmsh.Entities(-1); err != nil {
			return err
		}
	}
	j.part = k
	return nil
}

// referenced names what has to be followed when solids are cut: copies of it are in the way while they are, and take tags.
func (j *job) referenced() string {
	var text strings.Builder
	for _, e := range slices.SortedFunc(maps.Keys(j.references()), func(a, b gmsh.DimTag) int {
		return cmp.Or(cmp.Compare(a.Dim, b.Dim), cmp.Compare(a.Tag, b.Tag))
	}) {
		fmt.Fprintf(&text, "%d:%d ", e.Dim, e.Tag)
	}
	return text.String() + "."
}

// keep takes the mesh from the part of a request that succeeded, and keeps the part within the budget.
func (m *Mesher) keep(j *job) error {
	m.kept = slices.DeleteFunc(m.kept, func(k *kept) bool { return k == j.part })
	if j.part != nil {
		whole, err := j.part.strip()
		if err != nil {
			return err
		}
		if whole {
			m.kept = append(m.kept, j.part)
		}
	}
	if err := m.dropOthers(); err != nil {
		return err
	}
	if k := j.part; k != nil {
		k.size = max(k.size+gmsh.HeapInUse()-j.heapBefore, k.least())
	}
	return m.shrink(j.req.Keep)
}

// bytesPerTriangle is what a surface takes for each, its part of vertices and faces included.
const bytesPerTriangle = 160

// least is what a part takes at least: what it says of itself is not on the C heap.
func (k *kept) least() int64 {
	const each, perHull, perSample = 512, 400, 24 // bytes
	size := each * int64(len(k.entities)+1)
	for _, t := range []*surface.Mesh{k.source.triangle, k.source.raw} {
		if t != nil {
			size += bytesPerTriangle * int64(len(t.Triangles))
		}
	}
	for _, whole := range k.hulls {
		for _, h := range append([]*latticeHull{whole}, whole.members...) {
			size += perHull*int64(len(h.triangles)) + perSample*int64(len(h.samples))
		}
	}
	return size
}

// strip takes back all that a request did to the part but for the physical groups, on which no mesh depends, and reports whether that is so.
func (k *kept) strip() (bool, error) {
	if k.model == "" {
		return true, nil
	}
	if err := gmsh.SetCurrentModel(k.model); err != nil {
		return false, err
	}
	for _, step := range []func() error{
		func() error { return gmsh.ClearMesh() }, gmsh.RemoveFields, gmsh.RemoveSizes, gmsh.RemoveConstraints,
	} {
		if err := step(); err != nil {
			return false, err
		}
	}
	entities, err := gmsh.Entities(-1)
	return slices.Equal(entities, k.entities), err
}

// dropOthers removes all models but those of kept parts.
func (m *Mesher) dropOthers() error {
	if !slices.ContainsFunc(m.kept, func(k *kept) bool { return k.model != "" }) {
		return gmsh.Clear()
	}
	names, err := gmsh.Models()
	if err != nil {
		return err
	}
	for _, name := range names {
		if slices.ContainsFunc(m.kept, func(k *kept) bool { return k.model == name }) {
			continue
		}
		if err := gmsh.SetCurrentModel(name); err != nil {
			return err
		}
		if err := gmsh.RemoveModel(); err != nil {
			return err
		}
	}
	return nil
}

// shrink drops what was not used for longest until all that is kept is within the budget.
func (m *Mesher) shrink(budget int64) error {
	total := int64(0)
	for _, k := range m.kept {
		total += k.bytes()
	}
	if total <= budget {
		return nil
	}
	for len(m.kept) > 0 && total > budget {
		total -= m.kept[0].bytes()
		m.kept = slices.Delete(m.kept, 0, 1)
	}
	return m.dropOthers()
}

// Kept says which parts are in the library.
func (m *Mesher) Kept() []engine.Kept { return listed(m.kept) }

// expectKept says which parts will be there after Tidy, as far as that is known before.
func (m *Mesher) expectKept(j *job) []engine.Kept {
	if m.broken {
		return nil
	}
	kept := slices.DeleteFunc(slices.Clone(m.kept), func(k *kept) bool { return k == j.part })
	if j.part != nil {
		kept = append(kept, j.part)
	}
	return listed(kept)
}

func listed(parts []*kept) (out []engine.Kept) {
	for _, k := range parts {
		out = append(out, engine.Kept{SHA256: k.sha256, Format: k.format, Units: k.units, Bytes: k.bytes()})
	}
	return out
}

func (m *Mesher) newModelName() string {
	m.models++
	return fmt.Sprintf("part-%d", m.models)
}
