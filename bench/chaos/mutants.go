package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/bench/machine"
	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/spec"
)

// largestOriginal is the size of the files that are mutated: larger ones take longer and have nothing more to break.
const largestOriginal = 300 << 10

// restTime is longer than the service needs to give memory back that it does not use: MESHGEN_ENGINE_IDLE, and the two minutes after which
// Go looks for garbage where nothing is made.
const restTime = 4 * time.Minute

// settled is longer than MESHGEN_ENGINE_IDLE, and a start.
const settled = 45 * time.Second

// mutants sends damaged copies of CAD files, and looks whether each is answered and the service is as it was before.
func mutants(ctx context.Context, s *site, o options) (good bool, err error) {
	originals, err := readOriginals(o.cad)
	if err != nil {
		return false, err
	}
	// As it is when it has worked once, and has started its engines afresh.
	if _, err := s.submit(ctx, originals[0], originals[0].content); err != nil {
		return false, err
	}
	wait(ctx, settled)
	before, err := s.memory()
	if err != nil {
		return false, err
	}
	say("%d mutants of %d files, seed %d", o.mutants, len(originals), o.seed)
	var mu sync.Mutex
	answers := tally{}
	var unanswered, blamed []string
	var next atomic.Int64
	var clients sync.WaitGroup
	began := time.Now()
	for range 2 * o.workers {
		clients.Go(func() {
			for i := int(next.Add(1)) - 1; i < o.mutants && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				pick := rand.New(rand.NewPCG(o.seed, uint64(i)))
				original := originals[pick.IntN(len(originals))]
				answer, err := s.submit(ctx, original, mutate(original.content, pick))
				mu.Lock()
				if fault := (ourFault{}); errors.As(err, &fault) {
					blamed = append(blamed, fmt.Sprintf("%d, of %s: %v", i, original.name, fault))
				} else if err != nil {
					unanswered = append(unanswered, fmt.Sprintf("%d, of %s: %v", i, original.name, err))
				}
				answers[answer]++
				if n := i + 1; n%200 == 0 {
					say("%d of %d", n, o.mutants)
				}
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	took := time.Since(began)
	intact, err := s.submit(ctx, originals[0], originals[0].content)
	if err != nil || intact != "meshed" {
		unanswered = append(unanswered, fmt.Sprintf("afterwards an intact file is %s: %v", intact, err))
	}
	after, err := s.memory()
	if err != nil {
		return false, err
	}
	say("nothing is asked of the service for %s", restTime)
	wait(ctx, restTime)
	rested, err := s.memory()
	if err != nil {
		return false, err
	}

	var b strings.Builder
	fmt.Fprintf(&b, "# Damaged files\n\n%d mutants of %d files (bytes flipped, digits changed, parts lost, doubled or moved), seed %d, in %s. %s.\n\n",
		o.mutants, len(originals), o.seed, took.Round(time.Second), machine.Processor())
	fmt.Fprintf(&b, "Not answered: %d; answers that blame the service: %d.\n\n", len(unanswered), len(blamed))
	fmt.Fprintf(&b, "| memory held, MiB | API | workers | their engines |\n|---|--:|--:|--:|\n")
	for _, m := range []struct {
		when string
		resident
	}{{"before", before}, {"after the last", after}, {fmt.Sprintf("%s later", restTime), rested}} {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", m.when, m.api>>20, m.workers>>20, m.engines>>20)
	}
	fmt.Fprintf(&b, "\n| answer | times |\n|---|--:|\n")
	for _, answer := range slices.SortedFunc(maps.Keys(answers), func(x, y string) int { return answers[y] - answers[x] }) {
		fmt.Fprintf(&b, "| `%s` | %d |\n", answer, answers[answer])
	}
	for _, u := range slices.Concat(unanswered, blamed) {
		fmt.Fprintf(&b, "\n    %s\n", u)
	}
	fmt.Print(b.String())
	if o.out != "-" && ctx.Err() == nil {
		err = os.WriteFile(o.out, []byte(b.String()), 0o644)
	}
	return len(unanswered)+len(blamed) == 0, errors.Join(err, ctx.Err())
}

// wait waits for a time, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// resident is the memory that processes hold, in bytes. It is without pages of their files: those come in when code runs for the
// first time, and are the page cache's, which takes them back when it needs room.
type resident struct{ api, workers, engines int64 }

func (s *site) memory() (m resident, err error) {
	if m.api = held(s.api.PID()); m.api == 0 {
		return m, errors.New("the API does not run")
	}
	for _, w := range s.workers {
		if w.PID() == 0 {
			return m, errors.New("a worker does not run")
		}
		m.workers += held(w.PID())
		for _, engine := range childrenOf(w.PID()) {
			m.engines += held(engine)
		}
	}
	return m, nil
}

// held returns the anonymous memory of a process; 0 if it has ended.
func held(pid int) (bytes int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kib int64
		if _, err := fmt.Sscanf(line, "RssAnon: %d kB", &kib); err == nil {
			return kib << 10
		}
	}
	return 0
}

type original struct {
	name    string
	content []byte
}

func readOriginals(folder string) (all []original, err error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*", "*"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		extension := strings.ToLower(filepath.Ext(path))
		info, err := os.Stat(path)
		if err != nil || info.Size() > largestOriginal || !slices.Contains([]string{".step", ".stp", ".iges", ".brep", ".stl"}, extension) ||
			filepath.Base(filepath.Dir(path)) == "bad" {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		all = append(all, original{filepath.Base(path), content})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no CAD files below %s", folder)
	}
	return all, nil
}

// mutate damages a copy in one to four places.
func mutate(content []byte, pick *rand.Rand) []byte {
	b := bytes.Clone(content)
	for range 1 + pick.IntN(4) {
		if len(b) == 0 {
			return content[:1]
		}
		at, length := pick.IntN(len(b)), 1+pick.IntN(200)
		end := min(len(b), at+length)
		switch pick.IntN(10) {
		case 0: // a bit
			b[at] ^= 1 << pick.IntN(8)
		case 1: // a byte
			b[at] = byte(pick.IntN(256))
		case 2: // a part is lost
			b = append(b[:at:at], b[end:]...)
		case 3: // a part is there twice
			b = slices.Insert(b, at, bytes.Clone(b[at:end])...)
		case 4: // much of the end is missing
			b = b[:max(1, len(b)-length*5)]
		default: // a digit: another number, another reference
			for i := at; i < len(b); i++ {
				if b[i] >= '0' && b[i] <= '9' {
					b[i] = byte('0' + pick.IntN(10))
					break
				}
			}
		}
	}
	return b
}

// submit has a file imported and meshed coarsely, and returns what came of it in a word: meshed, or a code.
func (s *site) submit(ctx context.Context, o original, content []byte) (answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	g, err := s.client.Upload(ctx, client.UploadFile{Name: o.name, Size: int64(len(content)), Bytes: bytes.NewReader(content), Units: "mm"})
	if err != nil {
		return refusal("upload", err)
	}
	m, err := s.client.CreateMesh(ctx, types.CreateMesh{GeometryID: g.ID, Spec: spec.Spec{
		Size: spec.Size{Fineness: 2, Curvature: 6}, Formats: []string{"msh"}, TimeLimit: "10s",
	}}, "")
	if err != nil {
		return refusal("mesh", err)
	}
	for !ended(m) {
		select {
		case <-ctx.Done():
			return "no end", ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if m, err = s.client.Mesh(ctx, m.ID); err != nil {
			return refusal("look", err)
		}
	}
	if m.Status == "succeeded" {
		return "meshed", nil
	}
	if m.Error.Code == diagnosis.Internal {
		return string(m.Error.Code), ourFault{fmt.Errorf("%w: %s", m.Error, m.Error.Detail)}
	}
	return string(m.Error.Code), nil
}

// ourFault is an answer that says that the service is to blame.
type ourFault struct{ error }

// refusal tells an answer that refuses from one that does not come, or says that it is our fault.
func refusal(call string, err error) (string, error) {
	var refused *client.Problem
	if errors.As(err, &refused) && refused.Status < 500 {
		return call + ": " + string(refused.Code), nil
	}
	return call + ": no answer", err
}
