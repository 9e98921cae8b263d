package types

import "time"

// CreateUpload announces a file that the client will send straight to the object store.
type CreateUpload struct {
	Filename  string `json:"filename" minLength:"1" maxLength:"4096" doc:"name of the file, kept for display only" example:"bracket.step"`
	Size      int64  `json:"size" minimum:"0" doc:"bytes of the file"`
	Units     string `json:"units,omitempty" enum:"um,mm,cm,m,in,ft" doc:"unit of the numbers in a file that declares none (STL, BREP)"`
	ProjectID string `json:"project_id,omitempty" doc:"project to put the geometry into"`
}

// Upload is a file on its way straight to the object store: each part that has not been received is to be PUT to its
// URL, in any order and side by side; then the upload is completed.
type Upload struct {
	ID            string       `json:"id" doc:"name of the upload" example:"upl_0190163d-8694-739b-aea5-966c26f8ad91"`
	Status        string       `json:"status" enum:"pending,completed" doc:"completed: geometry_id names the geometry"`
	Filename      string       `json:"filename" doc:"as announced, cleaned for display"`
	Size          int64        `json:"size" doc:"bytes, as announced"`
	Units         string       `json:"units,omitempty" doc:"as announced"`
	ProjectID     string       `json:"project_id,omitempty" doc:"as announced"`
	PartSize      int64        `json:"part_size" doc:"bytes of every part but the last"`
	Parts         []UploadPart `json:"parts" doc:"in order; empty once completed"`
	URLsExpireAt  *time.Time   `json:"urls_expire_at,omitempty" doc:"until when the parts' URLs hold; GET the upload for fresh ones"`
	ExpiresAt     time.Time    `json:"expires_at" doc:"until when it can be completed"`
	GeometryID    string       `json:"geometry_id,omitempty" doc:"the geometry that it became"`
	ReceivedBytes int64        `json:"received_bytes" doc:"bytes of the parts received"`
}

// UploadPart is a range of the file's bytes.
type UploadPart struct {
	Number   int    `json:"number" doc:"from 1"`
	Offset   int64  `json:"offset" doc:"first byte in the file"`
	Size     int64  `json:"size" doc:"bytes"`
	Received bool   `json:"received" doc:"it has arrived; no need to send it again"`
	URL      string `json:"url,omitempty" format:"uri" doc:"where to PUT it; absent when received"`
}
