package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"meshgen/internal/lattice"
)

// What peers are run by; they are left out without a Python that has them.
var (
	python = flag.String("python", "", "a Python with the packages of requirements.txt; empty to run no peer")
	script = flag.String("peers", "bench/lattice/peers.py", "what runs one of them")
	limit  = flag.Duration("limit", 2*time.Minute, "how long one of them may take for a surface")
)

// peerMemory is how many bytes of addresses one of them may have, if it may have as many: more would be taken from the machine's other work.
const peerMemory = 12 << 30

// peerTets is how many tetrahedra the meshers among them are asked for, by the size of elements.
const peerTets = 1_000_000

// meshers are the peers that fill surfaces, by the names that peers.py has.
var meshers = []struct{ name, title string }{{"tetgen", "TetGen 1.6"}, {"netgen", "Netgen 6.2"}, {"hxt", "HXT"}, {"ftetwild", "fTetWild"}}

// answer is what peers.py says.
type answer struct {
	Error              string
	Seconds, Processor float64
	Tets               int
	Volume             float64
	Inverted           int
	Least              float64
}

// errTime is that a peer took longer than it may.
var errTime = errors.New("not done in that time")

// leave writes what a peer reads into a folder.
func (s soup) leave(folder string) error {
	triangles := make([][3]int64, len(s.triangles))
	for i, t := range s.triangles {
		triangles[i] = [3]int64{int64(t[0]), int64(t[1]), int64(t[2])}
	}
	return errors.Join(leave(folder, "vertices", s.vertices), leave(folder, "triangles", triangles))
}

func leave(folder, name string, values any) error {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, values); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, name), b.Bytes(), 0o600)
}

// ask runs a peer on what lies in a folder. It is an error, too, if the peer dies or does not end.
func ask(name, folder string, size, volume float64) (a answer, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), *limit)
	defer cancel()
	program, err := filepath.Abs(*script)
	if err != nil {
		return a, err
	}
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	cmd := exec.CommandContext(ctx, *python, program, name, folder, number(size), number(volume), strconv.Itoa(peerMemory))
	cmd.Dir = folder // where fTetWild leaves a file
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return a, errTime
	case errors.As(err, &exit) && !exit.Exited():
		return a, exit // by which signal it died
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if said := json.Unmarshal(lines[len(lines)-1], &a); said != nil {
		return a, errors.Join(err, fmt.Errorf("it answered nothing: %w", said))
	}
	if a.Error != "" {
		return a, errors.New(a.Error)
	}
	return a, nil
}

// fillByPeers has each peer fill the clean torus and the damaged ones.
func fillByPeers() error {
	if *python == "" {
		return nil
	}
	fmt.Printf("\n## Peers\n\nThe same surfaces, each filled once by others, in a process of its own that may take %v and %d GiB of addresses. Of each the time of meshing alone, with neither reading nor checks, on as many threads as it takes, and what that was of all processors together, which other work on the machine changes less; "+
		"TetGen, Netgen and HXT are asked for elements of which a million would fill the torus; TetGen divides triangles of the surface where it has to, Netgen and HXT keep them, and do not optimise elements afterwards; fTetWild has its defaults, with which it "+
		"takes fewer and larger ones. Volumes are against the clean one's. A failure is in the mesher's own words.\n\n| surface | mesher | s | processors, s | tetrahedra | M/s | volume | least angle | |\n|---|---|--:|--:|--:|--:|--:|--:|---|\n", *limit, peerMemory>>30)
	clean := torus(320, 80)
	volume := clean.volume()
	// of a regular tetrahedron of the mean volume; refinement halves what is too large, so that the mean is about half of what is allowed
	size := math.Cbrt(6 * math.Sqrt2 * volume / peerTets)
	for _, d := range damages(clean) {
		folder, err := os.MkdirTemp("", "meshgen-peers-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		if err := d.leave(folder); err != nil {
			return err
		}
		a, err := d.ours(lattice.Edge(volume, peerTets))
		if err != nil {
			return err
		}
		a.row(d.name, "this lattice", volume)
		for _, m := range meshers {
			a, err := ask(m.name, folder, size, 2*volume/peerTets)
			if err != nil {
				fmt.Printf("| %s | %s | | | | | | | %s |\n", d.name, m.title, inRow(err))
				continue
			}
			a.row(d.name, m.title, volume)
		}
	}
	return nil
}

// inRow is what an error says, within a row of a table.
func inRow(err error) string { return strings.NewReplacer("|", "/", "\n", " ").Replace(err.Error()) }

// ours is what the lattice makes of a surface, from its triangles.
func (d damaged) ours(h float64) (a answer, err error) {
	m := &lattice.Mesher{}
	defer m.Free()
	var mesh *lattice.Mesh
	spent := processorTime()
	took, err := median(func() (err error) {
		mesh, err = d.fill(m, h, lattice.Grading{})
		return err
	})
	if err != nil {
		return a, err
	}
	spent = (processorTime() - spent) / rounds
	q := lattice.Measure(mesh.XYZ, mesh.Tets, 0)
	a = answer{Seconds: took.Seconds(), Processor: spent.Seconds(), Tets: len(mesh.Tets) / 4, Volume: q.Volume, Least: q.Least}
	if q.LeastVolume <= 0 {
		a.Inverted = 1 // at least
	}
	return a, nil
}

// processorTime is what this process has had of all processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("bench: " + err.Error()) // no such thing is known of Linux
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// row prints what a mesher made of a surface, whose volume when clean is known.
func (a answer) row(surface, mesher string, volume float64) {
	remark := ""
	if a.Inverted > 0 {
		remark = fmt.Sprintf("%d without volume, or inside out", a.Inverted)
	}
	fmt.Printf("| %s | %s | %.2f | %.2f | %d | %.2g | %+.2f %% | %.1f° | %s |\n", surface, mesher, a.Seconds, a.Processor, a.Tets, float64(a.Tets)/a.Seconds/1e6,
		100*(a.Volume/volume-1), a.Least, remark)
}
