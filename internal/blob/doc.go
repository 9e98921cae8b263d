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
// Put reads a body once, for its CRC-32C (of a large one, that of each part) and its SHA-256, and then sends it. The server refuses bytes of
// another CRC-32C, and so a body that changed meanwhile; where somebody may stand between, the signature covers a SHA-256, too. That of the
// whole is kept in the database. It is not asked of the engine that wrote the file, though the bytes are in its hands: to read them again costs a
// sixth of what their SHA-256 does, and the database says what is in S3 whatever an engine has come to. Without TLS, a whole file in one request is sent by the kernel (sendfile.go). The SDK's own checksums
// would be one more pass over the same bytes and are off. What a client sends by presigned URLs has the checksum that the server
// makes of it, and is hashed when it is read.
//
// # Two endpoints
//
// Presigned URLs are signed for the host that a browser sees (PublicEndpoint), which is not the one that the services
// reach S3 by in a cluster or under compose.
package blob
