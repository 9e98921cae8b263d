// Package mesher does the work of one engine request: it reads a file, describes or meshes what it holds, proves that the
// mesh is one, and writes it.
//
//	Import   check → read → describe
//	Mesh     check → read → (sew, make conformal) → 1D → 2D → 3D → optimise → write ∥ measure → read back → report
//	Export   read our own .msh → write
//	Speculate  check → read → (sew, make conformal) → 1D → 2D, to be kept
//
// One request is one rung of the ladder: one strategy, tried once. What fails is told as a diagnosis, with the places
// where it failed.
//
// Gmsh is one global state and says "success" easily. So each request starts with every option set again and of what was
// before with nothing but parts that were read (kept.go), a request that failed has the library started afresh, and no step
// is believed: after each one the result is looked at, and at the end the elements have to fill what their surface encloses.
//
// Files are measured while others are still being written: the arrays are copies, and Gmsh writes on its own thread.
package mesher

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
	"meshgen/internal/lattice"
)

// Generation counts the changes of this package that can make another mesh of the same request. It is a part of the
// engine's version, by which results are found again.
const Generation = 20

// EngineVersion names everything that decides what a mesh looks like.
func EngineVersion() string { return fmt.Sprintf("gmsh-%s+meshgen-%d", gmsh.Version, Generation) }

// Events is told what happens during a request. Its methods are called from several goroutines.
type Events interface {
	Stage(engine.StageEvent)
	Log(engine.LogLine)
	Artifact(engine.Artifact)
}

// Mesher holds the library. All its methods have to be called from one goroutine, locked to its thread.
type Mesher struct {
	console   *gmsh.Console
	broken    bool // the library has to be started afresh before the next request
	kept      []*kept
	tenant    string // whose parts are kept
	models    int    // that were ever made
	lattice   lattice.Mesher
	snapshots snapshots
	device    *lattice.Device // where this machine has one
	lost      bool            // it did not work any more
	untidied  *job            // the request that Tidy is to be called after

	mu   sync.Mutex
	job  *job   // to whom the log belongs, nil between requests
	drop string // the request that is to be given up, if it is a speculation
}

// Open starts the library and diverts its output. It may be called once in a process.
func Open() (*Mesher, error) {
	if err := gmsh.Initialize(); err != nil {
		return nil, err
	}
	m := &Mesher{}
	console, err := gmsh.Capture(m.heard)
	if err != nil {
		return nil, err
	}
	m.console = console
	return m, nil
}

// heard is the console's sink.
func (m *Mesher) heard(line gmsh.Line) {
	m.mu.Lock()
	j := m.job
	m.mu.Unlock()
	if j != nil {
		j.track.line(line)
	}
}

// listen makes the log that of j, after all that was printed before was handed on.
func (m *Mesher) listen(j *job) {
	m.console.Sync()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.job = j
	m.heed()
}

// Build says what the library is made of: its build options and the version of OpenCASCADE.
func (m *Mesher) Build() (options []string, occ string, err error) {
	list, err := gmsh.String("General.BuildOptions")
	if err != nil {
		return nil, "", err
	}
	info, err := gmsh.String("General.BuildInfo")
	if err != nil {
		return nil, "", err
	}
	for part := range strings.SplitSeq(info, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(part), "OCC version: "); ok {
			occ = v
		}
	}
	return strings.Fields(list), occ, nil
}

// Run does one request. The result's timings and error say how it went; what is kept is what will be after Tidy, if all goes well there.
// Other fields of its Rest are the caller's to fill in.
func (m *Mesher) Run(req engine.Request, events Events) engine.Result {
	m.Tidy()
	j := &job{
		req: req, m: m, track: newTracker(req.Kind, events, req.Dir, filepath.Dir(req.Source.Path)), events: events,
		modelName: m.newModelName(),
	}
	m.listen(j)
	wasBroken := m.broken
	m.broken = true // if what follows panics
	j.heapBefore = gmsh.HeapInUse()
	err := m.run(j, wasBroken)
	m.listen(nil)
	dropped := errors.Is(err, errDropped)
	if dropped {
		err = nil
	}
	m.broken, m.untidied = err != nil, j

	result := engine.Result{ID: req.ID, Warnings: j.warnings, Timings: j.track.end(), Dropped: dropped, Speculated: j.speculated}
	result.Kept = m.expectKept(j)
	if err != nil {
		result.Error = j.diagnose(err)
		return result
	}
	result.Model, result.Mesh = j.model, j.report
	if result.Mesh != nil {
		result.Mesh.Timings = result.Timings
	}
	return result
}

func (m *Mesher) run(j *job, restart bool) error {
	if j.req.Tenant != m.tenant { // the worker lends no engine to two tenants: this is the second bolt
		restart, m.tenant = restart || len(m.kept) > 0, j.req.Tenant
	}
	if err := m.fresh(restart); err != nil {
		return err
	}
	j.began = time.Now()
	switch j.req.Kind {
	case engine.Import:
		return j.describe()
	case engine.Mesh:
		return j.mesh()
	case engine.Export:
		return j.export()
	case engine.Speculate:
		return j.speculate()
	}
	return fmt.Errorf("unknown kind of request %q", j.req.Kind)
}

// fresh leaves no option of an earlier request, and no model but those of parts that are kept; after a restart not even these.
func (m *Mesher) fresh(restart bool) error {
	if restart {
		if err := m.restart(); err != nil {
			return err
		}
	}
	if err := m.dropOthers(); err != nil {
		return err
	}
	return gmsh.RestoreDefaults()
}

// restart ends the lock that a failed mesh leaves behind; nothing less does.
func (m *Mesher) restart() error {
	m.kept = nil
	if err := gmsh.Finalize(); err != nil {
		return err
	}
	return gmsh.Initialize()
}

// Tidy keeps the part of the last request, where that succeeded, and gives back the memory of everything else. Nobody who waits for the result
// has to wait for it: the memory of a large mesh takes seconds.
func (m *Mesher) Tidy() {
	j := m.untidied
	if j == nil {
		return
	}
	m.untidied = nil
	if !m.broken {
		m.broken = true // if what follows panics
		m.broken = m.keep(j) != nil
	}
	if m.broken {
		// where this fails, the next request tries again and reports it
		m.broken = m.restart() != nil
	}
	gmsh.ReleaseMemory()
}

// job is the state of one request.
type job struct {
	req    engine.Request
	m      *Mesher
	track  *tracker
	events Events
	began  time.Time

	heapBefore int64          // of C, in use
	modelName  string         // the library's name for the part
	part       *kept          // the part before it was meshed, nil where it is not to be kept
	reused     []engine.Stage // what did not have to be done, since it was there

	source    source
	remeshed  *remeshed       // of an STL, once its surface is meshed
	lattice   *engine.Lattice // of a mesh by strategy lattice
	compare   func() error    // has that known, where it is measured meanwhile
	layers    *layering       // of this mesh, nil where none are asked for
	catalogue catalogue
	sizes     *sizes      // what is asked for beside the plain sizes, nil for nothing
	chords    *chords     // of CAD
	strips    []strip     // faces that are meshed in rows
	eased     map[int]int // how often each face was blamed
	warnings  []diagnosis.Diagnosis
	model     *engine.Model
	report    *engine.MeshReport

	facesShown   bool                 // the preview of the surface is on its way
	optimized    *engine.Optimized    // what optimisation gained, nil before
	straightened *engine.Straightened // what curving took back, nil for nothing
	timeCut      bool                 // the clock decided something about the mesh
	speculated   bool                 // curves and faces were there before anybody asked
	dropped      atomic.Bool          // nobody wants it any more
	running      sync.WaitGroup       // what is done beside, and reads the mesh
}

// warn notes what a person should know though the work goes on.
func (j *job) warn(warnings ...diagnosis.Diagnosis) { j.warnings = append(j.warnings, warnings...) }

// begin enters a stage, after the log of the one before has been read to its end.
func (j *job) begin(stage engine.Stage) {
	j.m.console.Sync()
	j.track.begin(stage)
}

// lastWords returns the library's last warnings and errors, with all that it said so far.
func (j *job) lastWords() string {
	j.m.console.Sync()
	return j.track.lastWords()
}

// heard returns what the library has complained of so far.
func (j *job) heard() heard {
	j.m.console.Sync()
	return j.track.heard()
}

// hear has the job know what the library complained of when what it goes on with was made.
func (j *job) hear(h heard) {
	j.m.console.Sync() // what it says of now comes before
	j.track.recall(h)
}

// diagnose returns the diagnosis that an error is or carries; any other error is our fault.
func (j *job) diagnose(err error) *diagnosis.Diagnosis {
	d, ok := errors.AsType[*diagnosis.Diagnosis](err)
	if !ok {
		d = diagnosis.New(diagnosis.Internal, "The engine failed %s.", j.track.when()).WithDetail(err.Error())
	}
	if d.Detail == "" {
		d.Detail = j.track.lastWords()
	}
	return d
}
