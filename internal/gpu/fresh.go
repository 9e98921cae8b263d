//go:build cuda

package gpu

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// headers are those that all kernels may include.
//
//go:embed *.h
var headers embed.FS

// fresh refuses PTX that was compiled from other sources than this program: host and device would take arrays and structures each in its own
// way. Go does not see that it is older. scripts/ptx writes the hash of the sources into its first line.
func fresh(ptx string, sources fs.FS) error {
	hash := sha256.New()
	for _, from := range []struct {
		fs.FS
		names string
	}{{sources, "*.cu"}, {sources, "*.h"}, {headers, "*.h"}} {
		names, err := fs.Glob(from, from.names)
		if err != nil {
			return err
		}
		for _, name := range names {
			content, err := fs.ReadFile(from, name)
			if err != nil {
				return err
			}
			hash.Write(content)
		}
	}
	if first, _, _ := strings.Cut(ptx, "\n"); first != fmt.Sprintf("// sources: %x", hash.Sum(nil)) {
		return errors.New("the kernels for the GPU were compiled from other sources than this program: run scripts/ptx, and build it again")
	}
	return nil
}
