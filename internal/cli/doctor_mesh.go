package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/pool"
	"meshgen/internal/spec"
)

// cube is the text of an STL of the unit cube, with a name of its own, so that no earlier result answers.
func cube(name string) string {
	corner := func(i int) string { return fmt.Sprintf("%d %d %d", i&1, i>>1&1, i>>2&1) }
	var out strings.Builder
	fmt.Fprintf(&out, "solid %s\n", name)
	for _, t := range [][3]int{
		{0, 2, 3}, {0, 3, 1}, {4, 5, 7}, {4, 7, 6}, {0, 1, 5}, {0, 5, 4}, {2, 6, 7}, {2, 7, 3}, {0, 4, 6}, {0, 6, 2}, {1, 3, 7}, {1, 7, 5},
	} {
		fmt.Fprint(&out, "facet normal 0 0 0\nouter loop\n")
		for _, i := range t {
			fmt.Fprintf(&out, "vertex %s\n", corner(i))
		}
		fmt.Fprint(&out, "endloop\nendfacet\n")
	}
	fmt.Fprintf(&out, "endsolid %s\n", name)
	return out.String()
}

// meshCube does what a user does: upload, mesh, download from where presigned URLs point. It deletes what it made.
func (d *doctor) meshCube(ctx context.Context, service *client.Client) {
	name := "meshgen-doctor-" + uuid.NewString()
	part := []byte(cube(name))
	began := time.Now()
	geometry, err := service.Upload(ctx, client.UploadFile{Name: "doctor.stl", Bytes: bytes.NewReader(part), Size: int64(len(part))})
	if p, ok := errors.AsType[*client.Problem](err); ok && p.Status == 403 {
		d.wrong("mesh", p.Detail, "give a key that may write in MESHGEN_API_KEY, or be content with --look-only")
		return
	}
	if err != nil {
		d.wrong("upload", firstLine(err), "the API's log has the reason; behind a proxy, does it let large bodies through?")
		return
	}
	defer func() {
		gone, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := service.DeleteGeometry(gone, geometry.ID); err != nil {
			d.wrong("cleaning", firstLine(err), "delete "+geometry.ID+": `meshgen rm "+geometry.ID+"`")
		}
	}()
	d.well("upload", "%s in %s", size(int64(len(part))), seconds(time.Since(began).Seconds()))

	began = time.Now()
	mesh, err := service.CreateMesh(ctx, types.CreateMesh{GeometryID: geometry.ID, Spec: spec.Spec{}}, name)
	for _, broken := range service.Follow(ctx, mesh.ID, "") {
		err = errors.Join(err, broken)
	}
	if err == nil {
		mesh, err = service.Mesh(ctx, mesh.ID)
	}
	switch {
	case err != nil:
		d.wrong("mesh", firstLine(err), "do events get through? A proxy must not buffer them (`meshgen events "+mesh.ID+"`)")
		return
	case mesh.Status != "succeeded":
		d.wrong("mesh", fmt.Sprintf("a cube could not be meshed: %s, %v", mesh.Status, mesh.Error), "the log of the worker has the reason")
		return
	}
	d.well("mesh", "a cube in %s", seconds(time.Since(began).Seconds()))

	began = time.Now()
	artifact, err := service.Download(ctx, mesh.ID, "msh", io.Discard, func(_, _ int64) {})
	if err != nil {
		d.wrong("download", firstLine(err), "presigned URLs point to MESHGEN_S3_PUBLIC_ENDPOINT: it has to be reachable from here, by the name that is signed")
		return
	}
	d.well("download", "%s in %s, from where presigned URLs point", size(artifact.Size), seconds(time.Since(began).Seconds()))
}

// lookAtEngine starts an engine as a worker does.
func (d *doctor) lookAtEngine(ctx context.Context) {
	cfg, err := pool.Load()
	if err != nil {
		d.wrong("settings", firstLine(err), "mend the variables that are named: docs/configuration.md")
		return
	}
	dir, err := os.MkdirTemp(cfg.Scratch, "meshgen-doctor-")
	if err != nil {
		d.wrong("scratch", firstLine(err), "MESHGEN_SCRATCH has to be a folder that this user may write to")
		return
	}
	defer os.RemoveAll(dir)
	d.well("scratch", "%s can be written to", filepath.Dir(dir))

	cfg.Engines, cfg.Spares, cfg.Scratch = 1, 0, filepath.Join(dir, "engines")
	engines, err := pool.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		d.wrong("engine", firstLine(err), "the engine has to lie beside this program, or MESHGEN_ENGINE name it")
		return
	}
	defer func() {
		gone, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = engines.Close(gone)
	}()
	began := time.Now()
	err = engines.Start(ctx)
	ready, notReady := engines.Ready()
	if err = errors.Join(err, notReady); err != nil {
		do := "the words above are the engine's last; `engine --version` alone says whether its libraries are there"
		if strings.Contains(err.Error(), "Landlock") || strings.Contains(err.Error(), "seccomp") {
			do = "use a kernel from 6.2 on with landlock in /sys/kernel/security/lsm, and a container profile that allows it " +
				"(RuntimeDefault of containerd 1.7 does): docs/security.md"
		}
		d.wrong("engine", strings.TrimSpace(err.Error()), do)
		return
	}
	d.well("engine", "%s, Gmsh %s, warm in %s", ready.EngineVersion, ready.GmshVersion, seconds(time.Since(began).Seconds()))
	if ready.Walls.Landlock == 0 || !ready.Walls.Seccomp {
		d.wrong("walls", fmt.Sprintf("Landlock %d, seccomp %t", ready.Walls.Landlock, ready.Walls.Seccomp), "set MESHGEN_ENGINE_SANDBOX=require where strangers' files are meshed")
		return
	}
	d.well("walls", "Landlock %d and seccomp", ready.Walls.Landlock)
}
