package pool

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"meshgen/internal/sandbox"
	"meshgen/internal/spec"
)

// Config is what an operator may set. A zero Path, Engines, MemoryLimit, MaxFile, Sandbox or Scratch stands for what
// suits the machine.
type Config struct {
	// Path is the engine's binary.
	Path string `env:"MESHGEN_ENGINE"` // default: "engine" beside the own executable
	// Device says what engines work on: auto (a GPU if it can be used, by the engine with "-cuda" at the end of its name), cpu, or
	// cuda (a GPU, or the pool does not start).
	Device string `env:"MESHGEN_DEVICE" envDefault:"auto"`
	// Engines is how many requests can run at once.
	Engines int `env:"MESHGEN_ENGINES"` // default: half of the CPUs, at least 1
	// Spares is how many engines stand ready beside those, so that a replacement costs the next request nothing.
	Spares int `env:"MESHGEN_ENGINE_SPARES" envDefault:"1"`
	// Jobs is after how many requests an engine is replaced.
	Jobs int `env:"MESHGEN_ENGINE_JOBS" envDefault:"200"`
	// MaxRSS replaces an engine that is larger than this after a request.
	MaxRSS Bytes `env:"MESHGEN_ENGINE_MAX_RSS" envDefault:"2GiB"`
	// Keep is how much of the parts that it read an engine keeps in memory, so that they need not be read again; at most an
	// eighth of MemoryLimit, on top of which it comes. 0 keeps nothing.
	Keep Bytes `env:"MESHGEN_ENGINE_KEEP" envDefault:"512MiB"`
	// Idle is after how long without a request an engine is replaced, with all that it keeps, so that its memory goes back and no
	// part stays in it. 0 lets it keep them.
	Idle time.Duration `env:"MESHGEN_ENGINE_IDLE" envDefault:"1h"`
	// MemoryLimit kills an engine that grows beyond it during a request.
	MemoryLimit Bytes `env:"MESHGEN_ENGINE_MEMORY_LIMIT"` // default: an equal share of 80 % of the memory
	// MaxFile is how large a file that an engine writes may be, be it full of holes.
	MaxFile Bytes `env:"MESHGEN_ENGINE_MAX_FILE"` // default: 16GiB
	// Sandbox says what happens where the kernel lacks a wall of the engines' sandbox: require (engines do not start), prefer
	// (as many walls as there are) or off.
	Sandbox sandbox.Mode `env:"MESHGEN_ENGINE_SANDBOX"` // default: require
	// StartTimeout is how long an engine may take until it is ready.
	StartTimeout time.Duration `env:"MESHGEN_ENGINE_START_TIMEOUT" envDefault:"15s"`
	// GiveUp is how long requests wait while no engine can be started at all.
	GiveUp time.Duration `env:"MESHGEN_ENGINE_GIVE_UP" envDefault:"30s"`
	// Scratch is the folder in which each engine gets a folder of its own, as working, home and temporary directory.
	Scratch string `env:"MESHGEN_SCRATCH"` // default: "meshgen-{uid}" in the system's temporary directory
}

// Load reads the configuration from the environment and validates it.
func Load() (Config, error) {
	c, err := env.ParseAs[Config]()
	if err != nil {
		return c, fmt.Errorf("engine pool configuration: %w", err)
	}
	return c, c.Validate()
}

// minMemoryLimit is below what an engine needs to load its libraries and to mesh the box that warms it.
const minMemoryLimit = 128 << 20

// The least is below what any mesh worth a file is written to.
const (
	minMaxFile     Bytes = 1 << 20
	defaultMaxFile Bytes = 16 << 30
)

// Validate reports everything that is wrong, by the names of the variables.
func (c Config) Validate() error {
	var bad []error
	refuse := func(ok bool, format string, args ...any) {
		if !ok {
			bad = append(bad, fmt.Errorf(format, args...))
		}
	}
	refuse(c.Engines >= 0, "MESHGEN_ENGINES must be at least 1, or unset (is %d)", c.Engines)
	refuse(c.Device == "" || slices.Contains(spec.Devices, c.Device), "MESHGEN_DEVICE must be one of %s (is %q)", strings.Join(spec.Devices, ", "), c.Device)
	refuse(c.Spares >= 0, "MESHGEN_ENGINE_SPARES must not be negative (is %d)", c.Spares)
	refuse(c.Jobs >= 1, "MESHGEN_ENGINE_JOBS must be at least 1 (is %d)", c.Jobs)
	refuse(c.MaxRSS >= minMemoryLimit, "MESHGEN_ENGINE_MAX_RSS must be at least %s (is %s)", Bytes(minMemoryLimit), c.MaxRSS)
	refuse(c.MemoryLimit == 0 || c.MemoryLimit >= minMemoryLimit,
		"MESHGEN_ENGINE_MEMORY_LIMIT must be at least %s, or unset (is %s)", Bytes(minMemoryLimit), c.MemoryLimit)
	refuse(c.MaxFile == 0 || c.MaxFile >= minMaxFile, "MESHGEN_ENGINE_MAX_FILE must be at least %s, or unset (is %s)", minMaxFile, c.MaxFile)
	refuse(c.Sandbox == "" || c.Sandbox.Valid(), "%s must be %s, %s or %s (is %q)", sandbox.Variable, sandbox.Require, sandbox.Prefer, sandbox.Off, c.Sandbox)
	refuse(c.Keep >= 0 && c.Keep < c.MaxRSS, "MESHGEN_ENGINE_KEEP must be less than MESHGEN_ENGINE_MAX_RSS, %s (is %s)", c.MaxRSS, c.Keep)
	refuse(c.Idle >= 0, "MESHGEN_ENGINE_IDLE must not be negative (is %s)", c.Idle)
	refuse(c.StartTimeout > 0, "MESHGEN_ENGINE_START_TIMEOUT must be positive (is %s)", c.StartTimeout)
	refuse(c.GiveUp > 0, "MESHGEN_ENGINE_GIVE_UP must be positive (is %s)", c.GiveUp)
	return errors.Join(bad...)
}

// share of the memory that all engines together may take: the rest is for the worker and for the page cache.
const engineMemoryShare = 0.8

// keptShare is the part of the memory limit, as one of so many, that kept parts may take beside it.
const keptShare = 8

// withDefaults fills in what the machine suggests, and makes the paths absolute: an engine runs in a folder of its own.
func (c Config) withDefaults() (Config, error) {
	if c.Engines == 0 {
		c.Engines = max(1, runtime.NumCPU()/2)
	}
	c.MaxFile, c.Sandbox = cmp.Or(c.MaxFile, defaultMaxFile), cmp.Or(c.Sandbox, sandbox.Require)
	if c.MemoryLimit == 0 {
		share := float64(machineMemory()) * engineMemoryShare / float64(c.Engines)
		c.MemoryLimit = Bytes(max(share, minMemoryLimit))
	}
	c.Keep = min(c.Keep, c.MemoryLimit/keptShare)
	if c.Scratch == "" {
		c.Scratch = filepath.Join(os.TempDir(), "meshgen-"+strconv.Itoa(os.Getuid()))
	}
	if c.Path == "" {
		own, err := os.Executable()
		if err != nil {
			return c, fmt.Errorf("find the engine beside the own executable: %w", err)
		}
		c.Path = filepath.Join(filepath.Dir(own), "engine")
	}
	var err error
	if c.Scratch, err = filepath.Abs(c.Scratch); err != nil {
		return c, fmt.Errorf("MESHGEN_SCRATCH: %w", err)
	}
	if c.Path, err = filepath.Abs(c.Path); err != nil {
		return c, fmt.Errorf("MESHGEN_ENGINE: %w", err)
	}
	info, err := os.Stat(c.Path)
	if err != nil {
		return c, fmt.Errorf("MESHGEN_ENGINE: no engine: %w", err)
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return c, fmt.Errorf("MESHGEN_ENGINE: %s is not an executable file", c.Path)
	}
	return c, nil
}

// Bytes is an amount of memory. As text it is a number with an optional unit: 1500000, 512MiB, 2GiB, 1.5GB.
type Bytes int64

var byteUnits = []struct {
	name string
	size float64
}{
	// Longer names first: each name ends in "B".
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// UnmarshalText reads a number with an optional unit.
func (b *Bytes) UnmarshalText(text []byte) error {
	number, size := strings.TrimSpace(string(text)), 1.
	for _, u := range byteUnits {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, size = strings.TrimSpace(rest), u.size
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v >= 0 && v*size < 1<<62) {
		return fmt.Errorf("%q is not an amount of memory such as 512MiB or 2GiB", text)
	}
	*b = Bytes(v * size)
	return nil
}

// String returns the amount in the largest binary unit that it reaches.
func (b Bytes) String() string {
	for _, u := range []struct {
		name string
		size Bytes
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if b >= u.size {
			return strconv.FormatFloat(float64(b)/float64(u.size), 'g', 4, 64) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10) + "B"
}
