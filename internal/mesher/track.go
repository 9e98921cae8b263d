package mesher

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// span is the part of the whole progress that a stage has: roughly its part of the time, on CAD of middle size.
type span struct{ from, to float64 }

var spans = map[engine.Kind]map[engine.Stage]span{
	engine.Import: {engine.StageImport: {0, 0.8}, engine.StageHeal: {0.8, 0.95}},
	engine.Mesh: {
		engine.StageImport: {0, 0.12}, engine.StageHeal: {0.12, 0.2}, engine.Stage1D: {0.2, 0.3}, engine.Stage2D: {0.3, 0.5},
		engine.Stage3D: {0.5, 0.85}, engine.StageOptimize: {0.85, 0.92}, engine.StageExport: {0.92, 0.97},
		engine.StageQuality: {0.97, 1},
	},
	engine.Export: {engine.StageImport: {0, 0.4}, engine.StageExport: {0.4, 1}},
}

// notOften is the shortest time between two messages about progress within a stage.
const notOften = 50 * time.Millisecond

// tracker turns stages and lines of the log into events: it keeps the time of each stage, and the progress, which never
// falls. The lines come from another goroutine than the stages.
type tracker struct {
	events  Events
	private *strings.Replacer // takes the folders of this machine out of what users read
	spans   map[engine.Stage]span

	mu       sync.Mutex
	start    time.Time
	stage    engine.Stage
	began    time.Time
	timings  []engine.Timing
	progress float64
	sent     time.Time
	trouble  []gmsh.Line // warnings and errors of this stage
	words    []string    // the last warnings and errors of all stages
	volumes  refinement
}

// newTracker returns a tracker of one request. Gmsh's lines name files by their paths: of folders, only the names of the
// files in them are told.
func newTracker(kind engine.Kind, events Events, folders ...string) *tracker {
	var private []string
	for _, folder := range folders {
		if folder != "" && folder != "." {
			private = append(private, folder+"/", "")
		}
	}
	return &tracker{events: events, private: strings.NewReplacer(private...), spans: spans[kind], start: time.Now()}
}

// begin ends the stage before and enters the next.
func (t *tracker) begin(stage engine.Stage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.close()
	t.stage, t.began, t.trouble, t.volumes = stage, time.Now(), nil, refinement{}
	t.progress = max(t.progress, t.spans[stage].from)
	t.send("")
}

// end ends the last stage and returns the time of each.
func (t *tracker) end() []engine.Timing {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.close()
	return t.timings
}

// soFar returns the times with that of the present stage as if it ended now.
func (t *tracker) soFar() []engine.Timing {
	t.mu.Lock()
	defer t.mu.Unlock()
	return withTime(append([]engine.Timing(nil), t.timings...), t.stage, time.Since(t.began))
}

func (t *tracker) close() {
	if t.stage != "" {
		t.timings = withTime(t.timings, t.stage, time.Since(t.began))
		t.stage = ""
	}
}

// withTime adds the time of a stage. One that is entered again goes on where it stopped.
func withTime(times []engine.Timing, stage engine.Stage, took time.Duration) []engine.Timing {
	for i := range times {
		if times[i].Stage == stage {
			times[i].Seconds = engine.Seconds(time.Duration(times[i].Seconds*float64(time.Second)) + took)
			return times
		}
	}
	return append(times, engine.Timing{Stage: stage, Seconds: engine.Seconds(took)})
}

func (t *tracker) send(detail string) {
	t.sent = time.Now()
	t.events.Stage(engine.StageEvent{Stage: t.stage, Progress: math.Round(t.progress*1e4) / 1e4, Detail: detail})
}

// when says in words which stage this is.
func (t *tracker) when() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stage == "" {
		return "before its first stage"
	}
	return fmt.Sprintf("while it was in stage %s", t.stage)
}

// troubles returns the warnings and errors of the present stage.
func (t *tracker) troubles() []gmsh.Line {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]gmsh.Line(nil), t.trouble...)
}

// lastWords returns the last warnings and errors of the whole request.
func (t *tracker) lastWords() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.words, "\n")
}

// heard is what the mesher has complained of: where a later stage fails, its diagnosis repeats it, and blames what it names.
type heard struct {
	trouble []gmsh.Line
	words   []string
}

// heard returns what was heard so far, in the present stage and in all.
func (t *tracker) heard() heard {
	t.mu.Lock()
	defer t.mu.Unlock()
	return heard{slices.Clone(t.trouble), slices.Clone(t.words)}
}

// recall takes what was heard when something was made for what is heard now that it is there already.
func (t *tracker) recall(h heard) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trouble, t.words = slices.Clone(h.trouble), slices.Clone(h.words)
}

// say adds a line of our own to the log.
func (t *tracker) say(level gmsh.Level, text string) {
	t.events.Log(engine.LogLine{Level: string(level), Text: text, Seconds: engine.Seconds(time.Since(t.start))})
}

// How much of the log is kept for a diagnosis: a broken model can print the same complaint thousands of times.
const (
	maxTrouble = 1000
	maxWords   = 12
)

// summaryPattern is Gmsh's box around the counts of its errors, which says nothing new.
var summaryPattern = regexp.MustCompile(`^(-+|Mesh generation error summary|\d+ (warning|error)s?|Check the full log for details)$`)

// line takes in a line of the mesher's log.
func (t *tracker) line(line gmsh.Line) {
	line.Text = t.private.Replace(line.Text)
	t.say(line.Level, line.Text)

	t.mu.Lock()
	defer t.mu.Unlock()
	if line.Level == gmsh.Warning || line.Level == gmsh.Fault {
		if summaryPattern.MatchString(line.Text) {
			return
		}
		if len(t.trouble) < maxTrouble {
			t.trouble = append(t.trouble, line)
		}
		if t.words = append(t.words, string(line.Level)+": "+line.Text); len(t.words) > maxWords {
			t.words = t.words[1:]
		}
		return
	}
	done, known := t.within(line)
	if !known {
		return
	}
	s := t.spans[t.stage]
	t.progress = max(t.progress, s.from+(s.to-s.from)*min(done, 1))
	if time.Since(t.sent) >= notOften {
		t.send(line.Text)
	}
}

// within returns how far the present stage is, from 0 to 1, where the line tells.
func (t *tracker) within(line gmsh.Line) (done float64, known bool) {
	switch t.stage {
	case engine.Stage3D:
		return t.volumes.read(line)
	case engine.StageHeal, engine.Stage1D, engine.Stage2D, engine.StageOptimize:
		return float64(line.Percent) / 100, line.Percent >= 0
	}
	return 0, false
}

// refinement follows the 3D algorithms through their log: connected components one after the other, each of which is
// tetrahedrised, has its boundary recovered, and is refined until the worst radius is 1.
type refinement struct {
	components, done float64
	first            float64 // the worst radius of this component when its refinement began
}

var (
	componentsPattern = regexp.MustCompile(`^3D Meshing \d+ volumes? with (\d+) connected component`)
	radiusPattern     = regexp.MustCompile(`worst tet radius ([0-9.e+-]+)`)
)

// Where the steps of one component end, in its own progress.
const (
	tetrahedrized = 0.1
	recovered     = 0.3
)

func (r *refinement) read(line gmsh.Line) (float64, bool) {
	total := max(r.components, 1)
	switch {
	case strings.HasPrefix(line.Text, "3D Meshing"):
		if m := componentsPattern.FindStringSubmatch(line.Text); m != nil {
			r.components, _ = strconv.ParseFloat(m[1], 64)
		}
		return 0, true
	case strings.HasPrefix(line.Text, "Done tetrahedrizing"):
		return (r.done + tetrahedrized) / total, true
	case strings.HasPrefix(line.Text, "Done reconstructing"):
		return (r.done + recovered) / total, true
	case strings.HasPrefix(line.Text, "3D refinement terminated"):
		r.done, r.first = min(r.done+1, total), 0
		return r.done / total, true
	}
	m := radiusPattern.FindStringSubmatch(line.Text)
	if m == nil {
		return 0, false
	}
	radius, err := strconv.ParseFloat(m[1], 64)
	if err != nil || !(radius > 0) {
		return 0, false
	}
	if r.first == 0 {
		r.first = radius
	}
	part := 1.
	if radius > 1 && r.first > 1 {
		part = 1 - math.Log(radius)/math.Log(r.first)
	}
	return (r.done + recovered + (1-recovered)*max(part, 0)) / total, true
}
