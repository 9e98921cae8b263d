package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"meshgen/bench/machine"
	"meshgen/internal/mesh"
	"meshgen/internal/quality"
)

// trial is one mesh, or why there is none.
type trial struct {
	why       string  // empty where the verdict is good
	seconds   float64 // wall time of the process
	cpu       float64 // its processor time
	meshing   float64 // seconds of 1D, 2D, 3D and optimisation alone
	nodes     int
	tets      int
	deviation float64 // the worst of any solid, as a share
	min, p1   float64 // of gamma: the least and the first percentile
	note      string
}

// facts is what peer.py says of a file.
type facts struct {
	Volumes []float64
	Sewn    bool
	Gmsh    string
	Error   string
}

// The verdict.
const (
	volumeShare      = 0.01
	tessellatedShare = 0.02 // where the answer says that the tessellation was meshed
	flatSICN         = 1e-6
)

// process runs a program under the time limit and returns what it printed; killed says that the limit ended it.
func (o options) process(limit time.Duration, t *trial, name string, args ...string) (out []byte, killed bool, err error) {
	name, args = machine.On(o.processor, name, args...)
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	began := time.Now()
	err = cmd.Run()
	t.seconds = time.Since(began).Seconds()
	if s := cmd.ProcessState; s != nil {
		t.cpu = (s.UserTime() + s.SystemTime()).Seconds()
	}
	if err != nil && stderr.Len() > 0 {
		err = fmt.Errorf("%w: %.200s", err, strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), ctx.Err() != nil, err
}

// lastLine returns what JSON a program printed last.
func lastLine(out []byte, into any) error {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return json.Unmarshal(lines[len(lines)-1], into)
}

func (o options) facts(path string) (facts, error) {
	var f facts
	// IGES of loose faces may take long to sew; it is not what is measured.
	out, _, err := o.process(5*time.Minute, &trial{}, o.python, o.peer, "facts", path)
	if err != nil {
		return f, err
	}
	if err := lastLine(out, &f); err != nil {
		return f, err
	}
	if f.Error != "" {
		return f, fmt.Errorf("%s", f.Error)
	}
	return f, nil
}

func (o options) peerMesh(path, configuration string, known facts) trial {
	return o.peerRun(path, known, o.limit, "mesh", configuration)
}

// peerMatch may try several sizes: the limit is for each.
func (o options) peerMatch(path string, nodes int, known facts) trial {
	const tries = 10
	return o.peerRun(path, known, tries*o.limit, "match", fmt.Sprint(nodes))
}

func (o options) peerRun(path string, known facts, limit time.Duration, duty, argument string) (t trial) {
	file := filepath.Join(o.scratch, "peer.msh")
	os.Remove(file)
	out, killed, err := o.process(limit, &t, o.python, o.peer, duty, path, file, argument)
	var answer struct {
		Seconds float64
		Error   string
	}
	switch {
	case killed:
		t.why = "time"
	case err != nil:
		t.why = "crash"
	case lastLine(out, &answer) != nil:
		t.why = "no answer"
	case answer.Error != "":
		t.why, t.note = "error", answer.Error
	default:
		t.meshing = answer.Seconds
		t.judge(file, known, volumeShare)
	}
	return t
}

func (o options) oursMesh(path string, known facts) (t trial) {
	file := filepath.Join(o.scratch, "ours.msh")
	os.Remove(file)
	args := []string{"mesh", path, "-o", file, "--json", "--threads", "1", "--time-limit", o.limit.String()}
	// A moment more than the limit, so that it is told by us rather than killed.
	out, killed, err := o.process(o.limit+2*time.Second, &t, o.meshgen, args...)
	var answer struct {
		Error *struct {
			Code    string
			Message string
		}
		Report *struct {
			Tried []struct {
				Strategy string
			}
			Timings []struct {
				Stage   string
				Seconds float64
			}
		}
		Warnings []struct{ Message string }
	}
	parseErr := json.Unmarshal(bytes.TrimSpace(out), &answer)
	switch {
	case killed, t.seconds > o.limit.Seconds():
		t.why = "time"
	case parseErr != nil:
		t.why, t.note = "no answer", fmt.Sprint(err)
	case answer.Error != nil:
		t.why, t.note = answer.Error.Code, answer.Error.Message
	case err != nil || answer.Report == nil:
		t.why = "no answer"
	default:
		for _, s := range answer.Report.Timings {
			if strings.HasPrefix(s.Stage, "mesh") || s.Stage == "optimize" {
				t.meshing += s.Seconds
			}
		}
		share := volumeShare
		if slices.ContainsFunc(answer.Warnings, func(w struct{ Message string }) bool { return strings.Contains(w.Message, "tessellation") }) {
			share = tessellatedShare
		}
		if tried := answer.Report.Tried; len(tried) > 1 {
			t.note = "after " + fmt.Sprint(len(tried)-1) + " other: " + tried[len(tried)-1].Strategy
		}
		t.judge(file, known, share)
	}
	return t
}

// judge reads the file back and gives the verdict.
func (t *trial) judge(file string, known facts, share float64) {
	m, err := mesh.ReadMSH(file)
	if err != nil {
		t.why, t.note = "unreadable", err.Error()
		return
	}
	t.nodes = m.Nodes()
	volumes := map[int]float64{}
	var gammas []float64
	inverted, flat := 0, 0
	for i := range m.Blocks {
		b := &m.Blocks[i]
		if b.Dim != 3 {
			continue
		}
		for e := range b.Len() {
			n := b.Element(e)
			q := quality.Tetrahedron(m.At(n[0]), m.At(n[1]), m.At(n[2]), m.At(n[3]))
			volumes[b.Entity] += q.Volume
			gammas = append(gammas, q.Gamma)
			if q.SICN < 0 {
				inverted++
			} else if q.SICN < flatSICN {
				flat++
			}
		}
	}
	t.tets = len(gammas)
	if t.tets > 0 {
		slices.Sort(gammas)
		t.min, t.p1 = gammas[0], gammas[len(gammas)/100]
	}
	t.deviation = worstDeviation(known.Volumes, volumes)
	switch {
	case len(known.Volumes) == 0:
		t.why = "no solid"
	case t.tets == 0:
		t.why = "empty"
	case len(volumes) < len(known.Volumes):
		t.why = fmt.Sprintf("%d of %d solids empty", len(known.Volumes)-len(volumes), len(known.Volumes))
	case inverted > 0:
		t.why = fmt.Sprintf("%d inverted", inverted)
	case flat > 0:
		t.why = fmt.Sprintf("%d flat", flat)
	case !(math.Abs(t.deviation) <= share):
		t.why = "volume"
	}
}

// worstDeviation compares the volumes of solids with those of the CAD. Tags may differ from program to program: the largest
// is held against the largest.
func worstDeviation(cad []float64, meshed map[int]float64) float64 {
	have := make([]float64, 0, len(meshed))
	for _, v := range meshed {
		have = append(have, v)
	}
	if len(have) != len(cad) {
		return math.NaN()
	}
	want := slices.Sorted(slices.Values(cad))
	slices.Sort(have)
	worst := 0.
	for i := range want {
		if d := have[i]/want[i] - 1; math.Abs(d) > math.Abs(worst) {
			worst = d
		}
	}
	return worst
}
