// Package blob keeps objects in S3: CAD files as they came, and what was made of them.
//
// # Keys
//
// Every key begins with its tenant, and whatever belongs to one thing lies under one prefix, so that deleting the thing
// is deleting the prefix:
//
//	t/{tenant}/geometries/{geo_id}/source              the CAD file, streamed through the API
//	t/{tenant}/uploads/{upl_id}                        the CAD file, sent straight to S3 with presigned URLs
//	t/{tenant}/jobs/{job_id}/{attempt}-{token}/{name}  a file that one claim of a job has made
//	check/{random}                                     written and deleted by Check
//
// The attempt and the token of the claim are in the key, so that a worker that lost its lease and still writes cannot
// overwrite the files of the one that has it. No key is the folder of another: some servers keep objects as files. The
// functions of keys.go are the only ones that make keys. One that ends in .gz holds gzip and is served as such.
//
// # Integrity
//
// Put signs the SHA-256 of what it sends, so the server refuses a body that changed on the way; the same hash names the
// object in the database. The SDK's own CRC checksums would be a second pass over the same bytes and are off.
//
// # Two endpoints
//
// Presigned URLs are signed for the host that a browser sees (PublicEndpoint), which is not the one that the services
// reach S3 by in a cluster or under compose.
package blob
