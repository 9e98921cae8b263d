// Package engine is the language that a worker and an engine process speak. It holds messages only: the loop that the
// engine runs is in engine/serve, the supervision in pool.
//
// An engine is a child process with two extra descriptors:
//
//	fd 3  requests, worker → engine, one JSON object a line
//	fd 4  messages, engine → worker, one JSON object a line
//
// Standard output and error carry no protocol, since OpenCASCADE prints there; the worker keeps what they say for the
// job's log. The engine's first message is Ready (or it dies). It then serves one request at a time: any number of
// Stage, Log and Artifact messages, then one Result, and where that says that it tidies, a Rest once it can serve the next. A Drop alone is
// heard meanwhile. It ends when fd 3 reaches its end.
package engine

import (
	"encoding/json"
	"time"

	"meshgen/internal/diagnosis"
	"meshgen/internal/quality"
	"meshgen/internal/spec"
)

// Protocol is the version of this language; an engine of another version is refused at start.
const Protocol = 4

// The extra descriptors, as the engine sees them.
const (
	RequestFD = 3
	MessageFD = 4
)

// The folders that an engine finds in its working directory. The files of requests are in there, and nothing else can be
// reached once the engine has entered its sandbox.
const (
	FolderIn  = "in"  // sources, to read
	FolderOut = "out" // for the folders of requests
	FolderTmp = "tmp" // home and temporary folder of the libraries
)

// ProbeArgument is what an engine is started with to say whether it can use the GPU of this machine: it prints what it is, as
// JSON, or fails and says why.
const ProbeArgument = "--probe"

// MaxLine bounds a line of the protocol in bytes. A longer one is garbage.
const MaxLine = 16 << 20

// Kind says what a request wants.
type Kind string

// The kinds of requests.
const (
	Import Kind = "import" // read a file and describe its model
	Mesh   Kind = "mesh"   // read a file, mesh it, check it, write the formats
	Export Kind = "export" // read a .msh of ours and write other formats
	// Speculate meshes curves and faces that nobody has asked for yet, and keeps them with their part. It writes nothing, and runs at
	// idle priority.
	Speculate Kind = "speculate"
	// Drop has the engine give up the Speculate of the same ID, the part staying as it was before. It has no result of its own, and does
	// nothing once that one has its result.
	Drop Kind = "drop"
)

// Stage names a part of the work that a user waits for.
type Stage string

// The stages, in the order in which a job passes them. Fetch and Upload are the worker's.
const (
	StageFetch    Stage = "fetch"
	StageImport   Stage = "import"
	StageHeal     Stage = "heal"
	Stage1D       Stage = "mesh1d"
	Stage2D       Stage = "mesh2d"
	Stage3D       Stage = "mesh3d"
	StageOptimize Stage = "optimize"
	StageQuality  Stage = "quality"
	StageExport   Stage = "export"
	StageUpload   Stage = "upload"
)

// StageEngine is no stage that a job is in: among the timings it is what an engine took beside its stages, to hear of the
// request, forget the one before, and answer. With it, the timings add up to the wall time of the engine.
const StageEngine Stage = "engine"

// Stages lists the stages in their order.
var Stages = []Stage{StageFetch, StageImport, StageHeal, Stage1D, Stage2D, Stage3D, StageOptimize, StageQuality, StageExport, StageUpload}

// Format is a format of CAD that is read, by the extension that we give the file ourselves.
type Format string

// The formats that are read.
const (
	STEP Format = "step"
	IGES Format = "iges"
	BREP Format = "brep"
	STL  Format = "stl"
	MSH  Format = "msh" // a mesh of our own making, for Export only
)

// Request is one piece of work.
type Request struct {
	ID     string `json:"id"` // echoed in the result; the job and attempt it belongs to
	Kind   Kind   `json:"kind"`
	Source Source `json:"source"`
	// Tenant is whose request it is. An engine keeps parts of one tenant only: it drops all before it serves another.
	Tenant string `json:"tenant,omitempty"`
	// Keep is how many bytes of parts the engine may keep for later requests; 0 for none.
	Keep int64 `json:"keep,omitempty"`
	// Dir is an existing, empty folder. The engine writes its files there and nowhere else.
	Dir     string    `json:"dir"`
	Spec    spec.Spec `json:"spec,omitzero"`    // as resolved; for Mesh
	Formats []string  `json:"formats,omitzero"` // what to write; for Export (Mesh takes Spec.Formats)
	Threads int       `json:"threads"`          // at least 1
	Tuning  Tuning    `json:"tuning,omitzero"`  // of this rung; for Mesh
	// MaxElements is the number of elements that a mesh may have; 0 for 100 million.
	MaxElements int64 `json:"max_elements,omitempty"`
	// Tried is what was tried for the same job before this request; the report repeats it.
	Tried []diagnosis.Attempt `json:"tried,omitzero"`
	// Known is what an Import of the same file said, if there was one: it saves measuring the solids again. It is checked
	// against the file's boxes and topology, and left aside where they differ.
	Known *Model `json:"known,omitempty"`
}

// Tuning is how a rung of the ladder departs from what its spec means by itself. A mesh is the same again with the same spec
// and tuning. The zero value departs in nothing.
type Tuning struct {
	Rung  string        `json:"rung,omitempty"`  // its name in the report; the strategy where it is empty
	Faces FaceAlgorithm `json:"faces,omitempty"` // how faces are meshed
	Scale float64       `json:"scale,omitempty"` // of the sizes that the spec leaves open; 0 is 1
	Mend  bool          `json:"mend,omitempty"`  // remove the small edges and faces of the CAD
	// Anchor puts a point on closed faces that could not be meshed, opposite their seams. It may take long.
	Anchor bool `json:"anchor,omitempty"`
	// Tessellate meshes the CAD's own tessellation, welded and closed, in place of its faces.
	Tessellate bool `json:"tessellate,omitempty"`
	// LastResort makes a lattice keep the volume whatever sizes are asked for, and say that nothing else was left.
	LastResort bool `json:"last_resort,omitempty"`
}

// FaceAlgorithm names an algorithm for faces.
type FaceAlgorithm string

// The algorithms for faces. FrontalDelaunay is what is used where none is named.
const (
	FrontalDelaunay FaceAlgorithm = ""
	MeshAdapt       FaceAlgorithm = "meshadapt"
	Delaunay        FaceAlgorithm = "delaunay"
)

// Source is the file to read. The worker named it: Path ends in "." + Format and holds nothing of a user's words.
type Source struct {
	Path   string `json:"path"`
	Format Format `json:"format"`
	Units  string `json:"units,omitempty"` // unit of the numbers where the format has none (STL, BREP); see spec.Units
	// SHA256 names the content, by which a part that is kept is found; one without is read each time.
	SHA256 string `json:"sha256,omitempty"`
}

// MessageType tells the messages apart.
type MessageType string

// The messages of an engine.
const (
	TypeReady    MessageType = "ready"
	TypeStage    MessageType = "stage"
	TypeLog      MessageType = "log"
	TypeArtifact MessageType = "artifact"
	TypeResult   MessageType = "result"
	TypeRest     MessageType = "rest"
)

// Message is one line from the engine. Exactly the field that Type names is set.
type Message struct {
	Type     MessageType `json:"type"`
	Ready    *Ready      `json:"ready,omitempty"`
	Stage    *StageEvent `json:"stage,omitempty"`
	Log      []LogLine   `json:"log,omitempty"` // at least one line, in their order
	Artifact *Artifact   `json:"artifact,omitempty"`
	Result   *Result     `json:"result,omitempty"`
	Rest     *Rest       `json:"rest,omitempty"`
}

// Ready is what an engine says of itself when it is warm.
type Ready struct {
	Protocol     int      `json:"protocol"`
	GmshVersion  string   `json:"gmsh_version"`
	OCCVersion   string   `json:"occ_version,omitempty"`
	BuildOptions []string `json:"build_options"`
	// EngineVersion names results: it changes whenever the same request could give another mesh.
	EngineVersion string  `json:"engine_version"`
	WarmSeconds   float64 `json:"warm_seconds"` // from the start of main to ready, the tiny mesh included
	RSS           int64   `json:"rss"`          // resident bytes when ready
	// Device is "cpu", or the GPU that it holds; NoDevice is why it holds none, where it was built to.
	Device   string `json:"device,omitempty"`
	NoDevice string `json:"no_device,omitempty"`
	// Walls are those that stand around it.
	Walls Walls `json:"walls" doc:"the walls of its sandbox"`
}

// Walls are those of an engine's sandbox that stand; see internal/sandbox.
type Walls struct {
	Landlock int  `json:"landlock" doc:"version of Landlock that keeps it to its own files; 0 is none"`
	Seccomp  bool `json:"seccomp" doc:"only the system calls that meshing needs are allowed"`
}

// StageEvent says that the work is in a stage, and how far the whole job is.
type StageEvent struct {
	Stage    Stage   `json:"stage"`
	Progress float64 `json:"progress"` // 0 to 1, of the whole job, never falling
	Detail   string  `json:"detail,omitempty"`
}

// LogLine is a line of the mesher's log as it happens.
type LogLine struct {
	Level   string  `json:"level"` // info, warning, error, debug
	Text    string  `json:"text"`
	Seconds float64 `json:"seconds"` // since the request began
}

// Artifact is a file that is complete: the worker may upload it while the engine goes on.
type Artifact struct {
	Name      string `json:"name"`   // file name for the user, such as "mesh.msh"
	Format    string `json:"format"` // name in spec.Formats, or "report"
	Path      string `json:"path"`   // in the request's Dir
	MediaType string `json:"media_type"`
	Preview   bool   `json:"preview,omitempty"` // worth showing before the job has ended
}

// Result ends a request. Error set means failed; otherwise the field of the request's kind is set.
type Result struct {
	ID       string                `json:"id"`
	Error    *diagnosis.Diagnosis  `json:"error,omitempty"`
	Model    *Model                `json:"model,omitempty"`
	Mesh     *MeshReport           `json:"mesh,omitempty"`
	Warnings []diagnosis.Diagnosis `json:"warnings,omitempty"`
	Timings  []Timing              `json:"timings"`
	// Tidies says that the engine still has to put away what it keeps, and to give back the memory of the rest, which nobody has to wait
	// for: a Rest message follows. Rest is what it expects until then.
	Tidies bool `json:"tidies,omitempty"`
	Rest
	// Dropped says of a Speculate that it was given up. Speculated says of a Mesh that it used what a Speculate had made, as the first.
	Dropped    bool `json:"dropped,omitempty"`
	Speculated bool `json:"speculated,omitempty"`
}

// Rest is how an engine stands after a request, ready for the next.
type Rest struct {
	RSS int64 `json:"rss"` // resident bytes, for recycling
	// Kept lists the parts that the engine holds, the most recent last.
	Kept []Kept `json:"kept,omitempty"`
	// LostGPU says that the GPU did not do what it was told: the engine has gone on with the processor, and asks to be replaced.
	LostGPU bool `json:"lost_gpu,omitempty"`
	// Tainted asks to be replaced: the engine's state cannot be trusted after what happened, of which Why says what the result does not.
	Tainted bool   `json:"tainted,omitempty"`
	Why     string `json:"why,omitempty"`
}

// Kept is a part that an engine holds, so that it need not be read again.
type Kept struct {
	SHA256 string `json:"sha256"`
	Format Format `json:"format"`
	Units  string `json:"units,omitempty"`
	Bytes  int64  `json:"bytes"`
}

// Of reports whether the part is that of a source.
func (k Kept) Of(s Source) bool {
	return s.SHA256 != "" && k.SHA256 == s.SHA256 && k.Format == s.Format && k.Units == s.Units
}

// Timing is the wall time of one stage. A stage may occur once only.
type Timing struct {
	Stage   Stage   `json:"stage"`
	Seconds float64 `json:"seconds"`
}

// Box is an axis-aligned bounding box.
type Box struct {
	Min [3]float64 `json:"min"`
	Max [3]float64 `json:"max"`
}

// Model describes what a file holds.
type Model struct {
	Format Format `json:"format"`
	// Units is the unit of every length here: "mm" for STEP and IGES, which are converted on reading; otherwise what
	// the user declared, or "" where nobody said.
	Units         string `json:"units"`
	DeclaredUnits string `json:"declared_units,omitempty"` // what a STEP or IGES file says it is written in
	Box           Box    `json:"bounding_box"`
	Solids        []Body `json:"solids"`
	Faces         []Body `json:"faces"`
	Curves        int    `json:"curves"`
	Points        int    `json:"points"`
	Triangles     int    `json:"triangles,omitempty"` // of an STL
	// Defect is why the triangles of an STL enclose no solid for sure, one of diagnosis.Unclosed, and where: it is described as one
	// solid of unknown volume with one face, which nothing but a lattice fills.
	Defect *diagnosis.Diagnosis `json:"defect,omitempty"`
	// Groups are the names that the file gives to entities; CurveTags and PointTags list the others, as ranges that hold
	// their ends.
	Groups    []FileGroup `json:"groups,omitempty"`
	CurveTags [][2]int    `json:"curve_tags,omitempty"`
	PointTags [][2]int    `json:"point_tags,omitempty"`
}

// Body is a solid or a face of a model.
type Body struct {
	Tag    int      `json:"tag" doc:"number of the entity"`
	Name   string   `json:"name,omitempty" doc:"name in the CAD file"`
	Color  string   `json:"color,omitempty" doc:"colour in the CAD file, #rrggbb"`
	Layers []string `json:"layers,omitempty" doc:"layers in the CAD file"`
	// Shape and Radius are those of a face of CAD.
	Shape   string  `json:"shape,omitempty" enum:"plane,cylinder,cone,sphere,torus,free" doc:"what a face of CAD lies on"`
	Radius  float64 `json:"radius,omitempty" doc:"radius of curvature of a face of CAD, in the geometry's units: the smaller of its two at each place, of which this is a mean; absent where it is flat"`
	Measure float64 `json:"measure" doc:"volume of a solid, area of a face, in the geometry's units"`
	Faces   []int   `json:"faces,omitempty" doc:"tags of the faces that bound a solid"`
	// Place is set for the faces of an STL, which have no name to know them by.
	Place *[3]float64 `json:"place,omitempty" doc:"a point on a face of an STL"`
}

// MeshReport says what a mesh is. It is what the JSON report artifact holds.
type MeshReport struct {
	Nodes    int            `json:"nodes" doc:"mesh nodes"`
	Elements map[string]int `json:"elements" doc:"number of elements by kind: tetrahedron, triangle, …"`
	Order    int            `json:"order" doc:"order of the elements"`
	Strategy string         `json:"strategy" doc:"the strategy that made it"`
	Heal     string         `json:"heal" doc:"auto where the geometry was mended if that helped, off where it was taken as it is"`
	Solids   []SolidReport  `json:"solids" doc:"each solid against the CAD"`
	Volume   float64        `json:"volume" doc:"volume of all elements, in the geometry's units"`
	// CADVolume is what the CAD says the solids hold; zero where it cannot say.
	CADVolume float64           `json:"cad_volume,omitempty" doc:"volume of the CAD's solids"`
	Quality   map[string]Bounds `json:"quality" doc:"measures of the volume elements: sicn, gamma"`
	Optimized *Optimized        `json:"optimized,omitempty" doc:"what optimisation gained; absent where there was nothing to optimise"`
	// Straightened is absent where every element could be curved as it was.
	Straightened *Straightened       `json:"straightened,omitempty" doc:"curved elements that turned inside out, and what was done"`
	Measured     *Measured           `json:"measured,omitempty" doc:"what the elements are like, and whether they are fit for solvers"`
	Layers       []LayerReport       `json:"layers,omitempty" doc:"boundary layers, one entry for each of the spec's"`
	Checks       []Check             `json:"checks" doc:"the conditions that a mesh has to meet"`
	Tried        []diagnosis.Attempt `json:"tried,omitempty" doc:"what was tried, in order"`
	Timings      []Timing            `json:"timings" doc:"wall seconds of each stage"`
	Reused       []Stage             `json:"reused,omitempty" doc:"stages whose outcome an engine had kept, so that they took no time"`
	Versions     map[string]string   `json:"versions" doc:"what made it"`
	TimeCut      bool                `json:"time_cut,omitempty" doc:"something was ended early by the time limit: the same request may give another mesh"`
	Surface      *Surface            `json:"surface,omitempty" doc:"of an STL: what became of its triangles"`
	Lattice      *Lattice            `json:"lattice,omitempty" doc:"of strategy lattice: how its surface differs from that of the part"`
	// Raced is absent where the mesh is what one rung of the ladder after the other comes to, whether some ran side by side or not.
	Raced *Race `json:"raced,omitempty" doc:"two ways ran side by side and this mesh is of the one that was first: the same request may give another mesh"`
	// Detail is in the report artifact, and nowhere else.
	Detail *Detail `json:"detail,omitempty" doc:"of each solid and group, and the worst elements"`
}

// Race says that the clock chose the way in which a mesh was made.
type Race struct {
	Winner string     `json:"winner" doc:"the one that made the mesh"`
	Rungs  []string   `json:"rungs" doc:"those that ran side by side, the winner first"`
	Spec   *spec.Spec `json:"spec,omitempty" doc:"the spec that makes the same mesh whatever else runs; absent where none does, since the winner departed from what was asked for"`
}

// Measured is what the elements of a mesh are like; docs/quality.md defines the measures.
type Measured struct {
	Volume  quality.Part `json:"volume" doc:"all elements of volume"`
	Surface quality.Part `json:"surface" doc:"all triangles and quadrangles of the surface"`
	CFD     *quality.CFD `json:"cfd,omitempty" doc:"fitness for the finite volume method, as OpenFOAM's checkMesh sees it; absent of drafts, which are there sooner without"`
	FEA     quality.FEA  `json:"fea" doc:"fitness for structural analysis"`
}

// Detail is what grows with the number of solids and groups.
type Detail struct {
	Solids []quality.Part    `json:"solids" doc:"volume elements of each solid"`
	Groups []quality.Part    `json:"groups" doc:"elements of each group of dimension 2 and 3"`
	Worst  []quality.Element `json:"worst" doc:"the worst 100 elements of volume, worst first"`
}

// Surface says how the surface mesh of an STL differs from the file.
type Surface struct {
	Faces         int     `json:"faces" doc:"faces between the edges that were found"`
	Triangles     int     `json:"triangles" doc:"triangles of the surface mesh"`
	FileTriangles int     `json:"file_triangles" doc:"triangles of the mended file"`
	Deviation     float64 `json:"deviation" doc:"how far apart both surfaces are where they are farthest, at their vertices and the middles of triangles, in the geometry's units"`
	Kept          bool    `json:"kept,omitempty" doc:"some or all triangles are those of the file: no others were found that would not cross"`
}

// Lattice says how well a lattice follows the surface that it fills.
type Lattice struct {
	Edge float64 `json:"edge" doc:"long edge of the lattice, in the geometry's units; solids that share no faces have lattices of their own, and this is the longest"`
	// LeastEdge is of the finest lattice: small solids need one.
	LeastEdge float64 `json:"least_edge" doc:"long edge of the finest lattice"`
	// LongestEdge is of the largest cubes inside.
	LongestEdge float64 `json:"longest_edge" doc:"long edge of the lattice where it is coarsest: inside, away from the surface"`
	// Device is what made it: the mesh is the same to the bit.
	Device string `json:"device" doc:"cpu, or the GPU that made the lattice"`
	Draft  bool   `json:"draft,omitempty" doc:"made to be looked at, not to be computed with"`
	// Distances are sampled: at the middles of triangles and edges of the mesh, and at corners and points of the surface.
	Deviation float64  `json:"deviation" doc:"greatest distance between both surfaces, either way, in the geometry's units (Hausdorff, sampled)"`
	OfMesh    Bounds   `json:"of_mesh" doc:"distances from the mesh's surface to the part's"`
	OfSurface Bounds   `json:"of_surface" doc:"distances from the part's surface to the mesh's"`
	LostFaces int      `json:"lost_faces,omitempty" doc:"faces of the part that have no triangle of the mesh, being smaller than the lattice"`
	Features  Features `json:"features" doc:"what became of the part's edges, where faces meet, and of its corners"`
}

// Features compares the edges between faces with those of the mesh between the same faces.
type Features struct {
	Corners     int     `json:"corners" doc:"of the part"`
	CornersKept int     `json:"corners_kept" doc:"corners where a node of the mesh lies"`
	Length      float64 `json:"length" doc:"of the part's edges"`
	Lost        float64 `json:"lost" doc:"the length of edges that have none of the mesh within three edges of the lattice"`
	Deviation   float64 `json:"deviation" doc:"greatest distance of the others from the mesh's (sampled)"`
	Left        int     `json:"left" doc:"edges of the mesh that cut across an edge of the part: nodes there would leave tetrahedra too sharp"`
}

// SolidReport compares the elements in a solid with the solid.
type SolidReport struct {
	Tag      int     `json:"tag"`
	Name     string  `json:"name,omitempty"`
	Elements int     `json:"elements"`
	Volume   float64 `json:"volume" doc:"sum of the elements' volumes"`
	// Enclosed is the volume inside the solid's own surface mesh; the elements have to fill it to rounding.
	Enclosed  float64 `json:"enclosed"`
	CADVolume float64 `json:"cad_volume,omitempty"`
	// Deviation is (volume - cad_volume) / cad_volume: what the chords of the mesh cost.
	Deviation float64 `json:"deviation"`
}

// Optimized is what optimisation gained, while the elements were straight.
type Optimized struct {
	Poor     int     `json:"poor" doc:"tetrahedra that were worked on"`
	Changes  int     `json:"changes" doc:"edges and faces removed, nodes moved, merged and added"`
	Before   float64 `json:"before" doc:"smallest gamma before"`
	After    float64 `json:"after" doc:"smallest gamma after"`
	Complete bool    `json:"complete" doc:"whether all was tried; false where the bound on time or effort ended it"`
}

// Bounds are statistics of a quality measure over the volume elements.
type Bounds struct {
	Min  float64 `json:"min"`
	Mean float64 `json:"mean"`
	Max  float64 `json:"max"`
}

// Check is one condition and whether it holds.
type Check struct {
	Name   string `json:"name" doc:"solids_filled, volume_enclosed, conforming, none_inverted, none_flat, reads_back"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail,omitempty"`
}

// Encode returns v as one line.
func Encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append(b, '\n'), nil
}

// Seconds rounds a duration to the microsecond, in seconds.
func Seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }
