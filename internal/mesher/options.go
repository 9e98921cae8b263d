package mesher

import (
	"cmp"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/spec"
)

type option struct {
	name  string
	value float64
}

func set(options []option) error {
	for _, o := range options {
		if err := gmsh.SetNumber(o.name, o.value); err != nil {
			return err
		}
	}
	return nil
}

// readingOptions are set before a file is read. The defaults have been restored just before: what is set here differs
// from them, or must not depend on what the defaults of the next release are.
func (j *job) readingOptions() []option {
	return []option{
		{"General.Terminal", 1},     // print, where the console hears it
		{"General.NoPopup", 1},      // never ask
		{"General.AbortOnError", 0}, // go on after an error and look at what came out: stopping in the middle truncates silently
		{"General.NumThreads", float64(max(j.req.Threads, 1))},
		// Curves and faces one after the other: on two threads one run in some dozen came out differently, renumbered or not,
		// and a result that is reused has to be what a fresh run makes. HXT makes another mesh each time on several threads, and
		// with Mesh.Reproducible another one for each number of them.
		{"Mesh.MaxNumThreads1D", 1},
		{"Mesh.MaxNumThreads2D", 1},
		{"Mesh.MaxNumThreads3D", 1},
		{"Geometry.OCCImportLabels", 1},
		{"Geometry.OCCParallel", flag(j.req.Threads > 1)},
		{"Geometry.OCCBooleanPreserveNumbering", 1},
		{"Geometry.OCCAutoFix", flag(j.mayHeal())},
		{"Geometry.OCCFixDegenerated", flag(j.req.Tuning.Mend)},
		{"Geometry.OCCFixSmallEdges", flag(j.req.Tuning.Mend)},
		{"Geometry.OCCFixSmallFaces", flag(j.req.Tuning.Mend)},
	}
}

// The algorithms by Gmsh's numbers (reference manual, Mesh.Algorithm and Mesh.Algorithm3D).
const (
	meshAdapt2D       = 1
	delaunay2D        = 5
	frontalDelaunay2D = 6
	delaunay3D        = 1
	frontal3D         = 4
	mmg3D             = 7
	hxt3D             = 10
)

var algorithms2D = map[engine.FaceAlgorithm]float64{
	engine.FrontalDelaunay: frontalDelaunay2D, engine.MeshAdapt: meshAdapt2D, engine.Delaunay: delaunay2D,
}

var algorithms3D = map[string]float64{
	spec.Auto: delaunay3D, spec.Delaunay: delaunay3D, spec.Frontal: frontal3D, spec.HXT: hxt3D,
	spec.Hex: delaunay3D, spec.MMG: mmg3D,
}

// strategy returns what the request's strategy stands for on this rung.
func strategy(s spec.Spec) string {
	if s.Strategy == spec.Auto {
		return spec.Delaunay
	}
	return s.Strategy
}

// curvePrecision is the relative precision of the integral that spreads nodes along a curve. Gmsh's 1e-9 costs nine tenths
// of the time of 1D, mostly the largest stage, and moves no node by a length that anybody could see.
const curvePrecision = 1e-4

// meshingOptions are set before the mesh of a part of the given diagonal is made.
func (j *job) meshingOptions(diagonal float64) []option {
	options := []option{
		{"Mesh.MeshSizeMin", j.leastEdge(diagonal)},
		{"Mesh.MeshSizeMax", j.longestEdge(diagonal)},
		{"Mesh.MeshSizeFactor", 1},
		{"Mesh.MeshSizeFromPoints", 0}, // points of CAD carry no size
		{"Mesh.MeshSizeFromCurvature", j.chordsOfCircle()},
		{"Mesh.MeshSizeExtendFromBoundary", flag(j.source.triangle != nil)}, // of CAD, sizes grow: see chords
		{"Mesh.LcIntegrationPrecision", curvePrecision},
		{"Mesh.Algorithm", algorithms2D[j.req.Tuning.Faces]},
		// Where triangles of a bent face look the wrong way Gmsh would mesh it again by MeshAdapt, which does not end on what is bent sharply
		// (an ellipse of 50 to 1), where such triangles do no harm. They stay; if solids cannot be filled for them, later rungs have the
		// time for it.
		{"Mesh.AlgorithmSwitchOnFailure", flag(j.req.Tuning.Mend || j.req.Tuning.Anchor)},
		{"Mesh.Algorithm3D", algorithms3D[j.req.Spec.Strategy]},
		{"Mesh.ElementOrder", 1}, // raised at the end
		{"Mesh.SecondOrderLinear", 0},
		{"Mesh.HighOrderOptimize", 0},
		{"Mesh.Optimize", 0}, // a stage of its own, and not Gmsh's: see optimize
		{"Mesh.OptimizeNetgen", 0},
		{"Mesh.OptimizeThreshold", 0.3},
		{"Mesh.RandomSeed", 1},
		{"Mesh.SaveAll", 1}, // the faces too, though only solids are named
		{"Mesh.Binary", 1},
		{"Mesh.MshFileVersion", 4.1},
	}
	return options
}

// longestEdge is the length that no edge is to exceed before any is cut in two.
func (j *job) longestEdge(diagonal float64) float64 {
	return j.coarser() * cmp.Or(j.req.Tuning.Scale, 1) * j.req.Spec.Size.MaxEdge(diagonal)
}

// chordsOfCircle is how many edges are to go around a circle before any is cut in two.
func (j *job) chordsOfCircle() float64 {
	if j.req.Spec.Strategy == spec.Hex {
		return max(j.req.Spec.Size.Chords()/hexChords, spec.MinCurvature)
	}
	return j.req.Spec.Size.Chords()
}

// leastEdge is the length that no edge is to fall short of. That of CAD is kept by chords, which know the exceptions.
func (j *job) leastEdge(diagonal float64) float64 {
	if j.source.triangle != nil {
		return j.coarser() * j.req.Spec.Size.MinEdge(diagonal)
	}
	return j.coarser() * j.req.Spec.Size.Min
}

func flag(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
