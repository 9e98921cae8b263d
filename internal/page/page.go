// Package page serves the browser's page from a folder: what `npm run build` made of web/.
//
// Files under assets/ bear a hash of what they hold in their name and may be kept for ever; everything else is asked for anew.
// A path that is no file shows the page, which knows what to make of it. In front of the API nginx or a CDN may do the same.
package page

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"
)

// Config of the page.
type Config struct {
	// Dir is the folder of the built page; empty for none.
	Dir string `env:"MESHGEN_WEB_DIR"`
}

// Validate says whether the folder is there.
func (c Config) Validate() error {
	if c.Dir == "" {
		return nil
	}
	if info, err := os.Stat(c.Dir); err != nil || !info.IsDir() {
		return fmt.Errorf("MESHGEN_WEB_DIR=%s is no folder", c.Dir)
	}
	return nil
}

// Page is the files, held in memory.
type Page struct {
	files  map[string]file
	policy string
}

type file struct {
	body, zipped []byte
	mediaType    string
}

// mediaTypes are those of a built page; a folder with anything else is not one.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".wasm": "application/wasm", ".png": "image/png", ".json": "application/json", ".txt": "text/plain; charset=utf-8",
}

const index = "index.html"

// New reads the page. connect lists the origins, beside its own, that the page may speak to: where presigned URLs point.
func New(folder fs.FS, connect ...string) (*Page, error) {
	p := &Page{files: map[string]file{}, policy: policy(connect)}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		mediaType, ok := mediaTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("%s is not a file of a page", name)
		}
		body, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		p.files[name] = file{body: body, zipped: zipped(body), mediaType: mediaType}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	if _, ok := p.files[index]; !ok {
		return nil, fmt.Errorf("read the page: there is no %s; build it with `npm run build` in web/", index)
	}
	return p, nil
}

// policy lets the page run its own scripts and decode meshes (WebAssembly), and speak to the API and the object store.
func policy(connect []string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'", "style-src 'self' 'unsafe-inline'",
		"img-src 'self' data: blob:", "connect-src " + strings.Join(append([]string{"'self'"}, connect...), " "),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
}

// zipped returns the compressed bytes, nil where that gains little.
func zipped(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // a level that exists
	}
	_, _ = z.Write(body) // to memory
	_ = z.Close()
	if b.Len() > len(body)*9/10 {
		return nil
	}
	return b.Bytes()
}

// ServeHTTP answers with a file, or with the page where there is none of that name.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	f, ok := p.files[name]
	h := w.Header()
	switch {
	case ok && strings.HasPrefix(name, "assets/"):
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case strings.HasPrefix(name, "assets/"):
		// of a version that is gone: the page would be no script
		http.NotFound(w, r)
		return
	default:
		h.Set("Cache-Control", "no-cache")
		if !ok {
			name, f = index, p.files[index]
		}
	}
	h.Set("Content-Type", f.mediaType)
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Security-Policy", p.policy)
	body := f.body
	if f.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}
