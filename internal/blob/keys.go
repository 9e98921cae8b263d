package blob

import (
	"fmt"
	"strings"
)

// TenantsPrefix is the prefix of all that tenants have.
const TenantsPrefix = "t/"

// GeometryKey is the key of a geometry's CAD file.
func GeometryKey(tenant, geometryID string) string {
	return GeometryPrefix(tenant, geometryID) + "source"
}

// GeometryPrefix is the prefix of all objects of a geometry, those of its jobs apart.
func GeometryPrefix(tenant, geometryID string) string {
	return TenantsPrefix + part(tenant) + "/geometries/" + part(geometryID) + "/"
}

// UploadKey is the key of a presigned upload's file.
func UploadKey(tenant, uploadID string) string {
	return TenantsPrefix + part(tenant) + "/uploads/" + part(uploadID)
}

// JobPrefix is the prefix of everything that a job has made.
func JobPrefix(tenant, jobID string) string {
	return TenantsPrefix + part(tenant) + "/jobs/" + part(jobID) + "/"
}

// JobOf returns the job under whose prefix an object lies, if it lies under one.
func JobOf(key string) (jobID string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 6 || parts[0]+"/" != TenantsPrefix || parts[2] != "jobs" {
		return "", false
	}
	return parts[3], true
}

// AttemptPrefix is the prefix of everything that one claim of a job has made; token is the claim's.
func AttemptPrefix(tenant, jobID string, attempt int, token string) string {
	return fmt.Sprintf("%s%d-%s/", JobPrefix(tenant, jobID), attempt, part(token))
}

// ArtifactKey is the key of one file that a claim has made.
func ArtifactKey(tenant, jobID string, attempt int, token, name string) string {
	return AttemptPrefix(tenant, jobID, attempt, token) + part(name)
}

// zippedSuffix ends the key of an object that holds gzip and is served as such (Content-Encoding), so that browsers unpack it.
const zippedSuffix = ".gz"

// Zipped is the key of the same object when gzipped.
func Zipped(key string) string { return key + zippedSuffix }

// Encoding returns the Content-Encoding of an object: "gzip", or "" for none.
func Encoding(key string) string {
	if strings.HasSuffix(key, zippedSuffix) {
		return "gzip"
	}
	return ""
}

// part makes s one part of a key: it holds no slash, is not empty, not "." and not "..", and differs for different s.
// Bytes other than letters, digits, '-', '_' and '.' become %XX. Names come from engines that have read a stranger's
// file, so a part must not be able to leave its place.
func part(s string) string {
	if s == "" {
		return "%"
	}
	dots := strings.Trim(s, ".") == ""
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.' && !dots:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
