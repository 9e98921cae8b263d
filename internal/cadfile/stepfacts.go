package cadfile

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"meshgen/internal/diagnosis"
)

// interest says which of the words within an instance are worth keeping.
type interest int

const (
	none       interest = 0
	lengthUnit interest = 1 << (iota - 1)
	siUnit
	conversionUnit
	unitContext
	lengthMeasure
	fileName
)

var interests = map[string]interest{
	"LENGTH_UNIT":                                lengthUnit,
	"SI_UNIT":                                    siUnit,
	"CONVERSION_BASED_UNIT":                      conversionUnit,
	"GLOBAL_UNIT_ASSIGNED_CONTEXT":               unitContext,
	"LENGTH_MEASURE_WITH_UNIT":                   lengthMeasure,
	"DOCUMENT_FILE":                              fileName,
	"APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT": fileName,
}

// record keeps a few words of an instance.
type record struct {
	seen         interest // the types of the instance
	refs         []uint32 // of a unit or measure
	units        []uint32 // of a context
	texts, enums []string
	value        float64 // the last number
}

// what a record keeps at most
const (
	maxWords    = 16
	maxWordSize = 256
)

func (r *record) reset() {
	*r = record{refs: r.refs[:0], units: r.units[:0], texts: r.texts[:0], enums: r.enums[:0]}
}

func (r *record) refer(id uint32, as interest) {
	if as == unitContext && len(r.units) < maxWords {
		r.units = append(r.units, id)
	} else if as != unitContext && len(r.refs) < maxWords {
		r.refs = append(r.refs, id)
	}
}

func (r *record) quote(text []byte) {
	if len(r.texts) < maxWords {
		r.texts = append(r.texts, string(text[:min(len(text), maxWordSize)]))
	}
}

func (r *record) enumerate(word []byte) {
	if len(r.enums) < maxWords {
		r.enums = append(r.enums, string(word[:min(len(word), maxWordSize)]))
	}
}

// stepUnits are the units of length that a file defines and uses.
type stepUnits struct {
	used     map[uint32]bool    // by the contexts
	length   map[uint32]float64 // of SI units, in millimetres
	derived  map[uint32]uint32  // a unit that is a measure
	measures map[uint32]measure
}

type measure struct {
	value float64
	unit  uint32
}

// maxUnits bounds how many units are looked at; even large assemblies have one for each part.
const maxUnits = 100_000

// note takes what an instance says of units.
func (u *stepUnits) note(id uint32, r *record) {
	if r.seen == none {
		return
	}
	if u.used == nil {
		*u = stepUnits{map[uint32]bool{}, map[uint32]float64{}, map[uint32]uint32{}, map[uint32]measure{}}
	}
	if len(u.used)+len(u.length)+len(u.derived)+len(u.measures) > maxUnits {
		return
	}
	for _, unit := range r.units {
		u.used[unit] = true
	}
	switch {
	case r.seen&lengthMeasure != 0 && len(r.refs) > 0:
		u.measures[id] = measure{value: r.value, unit: r.refs[0]}
	case r.seen&lengthUnit != 0 && r.seen&siUnit != 0:
		if n := len(r.enums); n > 0 && r.enums[n-1] == "METRE" {
			factor, known := 1.0, true
			if n > 1 {
				factor, known = prefixes[r.enums[n-2]]
			}
			if known {
				u.length[id] = factor * 1000
			}
		}
	case r.seen&lengthUnit != 0 && r.seen&conversionUnit != 0 && len(r.refs) > 0:
		u.derived[id] = r.refs[0]
	}
}

var prefixes = map[string]float64{"EXA": 1e18, "PETA": 1e15, "TERA": 1e12, "GIGA": 1e9, "MEGA": 1e6, "KILO": 1e3, "HECTO": 1e2,
	"DECA": 1e1, "DECI": 1e-1, "CENTI": 1e-2, "MILLI": 1e-3, "MICRO": 1e-6, "NANO": 1e-9, "PICO": 1e-12, "FEMTO": 1e-15}

// declared returns the name of the unit of length that all contexts use, "mixed" where they differ.
func (u *stepUnits) declared() string {
	name := ""
	for id := range u.used {
		mm, ok := u.millimetres(id)
		if !ok {
			continue
		}
		switch this := unitName(mm); {
		case name == "":
			name = this
		case name != this:
			return "mixed"
		}
	}
	return name
}

// millimetres returns the length of a unit.
func (u *stepUnits) millimetres(id uint32) (float64, bool) {
	factor := 1.0
	for range 4 { // a unit defined by a unit defined by a unit: nobody goes further
		if mm, ok := u.length[id]; ok {
			return factor * mm, true
		}
		m, ok := u.measures[u.derived[id]]
		if !ok {
			return 0, false
		}
		factor *= m.value
		id = m.unit
	}
	return 0, false
}

// unitName returns the short name of a unit of so many millimetres.
func unitName(mm float64) string {
	for _, unit := range unitNames {
		if mm > unit.mm*(1-1e-6) && mm < unit.mm*(1+1e-6) {
			return unit.name
		}
	}
	return fmt.Sprintf("%.6g mm", mm)
}

// unitNames are units of length; those of spec.Units first.
var unitNames = []struct {
	name string
	mm   float64
}{
	{"um", 1e-3}, {"mm", 1}, {"cm", 10}, {"m", 1000}, {"in", 25.4}, {"ft", 304.8},
	{"nm", 1e-6}, {"dm", 100}, {"km", 1e6}, {"uin", 25.4e-6}, {"mil", 25.4e-3}, {"yd", 914.4}, {"mi", 1609344},
}

// shapeFiles are the extensions of files that hold shapes.
var shapeFiles = []string{".stp", ".step", ".p21", ".stpx", ".stpz", ".igs", ".iges", ".brep", ".stl", ".prt", ".asm", ".par",
	".sldprt", ".sldasm", ".ipt", ".iam", ".catpart", ".catproduct", ".model", ".x_t", ".x_b", ".sat", ".jt"}

// noteFile takes the name of another file, if its extension says that it holds a shape.
func (s *step) noteFile(name string) {
	const most = 10
	if quoted := excerpt([]byte(name)); len(s.files) < most && !slices.Contains(s.files, quoted) &&
		slices.Contains(shapeFiles, strings.ToLower(path.Ext(name))) {
		s.files = append(s.files, quoted)
	}
}

// harmless are types of entities that may refer to what is missing: how things look or are filed. OpenCASCADE 7.8 was
// tried with each. It reads the shape as if nothing had happened; with most other types it drops a solid without a
// word, or crashes (as even with SURFACE_STYLE_USAGE and FILL_AREA_STYLE).
var harmless = map[string]bool{
	"STYLED_ITEM": true, "OVER_RIDING_STYLED_ITEM": true, "PRESENTATION_STYLE_ASSIGNMENT": true, "PRESENTATION_LAYER_ASSIGNMENT": true,
	"MECHANICAL_DESIGN_GEOMETRIC_PRESENTATION_REPRESENTATION": true, "SURFACE_SIDE_STYLE": true,
	"SURFACE_STYLE_FILL_AREA": true, "FILL_AREA_STYLE_COLOUR": true, "CURVE_STYLE": true,
	"APPLICATION_PROTOCOL_DEFINITION": true, "PRODUCT_RELATED_PRODUCT_CATEGORY": true, "PRODUCT_CATEGORY_RELATIONSHIP": true,
}

// dangling reads the file again to say who refers to entities that it does not define.
func (s *step) dangling(src io.ReaderAt, size int64, facts *Facts) *diagnosis.Diagnosis {
	const most = 10
	var bad, minor []string
	badCount, minorCount := 0, 0
	again := newStep(src, size)
	again.defined = s.defined
	again.missing = func(id uint32) {
		place := fmt.Sprintf("line %d: %s refers to #%d", again.line, again.instance(), id)
		if harmless[string(again.keyword)] {
			if minorCount++; minorCount <= most {
				minor = append(minor, place)
			}
		} else if badCount++; badCount <= most {
			bad = append(bad, place)
		}
	}
	if d := again.read(); d != nil {
		return d
	}
	if badCount > 0 {
		return diagnosis.New(diagnosis.UnreadableFile, "The file does not define all that it refers to (%d times); first in %s.",
			badCount, bad[0]).WithDetail(strings.Join(bad, "\n"))
	}
	facts.Warnings = append(facts.Warnings, *diagnosis.New(diagnosis.UnreadableFile,
		"Styles or labels of the file refer to what it does not define (%d times); first in %s.",
		minorCount, minor[0]).WithDetail(strings.Join(minor, "\n")))
	return nil
}
