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

// firstMutants is after how many the service has worked with all that it is made of: what it holds from then on, it has to hold.
const firstMutants = 200

// mutants sends damaged copies of CAD files, and looks whether each is answered and the service is as it was before.
func mutants(ctx context.Context, s *site, o options) (good bool, err error) {
	originals, err := readOriginals(o.cad)
	if err != nil {
		return false, err
	}
	b := &barrage{s: s, o: o, originals: originals, answers: tally{}}
	// As it is when it has worked once, and has started its engines afresh.
	if _, err := s.submit(ctx, originals[0], originals[0].content); err != nil {
		return false, err
	}
	wait(ctx, settled)
	if err := b.look("fresh"); err != nil {
		return false, err
	}
	first := min(firstMutants, o.mutants)
	for _, part := range [][2]int{{0, first}, {first, o.mutants}} {
		say("%d mutants of %d files, seed %d", part[1]-part[0], len(originals), o.seed)
		b.send(ctx, part[0], part[1])
		b.intact(ctx)
		if err := b.look(fmt.Sprintf("after %d", part[1])); err != nil {
			return false, err
		}
		say("nothing is asked of the service for %s", restTime)
		wait(ctx, restTime)
		if err := b.look(fmt.Sprintf("%s later", restTime)); err != nil {
			return false, err
		}
	}
	text := b.String()
	fmt.Print(text)
	if o.out != "-" && ctx.Err() == nil {
		err = os.WriteFile(o.out, []byte(text), 0o644)
	}
	return len(b.unanswered)+len(b.blamed) == 0, errors.Join(err, ctx.Err())
}

// barrage is the sending of mutants, and what came of it.
type barrage struct {
	s         *site
	o         options
	originals []original
	memory    []memory
	took      time.Duration

	mu                 sync.Mutex
	answers            tally
	unanswered, blamed []string
}

// memory is what processes hold at a time.
type memory struct {
	when string
	resident
}

// send sends the mutants of some numbers, and waits for all answers.
func (b *barrage) send(ctx context.Context, from, to int) {
	var next atomic.Int64
	next.Store(int64(from))
	var clients sync.WaitGroup
	began := time.Now()
	for range 2 * b.o.workers {
		clients.Go(func() {
			for i := int(next.Add(1)) - 1; i < to && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				b.sendOne(ctx, i)
			}
		})
	}
	clients.Wait()
	b.took += time.Since(began)
}

func (b *barrage) sendOne(ctx context.Context, i int) {
	pick := rand.New(rand.NewPCG(b.o.seed, uint64(i)))
	original := b.originals[pick.IntN(len(b.originals))]
	answer, err := b.s.submit(ctx, original, mutate(original.content, pick))
	b.mu.Lock()
	defer b.mu.Unlock()
	if fault := (ourFault{}); errors.As(err, &fault) {
		b.blamed = append(b.blamed, fmt.Sprintf("%d, of %s: %v", i, original.name, fault))
	} else if err != nil {
		b.unanswered = append(b.unanswered, fmt.Sprintf("%d, of %s: %v", i, original.name, err))
	}
	b.answers[answer]++
	if n := i + 1; n%200 == 0 {
		say("%d of %d", n, b.o.mutants)
	}
}

// intact has a file meshed that nothing is wrong with.
func (b *barrage) intact(ctx context.Context) {
	if answer, err := b.s.submit(ctx, b.originals[0], b.originals[0].content); err != nil || answer != "meshed" {
		b.unanswered = append(b.unanswered, fmt.Sprintf("afterwards an intact file is %s: %v", answer, err))
	}
}

func (b *barrage) look(when string) error {
	held, err := b.s.memory()
	b.memory = append(b.memory, memory{when, held})
	return err
}

func (b *barrage) String() string {
	var t strings.Builder
	fmt.Fprintf(&t, "# Damaged files\n\n%d mutants of %d files (bytes flipped, digits changed, parts lost, doubled or moved), seed %d, in %s. %s.\n\n",
		b.o.mutants, len(b.originals), b.o.seed, b.took.Round(time.Second), machine.Processor())
	fmt.Fprintf(&t, "Not answered: %d; answers that blame the service: %d.\n\n", len(b.unanswered), len(b.blamed))
	fmt.Fprintf(&t, "| memory held, MiB | API | workers | their engines |\n|---|--:|--:|--:|\n")
	for _, m := range b.memory {
		fmt.Fprintf(&t, "| %s | %d | %d | %d |\n", m.when, m.api>>20, m.workers>>20, m.engines>>20)
	}
	fmt.Fprintf(&t, "\n| answer | times |\n|---|--:|\n")
	for _, answer := range slices.SortedFunc(maps.Keys(b.answers), func(x, y string) int { return b.answers[y] - b.answers[x] }) {
		fmt.Fprintf(&t, "| `%s` | %d |\n", answer, b.answers[answer])
	}
	for _, u := range slices.Concat(b.unanswered, b.blamed) {
		fmt.Fprintf(&t, "\n    %s\n", u)
	}
	return t.String()
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
