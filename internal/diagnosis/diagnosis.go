// Package diagnosis is the one vocabulary in which a failure is told: by the engine that met it, by the API that
// reports it and by the viewer that shows the place.
//
// A Diagnosis names a code from a closed list, says in one sentence what is wrong, points at the entities concerned and
// gives a hint that a person can act on. Warnings use the same shape: they are what was repaired or should be known
// though the job succeeded.
package diagnosis

import (
	"fmt"
	"slices"
	"strings"
)

// Code is a stable, documented name of a kind of failure. Clients may switch on it.
type Code string

// The whole vocabulary. The list is closed: a new failure gets a code here, with its meaning, before it is used.
const (
	UnsupportedFormat      Code = "unsupported_format"       // the bytes are not of a format that is read here
	FormatMismatch         Code = "format_mismatch"          // a readable format under the extension of another
	EmptyFile              Code = "empty_file"               // zero bytes
	UnreadableFile         Code = "unreadable_file"          // of a known format, but truncated or inconsistent
	EmptyModel             Code = "empty_model"              // a valid file that holds no shape
	ExternalReferences     Code = "external_references"      // the shapes are in other files that were not sent
	NoVolume               Code = "no_volume"                // curves or faces only, nothing to fill
	NotWatertight          Code = "not_watertight"           // a surface with open edges
	NonManifold            Code = "non_manifold"             // an edge with more than two triangles
	SelfIntersecting       Code = "self_intersecting"        // a surface that passes through itself
	OverlappingSolids      Code = "overlapping_solids"       // solids that share space
	DegenerateGeometry     Code = "degenerate_geometry"      // faces or triangles without area
	InvalidNumber          Code = "invalid_number"           // NaN, infinity or a coordinate beyond any model
	BelowTolerance         Code = "below_tolerance"          // features smaller than the modelling tolerance
	UnfitSpec              Code = "unfit_spec"               // the spec speaks of a group, tag or unit that the geometry does not have
	TooLarge               Code = "too_large"                // over a limit of bytes, faces or elements
	SurfaceMeshingFailed   Code = "surface_meshing_failed"   // a face could not be triangulated
	BoundaryRecoveryFailed Code = "boundary_recovery_failed" // tetrahedra could not be fitted to the surface mesh
	QualityBelowThreshold  Code = "quality_below_threshold"  // inverted or flat elements, or a solid not filled
	OutOfMemory            Code = "out_of_memory"            // the engine reached its memory limit
	TimeLimit              Code = "time_limit"               // the job reached its time limit
	EngineCrashed          Code = "engine_crashed"           // the engine process died
	Internal               Code = "internal"                 // our fault

	// UnitsUnknown occurs in warnings only: the format has no unit of length and none was given.
	UnitsUnknown Code = "units_unknown"
	// Repaired occurs in warnings only: something was mended, and the result stands for the mended model.
	Repaired Code = "repaired"
)

// Codes lists the vocabulary, in the order of its declaration.
var Codes = []Code{
	UnsupportedFormat, FormatMismatch, EmptyFile, UnreadableFile, EmptyModel, ExternalReferences, NoVolume,
	NotWatertight, NonManifold, SelfIntersecting, OverlappingSolids, DegenerateGeometry, InvalidNumber,
	BelowTolerance, UnfitSpec, TooLarge, SurfaceMeshingFailed, BoundaryRecoveryFailed, QualityBelowThreshold, OutOfMemory,
	TimeLimit, EngineCrashed, Internal, UnitsUnknown, Repaired,
}

// Known reports whether c is in the vocabulary.
func (c Code) Known() bool { return slices.Contains(Codes, c) }

// Entity is a part of a model: a point, curve, face or solid (Dim 0 to 3) by the tag that Gmsh gives it.
type Entity struct {
	Dim  int    `json:"dim" minimum:"0" maximum:"3" doc:"0 point, 1 curve, 2 face, 3 solid"`
	Tag  int    `json:"tag" doc:"number of the entity within its dimension"`
	Name string `json:"name,omitempty" doc:"name in the CAD file, if it has one"`
	// Point is a place on or near the entity, in the units of the geometry.
	Point *[3]float64 `json:"point,omitempty" doc:"a place on the entity, in the geometry's units"`
}

// Attempt is one thing that was tried before the job was given up, or before it succeeded.
type Attempt struct {
	Strategy string  `json:"strategy" doc:"what was tried"`
	Error    string  `json:"error,omitempty" doc:"why it did not do; absent for the one that did"`
	Seconds  float64 `json:"seconds" doc:"wall time it took"`
	// Beside is set where two raced.
	Beside []string `json:"beside,omitempty" doc:"what ran at the same time in another engine"`
}

// Diagnosis says what is wrong, where, and what to do. It is an error.
type Diagnosis struct {
	Code     Code      `json:"code" doc:"stable name of the kind of failure"`
	Message  string    `json:"message" doc:"one sentence for a person"`
	Hint     string    `json:"hint,omitempty" doc:"what to try"`
	Entities []Entity  `json:"entities,omitempty" doc:"the places concerned"`
	Tried    []Attempt `json:"tried,omitempty" doc:"what was tried, in order"`
	// NoInside is set of a surface that does not close where strategy lattice would find nothing to fill.
	NoInside bool `json:"no_inside,omitempty" doc:"the triangles surround no place: nothing fills them"`
	// Detail is what a developer would want: the mesher's own words, the last lines of a crashed engine.
	Detail string `json:"detail,omitempty" doc:"the mesher's own words"`
}

// Error returns the code and the message.
func (d *Diagnosis) Error() string {
	if d.Message == "" {
		return string(d.Code)
	}
	return string(d.Code) + ": " + d.Message
}

// New returns a diagnosis with the hint that fits its code.
func New(code Code, format string, args ...any) *Diagnosis {
	return &Diagnosis{Code: code, Message: fmt.Sprintf(format, args...), Hint: hints[code]}
}

// At adds places and returns d.
func (d *Diagnosis) At(entities ...Entity) *Diagnosis {
	d.Entities = append(d.Entities, entities...)
	return d
}

// WithHint replaces the hint and returns d.
func (d *Diagnosis) WithHint(hint string) *Diagnosis {
	d.Hint = hint
	return d
}

// WithDetail sets the mesher's own words and returns d.
func (d *Diagnosis) WithDetail(detail string) *Diagnosis {
	d.Detail = strings.TrimSpace(detail)
	return d
}

// Unclosed lists the refusals of a surface that encloses nothing for sure. Strategy lattice fills such a surface all the same,
// asking of each place how much of what one sees from it is the inside of the surface.
var Unclosed = []Code{NotWatertight, NonManifold, SelfIntersecting}

// Hollow returns a copy of d that says that the surface surrounds no place.
func (d *Diagnosis) Hollow() *Diagnosis {
	hollow := *d
	hollow.NoInside = true
	return hollow.WithHint("The triangles surround no place, so that nothing fills them. Add the walls that are missing, or export the part as a solid.")
}

// Final reports whether the failure lies in the file or the request, so that running the same again cannot help.
func (c Code) Final() bool {
	switch c {
	case EngineCrashed, OutOfMemory, Internal:
		return false
	}
	return true
}

var hints = map[Code]string{
	UnsupportedFormat:      "Send STEP, IGES, BREP or STL, not compressed.",
	FormatMismatch:         "Give the file the extension of what it holds.",
	EmptyFile:              "Export the part again and check the size of the file before sending it.",
	UnreadableFile:         "The file seems damaged or cut off. Export it again and send the whole of it.",
	EmptyModel:             "Check that the part was selected when it was exported.",
	ExternalReferences:     "Export the assembly as one file, with its parts embedded.",
	NoVolume:               "Export a solid. A sheet or a wire has no inside to mesh.",
	NotWatertight:          "Close the holes at the places listed, or export the part as a solid. Or mesh it with strategy \"lattice\", which fills triangles as they are.",
	NonManifold:            "Remove the extra triangles at the edges listed. Or mesh it with strategy \"lattice\", which fills triangles as they are.",
	SelfIntersecting:       "Unite the parts that cross before exporting. Or mesh it with strategy \"lattice\", which fills triangles as they are.",
	OverlappingSolids:      "Unite or cut the solids that overlap.",
	DegenerateGeometry:     "Remove the faces without area, or raise the export tolerance.",
	InvalidNumber:          "Export the part again: some coordinates are not finite numbers of a possible size.",
	BelowTolerance:         "Check the unit of the file: the part is smaller than the modelling tolerance.",
	UnfitSpec:              "Look up names and tags in the geometry's answer.",
	TooLarge:               "Choose a coarser size or a smaller part.",
	SurfaceMeshingFailed:   "Try a finer size near the faces listed, or simplify them.",
	BoundaryRecoveryFailed: "Try a finer size, or strategy \"hxt\".",
	QualityBelowThreshold:  "Try a finer size, or another strategy.",
	OutOfMemory:            "Choose a coarser size, or a worker with more memory.",
	TimeLimit:              "Raise time_limit, or choose a coarser size.",
	EngineCrashed:          "The mesher crashed on this input; it was isolated. Try another strategy, or simplify the part.",
	Internal:               "This is our fault. Try again; if it stays, report it with the id.",
	UnitsUnknown:           "Give the unit when the file is sent; lengths of the spec and of the report are in the numbers of the file.",
	Repaired:               "Check that the repaired model is what you mean.",
}
