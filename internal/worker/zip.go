package worker

import (
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"sync"

	"meshgen/internal/blob"
	"meshgen/internal/engine"
)

// viewed are the formats that a page fetches and a browser unpacks. What a person downloads stays as it is: a plain download
// has to give the file itself.
var viewed = map[string]bool{"surface": true, "volume": true}

// worthZipping is the size from which a file for viewing is sent gzipped: below it little is gained, and small meshes should
// be there at once.
const worthZipping = 256 << 10

const (
	// pieces of a file, evenly apart, tell whether it is worth zipping: an eighth of it, and no more of a large one than shows what recurs.
	pieces       = 8
	piecesShare  = 8
	largestPiece = 64 << 10
	// worthShare is the share that zipping has to save: an eighth. A surface of a mesh is packed by itself and often loses no more
	// than a tenth, for 5 to 10 ms of processor time a megabyte, while the mesh that it belongs to is still being measured or sent.
	worthShare = 8
)

// zipped gzips a file that is worth it, beside it, and returns where it is then and what its key is. The level is the fastest:
// what a higher one gains on these files is a few hundredths.
func zipped(a engine.Artifact, key string, size int64) (path, zippedKey string, err error) {
	if !viewed[a.Format] || size != whole {
		return a.Path, key, nil
	}
	info, err := os.Stat(a.Path)
	if err != nil {
		return "", "", err
	}
	if info.Size() < worthZipping { // as most
		return a.Path, key, nil
	}
	from, err := os.Open(a.Path)
	if err != nil {
		return "", "", err
	}
	defer from.Close()
	worth, err := shrinks(from, info.Size())
	if err != nil {
		return "", "", fmt.Errorf("zip %s: %w", a.Name, err)
	}
	if !worth {
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

// shrinks tells by pieces of a file whether zipping saves worthShare of it. The file's parts shrink by different shares, and the pieces lie in
// them as often as the parts are long.
func shrinks(file io.ReaderAt, size int64) (bool, error) {
	var packed counter
	z := samplers.Get().(*flate.Writer)
	defer samplers.Put(z)
	z.Reset(&packed)
	piece := make([]byte, min(largestPiece, size/(pieces*piecesShare)))
	for i := range int64(pieces) {
		if _, err := file.ReadAt(piece, (2*i+1)*size/(2*pieces)-int64(len(piece))/2); err != nil {
			return false, err
		}
		if _, err := z.Write(piece); err != nil {
			return false, err
		}
	}
	if err := z.Close(); err != nil {
		return false, err
	}
	all := pieces * len(piece)
	return int(packed) <= all-all/worthShare, nil
}

// samplers are kept, as each is larger than what it is given.
var samplers = sync.Pool{New: func() any {
	z, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is one
	}
	return z
}}

// counter counts what is written.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
