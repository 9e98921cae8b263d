package types

// Artifact is a file that can be downloaded.
type Artifact struct {
	ID        string `json:"id" doc:"name of the artifact" example:"art_0190163d-8694-739b-aea5-966c26f8ad91"`
	Name      string `json:"name" doc:"file name" example:"mesh.msh"`
	Format    string `json:"format" doc:"format as in spec.formats; also report, log and preview formats" example:"msh"`
	MediaType string `json:"media_type" doc:"media type"`
	Size      int64  `json:"size" doc:"bytes"`
	Encoding  string `json:"encoding,omitempty" enum:"gzip" doc:"Content-Encoding of the bytes at url, of large files for viewing: browsers unpack them, and curl does with --compressed. size and sha256 are of the bytes as they come"`
	SHA256    string `json:"sha256" doc:"SHA-256 of the bytes, in hex"`
	Preview   bool   `json:"preview,omitempty" doc:"made to be looked at, and there before its job has ended"`
	URL       string `json:"url" format:"uri" doc:"where to get the bytes, for an hour, without further authentication"`
}
