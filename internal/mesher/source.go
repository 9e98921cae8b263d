package mesher

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"meshgen/internal/cadfile"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/surface"
)

// source is what a file holds, once it is in the library.
type source struct {
	declared string // unit that the file declares
	low      [3]float64
	high     [3]float64
	solids   []solid
	triangle *surface.Mesh        // of an STL, mended; nil for CAD
	raw      *surface.Mesh        // of an STL that no repair closes, as it is
	defect   *diagnosis.Diagnosis // of raw: why it encloses nothing for sure
}

// solid is a volume to be meshed.
type solid struct {
	tag    int
	name   string
	volume float64 // according to the CAD
	faces  []int
	copies map[int]int // of faces that another solid has too, where solids share nothing: the tag that this one's has
}

// alias returns the tag that a face of the file has in the mesh of the solid.
func (s *solid) alias(face int) int {
	if tag, ok := s.copies[face]; ok {
		return tag
	}
	return face
}

// renameFaces gives the solid's faces the tags that they have in its mesh.
func (s *solid) renameFaces() {
	s.faces = slices.Clone(s.faces) // a part that is kept has them too
	for i, f := range s.faces {
		s.faces[i] = s.alias(f)
	}
}

func (s *source) diagonal() float64 {
	return math.Hypot(math.Hypot(s.high[0]-s.low[0], s.high[1]-s.low[1]), s.high[2]-s.low[2])
}

func (s *source) centre() [3]float64 {
	return [3]float64{(s.low[0] + s.high[0]) / 2, (s.low[1] + s.high[1]) / 2, (s.low[2] + s.high[2]) / 2}
}

// units returns the unit of every length of the model: OpenCASCADE converts what declares a unit to millimetres.
func (j *job) units() string {
	switch j.req.Source.Format {
	case engine.STEP, engine.IGES:
		return "mm"
	}
	return j.req.Source.Units
}

// read reads the file into the library, having looked at it first: Gmsh and OpenCASCADE crash, hang or run what is in it
// where a file is not what it claims to be.
func (j *job) read() error {
	j.begin(engine.StageImport)
	if err := j.examine(); err != nil {
		return err
	}
	if j.req.Source.Format == engine.STL {
		return j.readTriangles()
	}
	if err := j.readShapes(); err != nil {
		return err
	}
	if err := j.checkSize(); err != nil {
		return err
	}
	if j.req.Tuning.Tessellate {
		return j.standIn()
	}
	return nil
}

// examine makes sure that the file is of the format that the request says, whole, and of sane numbers.
func (j *job) examine() error {
	path, format := j.req.Source.Path, j.req.Source.Format
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	head := make([]byte, min(info.Size(), cadfile.SniffLen))
	if _, err := io.ReadFull(f, head); err != nil {
		return err
	}
	found, d := cadfile.Sniff(head, info.Size(), filepath.Base(path))
	if d != nil {
		return d
	}
	if found != format {
		return diagnosis.New(diagnosis.FormatMismatch, "The file was sent as %s but holds %s.", format, found)
	}
	facts, d := cadfile.Check(path, format)
	j.source.declared = facts.DeclaredUnits
	j.warn(facts.Warnings...)
	if d != nil {
		return d
	}
	return nil
}

// readShapes has OpenCASCADE read STEP, IGES or BREP.
func (j *job) readShapes() error {
	if err := set(j.readingOptions()); err != nil {
		return err
	}
	return j.loadShapes()
}

func (j *job) loadShapes() error {
	if err := j.importShapes(); err != nil {
		return err
	}
	solids, err := gmsh.OCCEntities(3)
	if err != nil {
		return err
	}
	if len(solids) == 0 {
		if err := j.sew(); err != nil {
			return err
		}
	}
	if err := takeShapes(); err != nil {
		return err
	}
	if err := j.dropStrays(); err != nil {
		return err
	}
	return j.list()
}

func (j *job) importShapes() error {
	if err := gmsh.AddModel(j.modelName); err != nil {
		return err
	}
	found, err := gmsh.ImportShapes(j.req.Source.Path, string(j.req.Source.Format), false)
	if err != nil {
		return diagnosis.New(diagnosis.UnreadableFile, "OpenCASCADE could not read the file.").WithDetail(err.Error())
	}
	if len(found) == 0 {
		return diagnosis.New(diagnosis.EmptyModel, "The file holds no shape.")
	}
	return nil
}

// takeShapes makes entities of the shapes that were read. It fails where one contradicts itself, as an edge whose curve ends elsewhere.
func takeShapes() error {
	if err := gmsh.OCCSynchronize(); err != nil {
		return diagnosis.New(diagnosis.UnreadableFile, "OpenCASCADE read the file, but its shapes contradict themselves: a curve or a face has no sense where it is said to end.").
			WithDetail(err.Error())
	}
	return nil
}

// strayDimensions are those whose entities may lie about without bounding anything, the higher first.
var strayDimensions = []int{2, 1, 0}

// dropStrays removes faces, curves and points that bound no solid: sketches, axes, construction planes.
func (j *job) dropStrays() error {
	var strays []gmsh.DimTag
	names := map[int]string{2: "face", 1: "curve", 0: "point"}
	for _, dim := range strayDimensions {
		entities, err := gmsh.Entities(dim)
		if err != nil {
			return err
		}
		var found []gmsh.DimTag
		for _, e := range entities {
			up, _, err := gmsh.Adjacencies(e)
			if err != nil {
				return err
			}
			if len(up) == 0 {
				found = append(found, e)
			}
		}
		if len(found) == 0 {
			continue
		}
		strays = append(strays, found...)
		warning := diagnosis.New(diagnosis.Repaired, "Left out %s that bound no solid.", count(len(found), names[dim]))
		j.warn(*warning.At(j.places(found)...))
	}
	if len(strays) == 0 {
		return nil
	}
	if err := gmsh.Remove(strays, true); err != nil {
		return err
	}
	return gmsh.OCCSynchronize()
}

// list notes the solids of the model with their names, volumes and faces, and the box around them.
func (j *job) list() error {
	entities, err := gmsh.Entities(3)
	if err != nil {
		return err
	}
	if len(entities) == 0 {
		return diagnosis.New(diagnosis.NoVolume, "The file holds no solid.")
	}
	j.source.solids = nil
	for _, e := range entities {
		_, faces, err := gmsh.Adjacencies(e)
		if err != nil {
			return err
		}
		j.source.solids = append(j.source.solids, solid{tag: e.Tag, faces: faces})
	}
	if j.source.low, j.source.high, err = gmsh.BoundingBox(gmsh.DimTag{Dim: -1, Tag: -1}); err != nil {
		return err
	}
	if j.recall() {
		return nil
	}
	names := j.solidNames(entities)
	for i, e := range entities {
		volume, err := gmsh.Mass(e)
		if err != nil {
			return err
		}
		// A solid that is inside out has a negative volume; its mesh is the same.
		j.source.solids[i].name, j.source.solids[i].volume = names[i], math.Abs(volume)
	}
	return nil
}

// recall takes names and volumes from what an import of the same file said, and reports whether it could: integrating the
// volume of curved solids takes as long as meshing their edges.
func (j *job) recall() bool {
	known := j.req.Known
	if known == nil || len(known.Solids) != len(j.source.solids) || known.Box != (engine.Box{Min: j.source.low, Max: j.source.high}) {
		return false
	}
	for i, body := range known.Solids {
		if body.Tag != j.source.solids[i].tag || !slices.Equal(body.Faces, j.source.solids[i].faces) {
			return false
		}
	}
	for i, body := range known.Solids {
		j.source.solids[i].name, j.source.solids[i].volume = body.Name, body.Measure
	}
	return true
}

// tolerance is OpenCASCADE's modelling tolerance: points nearer to each other are one. smallest is the least diagonal of a
// part that has room for features.
const (
	tolerance = 1e-7
	smallest  = 100 * tolerance
)

// checkSize refuses what no mesher could tell from a point.
func (j *job) checkSize() error {
	d := j.source.diagonal()
	if math.IsNaN(d) || math.IsInf(d, 0) {
		return diagnosis.New(diagnosis.InvalidNumber, "The part has no finite size.")
	}
	if d < smallest {
		return diagnosis.New(diagnosis.BelowTolerance, "The whole part is %.3g across; shapes are precise to %.3g.", d, tolerance)
	}
	return nil
}
