package types

import (
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/estimate"
	"meshgen/internal/spec"
)

// CreateMesh asks for a mesh of a geometry.
type CreateMesh struct {
	GeometryID string    `json:"geometry_id" minLength:"1" doc:"geometry to mesh; its import need not have ended" example:"geo_0190163d-8694-739b-aea5-966c26f8ad91"`
	Spec       spec.Spec `json:"spec,omitzero" doc:"what is wanted; every field is optional"`
	Class      string    `json:"class,omitempty" enum:"interactive,batch" doc:"interactive (a person waits; the default) goes before batch, which starts a minute later at most when workers are busy"`
	WebhookURL string    `json:"webhook_url,omitempty" format:"uri" maxLength:"2000" doc:"told of the end of the mesh, by a signed POST (Standard Webhooks)" example:"https://example.com/hooks/meshgen"`
	Reuse      *bool     `json:"reuse,omitempty" doc:"true (the default) lets a mesh that was made of the same file, with the same spec by the same engine, be the answer; false makes it again"`
}

// Counts says how large a mesh is.
type Counts struct {
	Nodes    int            `json:"nodes"`
	Elements map[string]int `json:"elements" doc:"by kind: tetrahedron, triangle, …"`
}

// MeshSummary is a mesh as a list shows it.
type MeshSummary struct {
	ID         string `json:"id" doc:"name of the mesh" example:"msh_0190163d-8694-739b-aea5-966c26f8ad91"`
	GeometryID string `json:"geometry_id" doc:"geometry that it is of"`
	ProjectID  string `json:"project_id,omitempty" doc:"project that holds it"`

	Status   string  `json:"status" enum:"queued,running,succeeded,failed,canceled" doc:"where it stands; the last three are final"`
	Stage    string  `json:"stage,omitempty" enum:"fetch,import,heal,mesh1d,mesh2d,mesh3d,optimize,quality,export,upload" doc:"what is being done"`
	Progress float64 `json:"progress" minimum:"0" maximum:"1" doc:"0 to 1"`
	Attempt  int     `json:"attempt" doc:"how often it was started"`

	ReusedFrom string `json:"reused_from,omitempty" doc:"mesh whose run made this result: the same file, spec and engine; it may have been deleted since"`
	Follows    string `json:"follows,omitempty" doc:"mesh whose run will make this result too; status, stage and progress are those of that run"`

	Spec      spec.Spec                `json:"spec" doc:"as resolved: every default filled in"`
	Counts    *Counts                  `json:"counts,omitempty" doc:"once succeeded"`
	Strategy  string                   `json:"strategy,omitempty" doc:"the strategy that made it"`
	Volume    float64                  `json:"volume,omitempty" doc:"of all elements, in the geometry's units"`
	CADVolume float64                  `json:"cad_volume,omitempty" doc:"of the CAD's solids"`
	Quality   map[string]engine.Bounds `json:"quality,omitempty" doc:"measures of the volume elements: sicn, gamma"`

	Error      *diagnosis.Diagnosis  `json:"error,omitempty" doc:"why it failed"`
	Warnings   []diagnosis.Diagnosis `json:"warnings" doc:"what was repaired or should be known"`
	CreatedAt  time.Time             `json:"created_at"`
	StartedAt  *time.Time            `json:"started_at,omitempty" doc:"when it last started"`
	FinishedAt *time.Time            `json:"finished_at,omitempty" doc:"when it became final"`
}

// Mesh is a mesh, or the work to make it.
type Mesh struct {
	MeshSummary
	Timings  []engine.Timing      `json:"timings" doc:"wall seconds of each stage, and as engine what the engine took beside them"`
	Solids   []engine.SolidReport `json:"solids" doc:"each solid against the CAD"`
	Measured *engine.Measured     `json:"measured,omitempty" doc:"what the elements are like: distributions of each measure, fitness for solvers. Of each solid and group, and the worst 100 elements: the artifact of format report"`
	// Straightened is absent where every element could be curved as it was.
	Straightened *engine.Straightened `json:"straightened,omitempty" doc:"curved elements that turned inside out, and what was done"`
	Layers       []engine.LayerReport `json:"layers,omitempty" doc:"boundary layers, one entry for each of the spec's"`
	Checks       []engine.Check       `json:"checks" doc:"the conditions that a mesh has to meet"`
	Tried        []diagnosis.Attempt  `json:"tried" doc:"what was tried, in order"`
	Raced        *engine.Race         `json:"raced,omitempty" doc:"two ways ran side by side and this mesh is of the one that was first: the same request may give another mesh"`
	Versions     map[string]string    `json:"versions,omitempty" doc:"what made it"`
	Artifacts    []Artifact           `json:"artifacts" doc:"files to download"`
}

// MeshList is a page of meshes, newest first.
type MeshList struct {
	Items      []MeshSummary `json:"items"`
	NextCursor string        `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}

// EstimateRequest asks what a mesh would cost.
type EstimateRequest struct {
	GeometryID string    `json:"geometry_id" minLength:"1" doc:"geometry that has been imported"`
	Spec       spec.Spec `json:"spec,omitzero" doc:"what would be wanted"`
}

// Range is an expectation and the bounds that hold in nine of ten cases.
type Range = estimate.Range

// Estimate is what a mesh would cost, roughly.
type Estimate struct {
	Triangles  Range     `json:"triangles" doc:"elements on the surface"`
	Tetrahedra Range     `json:"tetrahedra" doc:"elements in the volume"`
	Nodes      Range     `json:"nodes" doc:"mesh nodes, for the order asked for"`
	Seconds    Range     `json:"seconds" doc:"wall time on a warm engine with one thread, without waiting in the queue"`
	MaxEdge    float64   `json:"max_edge" doc:"longest edge that the spec stands for, in the geometry's units"`
	MinEdge    float64   `json:"min_edge" doc:"shortest edge that the spec stands for"`
	Spec       spec.Spec `json:"spec" doc:"as resolved"`
}
