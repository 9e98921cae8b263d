package worker

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
)

// viewed are the formats that a page fetches and a browser unpacks. What a person downloads stays as it is: a plain download
// has to give the file itself.
var viewed = map[string]bool{"surface": true, "volume": true}

// worthZipping is the size from which a file for viewing is sent gzipped: below it little is gained, and small meshes should
// be there at once.
const worthZipping = 256 << 10

// zipped gzips a file that is worth it, beside it, and returns where it is then and what its key is. The level is the fastest:
// what a higher one gains on these files is a few hundredths.
func zipped(a engine.Artifact, key string, size int64) (path, zippedKey string, err error) {
	if !viewed[a.Format] || size != whole {
		return a.Path, key, nil
	}
	from, err := os.Open(a.Path)
	if err != nil {
		return "", "", err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return "", "", err
	}
	if info.Size() < worthZipping {
		return a.Path, key, nil
	}
	to, err := os.Create(a.Path + ".gz")
	if err != nil {
		return "", "", fmt.Errorf("zip %s: %w", a.Name, err)
	}
	defer to.Close()
	z, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err == nil {
		_, err = io.Copy(z, from)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return "", "", fmt.Errorf("zip %s: %w", a.Name, err)
	}
	return to.Name(), blob.Zipped(key), nil
}
