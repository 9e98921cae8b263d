package mesher

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/lattice"
	"meshgen/internal/spec"
)

const (
	// finerLattice is by how much the edge of a lattice is reduced at a time, where the spec leaves the sizes to us.
	finerLattice = 0.7
	// fineBend is the angle in radians between neighbouring triangles of a curved face. Those of a circle lose 0.2 % of its area.
	fineBend = 0.1
	// refinedTets is how many tetrahedra a lattice may have because of refinements, and draftTets how many a draft has unless its sizes ask
	// for more: it is to be there at once.
	refinedTets = 20_000_000
	draftTets   = 100_000
	// draftPoints is at how many points of either surface a draft is compared with the part.
	draftPoints = 20_000
	// surely is what share of a limit a lattice may be estimated at that is not to pass it: there are up to 1.4 times as many.
	surely = 0.7
	// keptMemory is how much memory an engine keeps for the next lattice.
	keptMemory = 128 << 20
	// maxElementsAnyway holds where a request has no limit of its own.
	maxElementsAnyway = 100_000_000
)

// fillGoals say how much of its volume a solid may lose or gain where the spec leaves the sizes to us, and how many tetrahedra all
// solids together may cost for it. First all get to where they may stay, then as good as others are by default.
var (
	fillGoals  = []fillGoal{{0.015, 3_000_000}, {0.0075, 600_000}}
	draftGoals = []fillGoal{{0.015, draftTets}}
)

type fillGoal struct{ off, tets float64 }

// meshLattice fills what the triangles of the part enclose by a lattice that they cut: those of an STL, whatever state they
// are in, or the tessellation of CAD. Gmsh has no part in it.
func (j *job) meshLattice() error {
	hulls, err := j.readHulls()
	if err != nil {
		return err
	}
	if err := j.convert(); err != nil {
		return err
	}
	z, err := j.latticeSizes(hulls)
	if err != nil {
		return err
	}
	j.begin(engine.Stage3D)
	j.m.lattice.Threads = j.req.Threads
	defer j.m.easeMemory()
	edge, err := j.latticeEdge(hulls, z)
	if err != nil {
		return err
	}
	j.warnOfDevice()
	if hulls, err = j.fillJoints(hulls, z, edge); err != nil {
		return err
	}
	if err := j.keptVolume(hulls); err != nil {
		return err
	}
	if err := set(j.meshingOptions(j.source.diagonal())); err != nil {
		return err
	}
	j.sizes = z.asked(hulls, j.req.Spec.Size.TargetElements > 0)
	defer j.running.Wait() // before the memory that is looked at is given back
	j.compareMeanwhile(hulls)
	s, err := j.latticeSnapshot(hulls)
	if err != nil {
		return err
	}
	return j.finish(s, nil)
}

// easeMemory gives back what a large lattice took.
func (m *Mesher) easeMemory() {
	if m.lattice.Held()+m.snapshots.held() > keptMemory {
		m.lattice.Free()
		m.snapshots = snapshots{}
	}
	if m.device != nil && m.device.Held() > keptMemory {
		m.device.Free() // other engines use it, too
	}
}

// latticeEdge returns the edge to begin with: that of the number of elements asked for, or the longest edge wanted; a shorter one
// where refinements ask for it, as far as that can be paid for.
func (j *job) latticeEdge(hulls []*latticeHull, z *latticeSizes) (float64, error) {
	size := j.req.Spec.Size
	count := func(edge float64) (sum float64) {
		for _, h := range hulls {
			sum += z.tets(h, edge)
		}
		return sum
	}
	h := z.limit
	if size.TargetElements > 0 {
		for n := count(h); n > 0 && n < float64(size.TargetElements); n = count(h) {
			h *= 0.98
		}
		h = max(h, size.Min)
	}
	limit := float64(cmp.Or(j.req.MaxElements, maxElementsAnyway))
	if n := count(h); n > limit {
		return 0, diagnosis.New(diagnosis.TooLarge, "A lattice of edge %.3g has about %.3g tetrahedra; %.0f are allowed.", h, n, limit).
			WithHint("Choose a larger size.")
	}
	least := z.least
	for _, size := range z.within {
		least = min(least, size)
	}
	least = max(least, size.Min)
	most, what, hint := float64(refinedTets), "A lattice", "Choose strategy delaunay where sizes on the surface have to vary."
	switch {
	case j.req.Spec.Draft:
		most, what, hint = surely*draftTets, "A draft", "Ask for the mesh itself where that matters."
	case j.req.Tuning.LastResort: // nobody chose it, and what it costs
		most, what, hint = surely*fillGoals[0].tets, "The lattice of a last resort", "Choose strategy lattice, which may have more tetrahedra, where that matters."
	}
	limit = min(limit, most)
	for h > least {
		finer := max(finerLattice*h, least)
		if count(finer) > limit {
			j.warn(*diagnosis.New(diagnosis.UnfitSpec, "%s is of one size on all of the surface: %.3g is the finest that can be paid for, and %.3g is asked for.", what, h, least).
				WithHint(hint))
			break
		}
		h = finer
	}
	return h, nil
}

// fillHulls fills every solid, each with a lattice of its own or those that share faces with one: where nobody asked for sizes with finer ones, as long as its
// volume is off.
func (j *job) fillHulls(hulls []*latticeHull, z *latticeSizes, edge float64) error {
	for _, h := range hulls {
		h.edge, h.alone = edge, len(hulls) == 1
		if err := j.fill(h, z); err != nil {
			return err
		}
	}
	if target := j.req.Spec.Size.TargetElements; target > 0 && !j.req.Tuning.LastResort {
		if err := j.meetTarget(hulls, z, float64(target)); err != nil {
			return err
		}
	}
	for _, h := range hulls {
		h.keep()
	}
	goals := fillGoals
	switch {
	case !j.ownSizes():
		goals = nil
	case j.req.Spec.Draft:
		goals = draftGoals
	}
	for _, p := range goals {
		for h := p.next(hulls, z); h != nil; h = p.next(hulls, z) {
			j.track.say(gmsh.Info, fmt.Sprintf("A lattice of edge %.4g is %.2g %% off in %s; the next is finer", h.edge, 100*h.off(), h.describe()))
			h.before = h.volume
			h.edge *= finerLattice
			if err := j.fill(h, z); err != nil {
				return err
			}
			h.keep()
		}
	}
	if j.req.Spec.Draft && j.req.Spec.Size.TargetElements == 0 {
		return j.staySmall(hulls, z)
	}
	return nil
}

// staySmall makes the lattices of a draft coarser, as far as its sizes allow, while there are more tetrahedra than it may have: those of
// thin parts are more than was expected.
func (j *job) staySmall(hulls []*latticeHull, z *latticeSizes) error {
	coarser := false
	for most := z.tooMany(hulls); most != nil; most = z.tooMany(hulls) {
		before := *most
		if most.alone {
			before.mesh = most.mesh.Clone()
		}
		most.edge = min(most.edge/finerLattice, z.limit)
		if err := j.fill(most, z); err != nil {
			return err
		}
		if most.mesh == nil { // thinner than that: better too many than none
			*most = before
			break
		}
		most.keep()
		coarser = true
	}
	if coarser && len(j.req.Spec.Refine) > 0 {
		j.warn(*diagnosis.New(diagnosis.UnfitSpec, "A draft has %d tetrahedra at most: its lattice is coarser than refinements ask for.", draftTets).
			WithHint("Ask for the mesh itself where that matters."))
	}
	return nil
}

// tooMany returns the solid that has most of the tetrahedra and may have fewer, where a draft has more than it may; nil where not.
func (z *latticeSizes) tooMany(hulls []*latticeHull) (most *latticeHull) {
	total := 0.
	for _, h := range hulls {
		total += h.tets()
		if h.edge < z.limit && (most == nil || h.tets() > most.tets()) {
			most = h
		}
	}
	if total <= draftTets {
		return nil
	}
	return most
}

// targetTries is how often a lattice is scaled to have the number of tetrahedra asked for, within targetMissed.
const (
	targetTries  = 5
	targetMissed = 0.1
)

// meetTarget scales the lattices until they have the number of tetrahedra asked for: the first guess counts on solids without
// thin places.
func (j *job) meetTarget(hulls []*latticeHull, z *latticeSizes, target float64) error {
	size := j.req.Spec.Size
	for range targetTries {
		total := 0.
		for _, h := range hulls {
			total += h.tets()
		}
		// graded ones grow by a power between two and three
		edge := min(hulls[0].edge*min(max(math.Pow(total/target, 0.4), 0.5), 2), z.limit)
		edge = max(edge, size.Min)
		if math.Abs(total/target-1) <= targetMissed || edge == hulls[0].edge || total == 0 && hulls[0].enclosed == 0 {
			return nil
		}
		for _, h := range hulls {
			h.edge = edge
			if err := j.fill(h, z); err != nil {
				return err
			}
		}
	}
	return nil
}

// next returns the solid that is off and is filled with a finer lattice at the least cost; nil where there is none, or no more may
// be spent.
func (p fillGoal) next(hulls []*latticeHull, z *latticeSizes) (next *latticeHull) {
	left, least := p.tets, 0.
	for _, h := range hulls {
		left -= h.tets()
	}
	for _, h := range hulls {
		cost := h.finer(z) - h.tets()
		if h.off() > p.off && cost <= left && (next == nil || cost < least) {
			next, least = h, cost
		}
	}
	return next
}

// fill makes the mesh of a solid. One that holds no node of the lattice stays without.
func (j *job) fill(h *latticeHull, z *latticeSizes) error {
	j.chooseDevice(z.tets(h, h.edge))
	m, err := j.m.lattice.Fill(h.field, h.edge, z.grading(h))
	switch {
	case errors.Is(err, lattice.ErrEmpty):
		h.mesh = nil
	case err != nil:
		return diagnosis.New(diagnosis.TooLarge, "No lattice of edge %.3g fits around %s.", h.edge, h.describe()).WithDetail(err.Error())
	default:
		j.sayTiles(m.Tiling)
		h.take(m)
	}
	return nil
}

// ownSizes reports whether the lattice is as fine as we see fit, not as fine as the spec says.
func (j *job) ownSizes() bool {
	size := j.req.Spec.Size
	return j.req.Tuning.LastResort || size.Max == 0 && size.TargetElements == 0
}

// keptVolume refuses a mesh that lost more of a solid than tessellations may, where nobody asked for its size.
func (j *job) keptVolume(hulls []*latticeHull) error {
	for _, hull := range hulls {
		where := diagnosis.Entity{Dim: 3, Tag: hull.solid.tag, Name: hull.solid.name}
		if hull.mesh == nil && hull.enclosed == 0 {
			return diagnosis.New(diagnosis.NoVolume, "The triangles surround no place: none that a lattice of edge %.3g finds.", hull.edge).At(where)
		}
		if hull.mesh == nil {
			return diagnosis.New(diagnosis.QualityBelowThreshold, "%s is smaller than the lattice everywhere, or encloses nothing.",
				capital(hull.describe())).At(where).WithHint("Choose a smaller size.max.")
		}
		for _, h := range hull.solids() {
			if h.solid.volume == 0 || !j.ownSizes() || j.req.Spec.Draft {
				continue
			}
			if off := deviation(h.volume, h.solid.volume); math.Abs(off) > tessellatedShare {
				why := "walls are thinner than its edge"
				if h.open {
					why = "its tessellation does not close"
				}
				return diagnosis.New(diagnosis.QualityBelowThreshold, "The lattice is %.2g %% off the volume of %s: %s.", 100*off, describeSolid(*h.solid), why).
					At(diagnosis.Entity{Dim: 3, Tag: h.solid.tag, Name: h.solid.name}).WithHint("Choose a smaller size.max, or strategy delaunay.")
			}
		}
	}
	return nil
}

// compareMeanwhile begins to measure how far the meshes are from the surfaces. What comes of it is reported when the job asks, as if it had been
// known at once.
func (j *job) compareMeanwhile(hulls []*latticeHull) {
	truths, most := make([]lattice.Truth, len(hulls)), 0
	if j.req.Spec.Draft {
		most = draftPoints
	}
	measured := beside(&j.running, func() (all error) {
		for i, h := range hulls {
			var err error
			truths[i], err = h.mesh.Compare(h.surface(), h.edge, h.samples, most)
			all = errors.Join(all, err)
		}
		return all
	})
	before := len(j.warnings)
	j.compare = func() error {
		if err := measured(); err != nil {
			return err
		}
		meanwhile := slices.Clone(j.warnings[before:])
		j.warnings = j.warnings[:before]
		j.lattice = j.compareHulls(hulls, truths)
		j.warn(meanwhile...)
		return nil
	}
}

// compareHulls tells how far the meshes are from the surfaces, and names what is lost.
func (j *job) compareHulls(hulls []*latticeHull, truths []lattice.Truth) *engine.Lattice {
	report := &engine.Lattice{Draft: j.req.Spec.Draft, LeastEdge: hulls[0].edge, Device: spec.DeviceCPU}
	var ofMesh, ofSurface float64 // what the means are of
	var lost, far []diagnosis.Entity
	for i, h := range hulls {
		truth := &truths[i]
		if h.mesh.Device != "" {
			report.Device = h.mesh.Device
		}
		report.LongestEdge = max(report.LongestEdge, math.Ldexp(h.edge, h.mesh.Levels))
		report.Edge, report.LeastEdge = max(report.Edge, h.edge), min(report.LeastEdge, h.edge)
		n, k := float64(len(h.mesh.Tris)), float64(len(h.triangles))
		ofMesh, ofSurface = ofMesh+n, ofSurface+k
		report.OfMesh.Max = max(report.OfMesh.Max, truth.OfMesh.Max)
		report.OfSurface.Max = max(report.OfSurface.Max, truth.OfSurface.Max)
		report.OfMesh.Mean += n * truth.OfMesh.Mean
		report.OfSurface.Mean += k * truth.OfSurface.Mean
		if truth.OfSurface.Max > h.edge {
			s := h.nearest(truth.Farthest)
			far = append(far, diagnosis.Entity{Dim: 3, Tag: s.tag, Name: s.name, Point: &truth.Farthest})
		}
		lost = append(lost, h.lost()...)
		f := &report.Features
		f.Corners, f.CornersKept, f.Left = f.Corners+h.kept.Corners, f.CornersKept+h.kept.CornersKept, f.Left+h.kept.Left
		f.Length, f.Lost, f.Deviation = f.Length+h.kept.Length, f.Lost+h.kept.Lost, max(f.Deviation, h.kept.Deviation)
	}
	report.OfMesh.Mean /= ofMesh
	report.OfSurface.Mean /= ofSurface
	report.Deviation = max(report.OfMesh.Max, report.OfSurface.Max)
	report.LostFaces = len(lost)
	const hint = "Choose a smaller size.max if they matter."
	if len(lost) > 0 {
		j.warn(*diagnosis.New(diagnosis.QualityBelowThreshold, "%s smaller than the lattice, and lost.",
			map[bool]string{true: "1 face is", false: fmt.Sprintf("%d faces are", len(lost))}[len(lost) == 1]).
			At(lost[:min(len(lost), maxPlaces)]...).WithHint(hint))
	}
	if n := len(hulls); n > 1 {
		what := fmt.Sprintf("Each of %d solids", n)
		if n < len(j.source.solids) {
			what = fmt.Sprintf("Each of %d solids, or groups of solids that share faces,", n)
		}
		j.warn(*diagnosis.New(diagnosis.Repaired, "%s is filled for itself: where they touch they share no nodes, and where they overlap so do the elements.", what).
			WithHint("Choose strategy delaunay if the parts are to be connected."))
	}
	if len(far) > 0 {
		j.warn(*diagnosis.New(diagnosis.QualityBelowThreshold,
			"Places of the surface are up to %.3g away from the mesh, farther than an edge of the lattice: what is thinner is lost there.", report.OfSurface.Max).
			At(far[:min(len(far), maxPlaces)]...).WithHint(hint))
	}
	if j.req.Tuning.LastResort {
		apart := ""
		if len(hulls) == len(j.source.solids) {
			apart = " Solids share no nodes."
		}
		j.warn(*diagnosis.New(diagnosis.Repaired,
			"Nothing else could mesh the part: its triangles were filled with a lattice of edge %.3g, up to %.3g away from it.%s",
			report.Edge, report.Deviation, apart))
	}
	return report
}
