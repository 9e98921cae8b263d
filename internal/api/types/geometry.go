package types

import (
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/estimate"
)

// GeometrySummary is a geometry as a list shows it.
type GeometrySummary struct {
	ID        string `json:"id" doc:"name of the geometry" example:"geo_0190163d-8694-739b-aea5-966c26f8ad91"`
	ProjectID string `json:"project_id,omitempty" doc:"project that holds it"`
	Filename  string `json:"filename" doc:"name of the file as sent, for display"`
	Format    string `json:"format" enum:"step,iges,brep,stl" doc:"format by content"`
	Size      int64  `json:"size" doc:"bytes of the file"`
	SHA256    string `json:"sha256" doc:"SHA-256 of the file, in hex"`

	Status   string  `json:"status" enum:"queued,running,succeeded,failed,canceled" doc:"where the import stands; the last three are final"`
	Stage    string  `json:"stage,omitempty" enum:"fetch,import,heal,mesh1d,mesh2d,mesh3d,optimize,quality,export,upload" doc:"what the import is doing"`
	Progress float64 `json:"progress" minimum:"0" maximum:"1" doc:"of the import, 0 to 1"`
	Attempt  int     `json:"attempt" doc:"how often the import was started"`

	Units         string      `json:"units,omitempty" doc:"unit of every length here: mm for STEP and IGES (converted on reading), else as declared on upload"`
	DeclaredUnits string      `json:"declared_units,omitempty" doc:"unit that the file itself says it is written in"`
	BoundingBox   *engine.Box `json:"bounding_box,omitempty" doc:"once imported"`
	SolidCount    int         `json:"solid_count" doc:"solids; 0 until imported"`
	FaceCount     int         `json:"face_count" doc:"faces; 0 until imported"`
	CurveCount    int         `json:"curve_count" doc:"curves; 0 until imported"`
	TriangleCount int         `json:"triangle_count,omitempty" doc:"triangles of an STL"`
	Volume        float64     `json:"volume,omitempty" doc:"of all solids"`
	Area          float64     `json:"area,omitempty" doc:"of all faces"`

	Error      *diagnosis.Diagnosis  `json:"error,omitempty" doc:"why the import failed"`
	Defect     *diagnosis.Diagnosis  `json:"defect,omitempty" doc:"of an STL whose triangles enclose no solid for sure (not_watertight, non_manifold, self_intersecting): what is wrong and where. Strategy lattice and drafts fill it all the same, and so does auto in the end; other strategies are refused with this diagnosis. It is described as one solid of unknown volume with one face"`
	Warnings   []diagnosis.Diagnosis `json:"warnings" doc:"what was repaired or should be known"`
	CreatedAt  time.Time             `json:"created_at"`
	StartedAt  *time.Time            `json:"started_at,omitempty" doc:"when the import last started"`
	FinishedAt *time.Time            `json:"finished_at,omitempty" doc:"when the import ended"`
}

// Geometry is a CAD file and what its import found in it.
type Geometry struct {
	GeometrySummary
	Groups    []engine.FileGroup `json:"groups" doc:"names that a spec can refer to: of solids and faces, by their colours (color_ff0000) and layers (layer_7); empty until imported"`
	Solids    []engine.Body      `json:"solids" doc:"with names and colours where the file has them; empty until imported"`
	Faces     []engine.Body      `json:"faces" doc:"with names and colours where the file has them; empty until imported"`
	Timings   []engine.Timing    `json:"timings" doc:"wall seconds of each stage of the import, and as engine what the engine took beside them"`
	Estimates []FinenessEstimate `json:"estimates" doc:"what a mesh would cost at each fineness from 1 to 10; empty until imported"`
	Preview   *Artifact          `json:"preview,omitempty" doc:"what a viewer shows; absent until there is one"`
}

// FinenessEstimate is what the default spec at a fineness would cost.
type FinenessEstimate struct {
	Fineness   int            `json:"fineness"`
	MaxEdge    float64        `json:"max_edge" doc:"longest edge that it stands for"`
	Tetrahedra estimate.Range `json:"tetrahedra" doc:"elements in the volume"`
	Seconds    estimate.Range `json:"seconds" doc:"wall time on a warm engine with one thread"`
}

// GeometryList is a page of geometries, newest first.
type GeometryList struct {
	Items      []GeometrySummary `json:"items"`
	NextCursor string            `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}

// FetchGeometry names a CAD file by its address.
type FetchGeometry struct {
	GeometryURL string `json:"geometry_url" minLength:"1" maxLength:"4096" format:"uri" doc:"where the file is: https, of the public internet, and not an address that redirects" example:"https://files.example.com/bracket.step"`
	Filename    string `json:"filename,omitempty" maxLength:"4096" doc:"name of the file, for display only; by default what the other side calls it, or the end of its address"`
	Units       string `json:"units,omitempty" enum:"um,mm,cm,m,in,ft" doc:"unit of the numbers in a file that declares none (STL, BREP)"`
	ProjectID   string `json:"project_id,omitempty" doc:"project to put the geometry into"`
}
