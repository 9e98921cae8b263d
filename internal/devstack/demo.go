package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/id"
	"meshgen/internal/spec"
)

// sample is the part that is meshed: an L bracket with a fillet and bolt holes.
const sample = "examples/filleted-bracket.step"

// demonstrationLimit bounds the whole demonstration, which takes a second or two on a slow machine.
const demonstrationLimit = 3 * time.Minute

// demonstrate sends the sample through the service twice, as any client would, and prints what came of it.
func (s *stack) demonstrate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, demonstrationLimit)
	defer cancel()

	geometry, err := s.upload(ctx)
	if err != nil {
		return err
	}
	coarse := spec.Size{Fineness: spec.DefaultFineness}
	fine := spec.Size{Max: roundTo2(coarse.MaxEdge(diagonal(geometry)) / 2)}

	first, mesh, err := s.mesh(ctx, geometry, spec.Spec{})
	if err != nil {
		return err
	}
	describe("mesh", "sizes by default", mesh, first)
	second, mesh, err := s.mesh(ctx, geometry, spec.Spec{Size: fine})
	if err != nil {
		return err
	}
	describe("mesh again", fmt.Sprintf("edges up to %g %s", fine.Max, geometry.Units), mesh, second)
	if err := s.download(ctx, mesh); err != nil {
		return err
	}
	say("times", "first request %s, second %s: the engine was warm before the first", seconds(first), seconds(second))
	return nil
}

func (s *stack) upload(ctx context.Context) (types.Geometry, error) {
	cad, err := os.ReadFile(sample)
	if err != nil {
		return types.Geometry{}, fmt.Errorf("read the sample: %w", err)
	}
	began := time.Now()
	geometry, err := s.client.Upload(ctx, client.UploadFile{Name: filepath.Base(sample), Bytes: bytes.NewReader(cad), Size: int64(len(cad))})
	if err != nil {
		return geometry, fmt.Errorf("upload %s: %w", sample, err)
	}
	say("upload", "%s, %s (%s)", sample, bytesOf(geometry.Size), seconds(time.Since(began)))
	if err := s.await(ctx, geometry.ID); err != nil {
		return geometry, err
	}
	took := time.Since(began)
	if geometry, err = s.client.Geometry(ctx, geometry.ID); err != nil {
		return geometry, err
	}
	if geometry.Status != "succeeded" || geometry.BoundingBox == nil {
		return geometry, fmt.Errorf("the import of %s %s%s", sample, geometry.Status, reason(geometry.Error))
	}
	box := geometry.BoundingBox
	say("import", "%d %s, %d faces, %.4g × %.4g × %.4g %s, %s %s³ (%s after the upload began)",
		geometry.SolidCount, plural("solid", geometry.SolidCount), geometry.FaceCount,
		box.Max[0]-box.Min[0], box.Max[1]-box.Min[1], box.Max[2]-box.Min[2], geometry.Units,
		number(int(math.Round(geometry.Volume))), geometry.Units, seconds(took))
	return geometry, nil
}

// mesh asks for a mesh and returns it when it is done, with the time from the request to that event.
func (s *stack) mesh(ctx context.Context, geometry types.Geometry, wanted spec.Spec) (time.Duration, types.Mesh, error) {
	began := time.Now()
	mesh, err := s.client.CreateMesh(ctx, types.CreateMesh{GeometryID: geometry.ID, Spec: wanted}, id.New(id.Mesh))
	if err != nil {
		return 0, mesh, fmt.Errorf("ask for a mesh: %w", err)
	}
	if err := s.await(ctx, mesh.ID); err != nil {
		return 0, mesh, err
	}
	took := time.Since(began)
	if mesh, err = s.client.Mesh(ctx, mesh.ID); err != nil {
		return took, mesh, err
	}
	if mesh.Status != "succeeded" || mesh.Counts == nil {
		return took, mesh, fmt.Errorf("the mesh of %s %s%s", sample, mesh.Status, reason(mesh.Error))
	}
	return took, mesh, nil
}

// await follows the events of a geometry or a mesh until it is done.
func (s *stack) await(ctx context.Context, subject string) error {
	for event, err := range s.client.Follow(ctx, subject, "") {
		if err != nil {
			return fmt.Errorf("events of %s: %w", subject, err)
		}
		if _, done := client.Done(event); done {
			return nil
		}
	}
	return fmt.Errorf("the events of %s ended before it was done", subject)
}

func describe(label, what string, mesh types.Mesh, took time.Duration) {
	say(label, "%s: %s tetrahedra, %s nodes (%s)", what, number(mesh.Counts.Elements["tetrahedron"]), number(mesh.Counts.Nodes), seconds(took))
	say("", "stages  %s", stages(mesh.Timings))
	gamma, sicn := mesh.Quality["gamma"], mesh.Quality["sicn"]
	say("", "quality gamma mean %.2f, worst %.2f; SICN mean %.2f, worst %.2f; volume %+.2f %% of the CAD's",
		gamma.Mean, gamma.Min, sicn.Mean, sicn.Min, 100*(mesh.Volume/mesh.CADVolume-1))
}

func stages(timings []engine.Timing) string {
	parts := make([]string, len(timings))
	for i, t := range timings {
		parts[i] = fmt.Sprintf("%s %s", t.Stage, seconds(time.Duration(t.Seconds*float64(time.Second))))
	}
	return strings.Join(parts, ", ")
}

// download fetches the files of the mesh as a browser would, through presigned URLs.
func (s *stack) download(ctx context.Context, mesh types.Mesh) error {
	dir := filepath.Join(s.cfg.Dir, "sample")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var files []string
	for _, artifact := range mesh.Artifacts {
		if !slices.Contains(mesh.Spec.Formats, artifact.Format) {
			continue // the log and the report
		}
		path := filepath.Join(dir, artifact.Name)
		if err := s.save(ctx, mesh.ID, artifact.Format, path); err != nil {
			return err
		}
		files = append(files, fmt.Sprintf("%s (%s)", short(path), bytesOf(artifact.Size)))
	}
	say("files", "%s", strings.Join(files, ", "))
	return nil
}

func (s *stack) save(ctx context.Context, mesh, format, path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := s.client.Download(ctx, mesh, format, f, nil); err != nil {
		return fmt.Errorf("download %s: %w", format, err)
	}
	return f.Close()
}

// invite says what can be done now.
func (s *stack) invite() {
	fmt.Println()
	say("page", "%s — drop a part there; the API is at the same address, its reference at /docs", address(s.cfg))
	say("try", "curl -F file=@%s %s/v1/upload", sample, address(s.cfg))
	say("logs", "%s; data stays in %s", short(filepath.Join(s.cfg.Dir, "logs")), short(s.cfg.Dir))
	fmt.Println("\n  Ctrl-C stops everything.")
}

func reason(d *diagnosis.Diagnosis) string {
	if d == nil {
		return ""
	}
	return ": " + d.Error()
}

func diagonal(g types.Geometry) float64 {
	var sum float64
	for i := range 3 {
		d := g.BoundingBox.Max[i] - g.BoundingBox.Min[i]
		sum += d * d
	}
	return math.Sqrt(sum)
}

// roundTo2 rounds to two significant digits.
func roundTo2(x float64) float64 {
	scale := math.Pow(10, math.Floor(math.Log10(x))-1)
	return math.Round(x/scale) * scale
}
