package types

import (
	"time"

	"meshgen/internal/spec"
)

// CreateBatch asks for a mesh of each geometry by each spec.
type CreateBatch struct {
	Name        string      `json:"name,omitempty" maxLength:"200" doc:"what a person calls it" example:"spring variants"`
	ProjectID   string      `json:"project_id,omitempty" doc:"project to list the batch in; the meshes are in the projects of their geometries"`
	GeometryIDs []string    `json:"geometry_ids" minItems:"1" doc:"geometries to mesh, each once; their imports need not have ended"`
	Specs       []BatchSpec `json:"specs,omitempty" doc:"what is wanted of each; absent: one mesh by the default spec"`
	WebhookURL  string      `json:"webhook_url,omitempty" maxLength:"2000" format:"uri" doc:"address to be told once, by a signed POST (Standard Webhooks), when all meshes have ended" example:"https://example.com/hooks/meshgen"`
	Reuse       *bool       `json:"reuse,omitempty" doc:"true (the default) lets meshes that were made of the same file, with the same spec by the same engine, be the answer; false makes all again"`
}

// BatchSpec is one of the specs of a batch.
type BatchSpec struct {
	Name string    `json:"name,omitempty" maxLength:"60" doc:"what the files are called after, such as fine; absent: the number of the spec, where there are several"`
	Spec spec.Spec `json:"spec,omitzero" doc:"what is wanted; every field is optional"`
}

// BatchCounts says how many meshes of a batch are in each status.
type BatchCounts struct {
	Queued    int `json:"queued"`
	Running   int `json:"running"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	Canceled  int `json:"canceled"`
	Total     int `json:"total" doc:"meshes in all; one that was deleted is not counted any more"`
}

// BatchSummary is a batch as a list shows it.
type BatchSummary struct {
	ID        string      `json:"id" doc:"name of the batch" example:"bat_0190163d-8694-739b-aea5-966c26f8ad91"`
	Name      string      `json:"name,omitempty"`
	ProjectID string      `json:"project_id,omitempty" doc:"project that lists it"`
	Done      bool        `json:"done" doc:"every mesh is final"`
	Counts    BatchCounts `json:"counts"`
	Specs     []BatchSpec `json:"specs" doc:"as resolved: every default filled in"`
	CreatedAt time.Time   `json:"created_at"`
}

// Batch is many geometries by many specs, with a row for each mesh.
type Batch struct {
	BatchSummary
	Items []BatchItem `json:"items" doc:"the meshes, geometry by geometry in the order of the request, and spec by spec"`
}

// BatchItem is a mesh of a batch.
type BatchItem struct {
	MeshID     string  `json:"mesh_id"`
	GeometryID string  `json:"geometry_id"`
	Filename   string  `json:"filename" doc:"of the geometry"`
	Spec       int     `json:"spec" doc:"which of the batch's specs, from 0"`
	Status     string  `json:"status" enum:"queued,running,succeeded,failed,canceled"`
	Stage      string  `json:"stage,omitempty" doc:"what is being done"`
	Progress   float64 `json:"progress" minimum:"0" maximum:"1"`
	Nodes      int     `json:"nodes,omitempty" doc:"once succeeded"`
	Elements   int     `json:"elements,omitempty" doc:"elements of volume, once succeeded"`
	MinSICN    float64 `json:"min_sicn,omitempty" doc:"smallest signed inverse condition number of the elements of volume: 1 is the ideal, 0 is flat"`
	Seconds    float64 `json:"seconds,omitempty" doc:"wall time of its last attempt, once that has ended"`
	ReusedFrom string  `json:"reused_from,omitempty" doc:"mesh whose run made this result; it may have been deleted since"`
	ErrorCode  string  `json:"error_code,omitempty" doc:"why it failed; the mesh tells all"`
	Error      string  `json:"error,omitempty" doc:"the same in words"`
}

// BatchList is a page of batches, newest first.
type BatchList struct {
	Items      []BatchSummary `json:"items"`
	NextCursor string         `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}

// BatchManifest is manifest.json of a batch's archive: what was asked for and what became of it.
type BatchManifest struct {
	BatchSummary
	Items []ManifestItem `json:"items"`
}

// ManifestItem is a mesh of a batch and its files in the archive.
type ManifestItem struct {
	BatchItem
	SpecName string         `json:"spec_name,omitempty"`
	Counts   map[string]int `json:"element_counts,omitempty" doc:"by kind"`
	Files    []ManifestFile `json:"files"`
}

// ManifestFile is a file of the archive, or says why it is not there.
type ManifestFile struct {
	Format string `json:"format"`
	Name   string `json:"name,omitempty" doc:"in the archive"`
	Size   int64  `json:"size,omitempty" doc:"bytes"`
	SHA256 string `json:"sha256,omitempty" doc:"of the bytes, in hex"`
	Error  string `json:"error,omitempty" doc:"why the format could not be written"`
}
