// Package sandbox shuts a process in. An engine enters it before it reads the first byte of a stranger's file, and cannot
// leave it: what a parser is brought to do by a file that was made for it, it does within these walls.
//
//   - Landlock: files are read in the folders for reading, written in those for writing, and nowhere else. No TCP port is
//     bound or connected, no process outside is signalled, no abstract socket outside is reached.
//   - seccomp: only the system calls that meshing needs. No socket of any kind, no program started, no process forked, none
//     traced, no mount, no namespace, no change of owners or modes.
//   - no_new_privs, which both need: no set-user-id program could help even if one could be started.
//
// The walls hold for every thread that there is and will be, and cannot be taken down. What they do not hide is whether a path
// exists, and how large a file is: Landlock guards what is in files, not their metadata.
//
// Both are irrevocable, so the folders are fixed when an engine is started. Whoever lends it puts one job's files in there.
package sandbox

import (
	"fmt"
	"path/filepath"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// Mode says what happens where the kernel lacks a wall.
type Mode string

// The modes.
const (
	Require Mode = "require" // no wall, no engine
	Prefer  Mode = "prefer"  // as many walls as there are
	Off     Mode = "off"     // none
)

// Valid reports whether it is one of the modes.
func (m Mode) Valid() bool { return m == Require || m == Prefer || m == Off }

// Variable is the environment variable by which a worker tells an engine its mode.
const Variable = "MESHGEN_ENGINE_SANDBOX"

// Folders are what a process may see of the file system, beside a few files of the system that name nobody's data.
type Folders struct {
	Read  []string
	Write []string // and read
	GPU   bool     // the devices of NVIDIA's driver may be used, which is told what to do by ioctl
}

// Walls are those that stand.
type Walls struct {
	Landlock int // version of Landlock's interface that is in force; 0 is none
	Seccomp  bool
}

// The versions of Landlock's interface. Below the least, a file that may not be written can still be emptied; the best that
// this package knows how to use also keeps signals and abstract sockets inside.
const (
	leastLandlock = 3
	bestLandlock  = 7
)

// Enter puts up the walls around the calling process, all its threads included. In mode Require an error means that a wall is
// missing; the process should end then, as it may stand half within.
func Enter(mode Mode, f Folders) (Walls, error) {
	var w Walls
	if mode == Off {
		return w, nil
	}
	if !mode.Valid() {
		return w, fmt.Errorf("%s is %q: it has to be %s, %s or %s", Variable, mode, Require, Prefer, Off)
	}
	version, err := landlocksys.LandlockGetABIVersion()
	if err != nil || version < leastLandlock {
		err = fmt.Errorf("this kernel has no Landlock of version %d or later (Linux 6.2, enabled at boot); to run without, set %s=%s", leastLandlock, Variable, Prefer)
		if mode == Require {
			return w, err
		}
	} else if err = restrictFiles(f); err != nil {
		return w, fmt.Errorf("landlock: %w", err) // the kernel has it: this is a fault, not a lack
	} else {
		w.Landlock = min(version, bestLandlock)
	}
	if err := restrictCalls(f.GPU); err != nil {
		if mode == Require {
			return w, fmt.Errorf("seccomp: %w; to run without, set %s=%s", err, Variable, Prefer)
		}
		return w, nil
	}
	w.Seccomp = true
	return w, nil
}

const (
	readFiles  = landlock.AccessFSSet(landlocksys.AccessFSReadFile | landlocksys.AccessFSReadDir)
	writeFiles = readFiles | landlock.AccessFSSet(landlocksys.AccessFSWriteFile|landlocksys.AccessFSTruncate|
		landlocksys.AccessFSMakeReg|landlocksys.AccessFSMakeDir|landlocksys.AccessFSRemoveFile|landlocksys.AccessFSRemoveDir)
	useDevice = landlock.AccessFSSet(landlocksys.AccessFSReadFile | landlocksys.AccessFSWriteFile | landlocksys.AccessFSIoctlDev)
	readFile  = landlock.AccessFSSet(landlocksys.AccessFSReadFile)
)

// systemFiles are what the C library and the Go runtime read of the machine while they run.
var systemFiles = []string{
	"/sys/devices/system/cpu/online", "/sys/devices/system/cpu/possible", "/proc/sys/vm/overcommit_memory",
	"/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "/etc/localtime", "/dev/urandom",
}

func restrictFiles(f Folders) error {
	rules := []landlock.Rule{
		landlock.PathAccess(readFiles, f.Read...),
		landlock.PathAccess(writeFiles, f.Write...),
		landlock.PathAccess(readFile, systemFiles...).IgnoreIfMissing(),
		landlock.PathAccess(readFiles, "/proc/self"), // this process alone: its size, its mappings
		landlock.PathAccess(readFile|landlock.AccessFSSet(landlocksys.AccessFSWriteFile), "/dev/null"),
	}
	if f.GPU {
		devices, err := filepath.Glob("/dev/nvidia*")
		if err != nil {
			return err
		}
		rules = append(rules, landlock.PathAccess(useDevice, devices...).IgnoreIfMissing())
	}
	return landlock.V7.BestEffort().Restrict(rules...)
}
