//go:build faults

package serve

/*
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

static int escapeBySystem(const char *command) { return system(command); }

// opens a file as Gmsh sees fit, by its name; nothing else in an engine ever does that
static int openBlindly(const char *path) {
  void (*open)(const char *, int *) = (void (*)(const char *, int *))dlsym(RTLD_DEFAULT, "gmshOpen");
  int code = -1;
  if(open) open(path, &code);
  return code;
}
*/
import "C"

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"meshgen/internal/engine"
)

// escape tries all that a parser that was taken over might, and logs what came of each: "escape <attempt>: <error>", or
// "escape <attempt>: done". Every attempt is harmless where it succeeds.
func (e *loop) escape() {
	for _, a := range escapes(parentProcess()) {
		outcome := "done"
		if err := a.try(); err != nil {
			outcome = err.Error()
		}
		e.note(engine.LogLine{Level: "info", Text: "escape " + a.name + ": " + outcome})
	}
}

// parentProcess returns the worker's number, or that of some process that is not ours: the system call is not allowed.
func parentProcess() int {
	parent := 1
	if stat, err := os.ReadFile("/proc/self/stat"); err == nil {
		if fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); len(fields) > 1 {
			parent, _ = strconv.Atoi(fields[1])
		}
	}
	return parent
}

// openBlindly has Gmsh take the file for what its name says, which runs it where that is a script.
func openBlindly(path string) int {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	return int(C.openBlindly(name))
}

type attempt struct {
	name string
	try  func() error
}

// What system calls are given by address has to stay where it is.
var (
	programPath = [...]byte{'n', 'o', 'n', 'e', 0}
	rootPath    = [...]byte{'/', 0}
	cloneArgs   = [8]uint64{4: uint64(unix.SIGCHLD)} // exit_signal
)

func escapes(parent int) []attempt {
	raw := func(number uintptr, args ...uintptr) func() error {
		return func() error {
			var a [6]uintptr
			copy(a[:], args)
			if _, _, errno := unix.RawSyscall6(number, a[0], a[1], a[2], a[3], a[4], a[5]); errno != 0 {
				return errno
			}
			return nil
		}
	}
	// a process that was forked must not go on in Go's runtime: it ends at once
	fork := func(number uintptr, args ...uintptr) func() error {
		return func() error {
			var a [6]uintptr
			copy(a[:], args)
			pid, _, errno := unix.RawSyscall6(number, a[0], a[1], a[2], a[3], a[4], a[5])
			if errno != 0 {
				return errno
			}
			if pid == 0 {
				unix.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
			}
			return nil
		}
	}
	read := func(path string) func() error {
		return func() error { _, err := os.ReadFile(path); return err }
	}
	list := func(path string) func() error {
		return func() error { _, err := os.ReadDir(path); return err }
	}
	write := func(path string) func() error {
		return func() error { return errors.Join(os.WriteFile(path, []byte("here"), 0o600), os.Remove(path)) }
	}
	dial := func(network, address string) func() error {
		return func() error {
			c, err := net.Dial(network, address)
			if errors.Is(err, unix.ECONNREFUSED) {
				return nil // a socket there was
			}
			if err == nil {
				err = c.Close()
			}
			return err
		}
	}
	inSource := func(change func(path string) error) func() error {
		return func() error {
			sources, _ := filepath.Glob(engine.FolderIn + "/*")
			for _, path := range sources {
				return change(path)
			}
			return fmt.Errorf("no source to try it on")
		}
	}
	proc := "/proc/" + strconv.Itoa(parent)
	return []attempt{
		{"read /etc/passwd", read("/etc/passwd")},
		{"list /", list("/")},
		{"list the folder of engines", list("..")},
		{"read the worker's environment", read(proc + "/environ")},
		{"read the worker's memory map", read(proc + "/maps")},
		{"list the worker's files", list(proc + "/fd")},
		{"write in /tmp", write("/tmp/meshgen-escape-" + strconv.Itoa(os.Getpid()))},
		{"write in the own folder", write("escape")},
		{"write /etc", write("/etc/meshgen-escape")},
		{"change the source", inSource(func(path string) error { return os.Truncate(path, 1<<20) })},
		{"remove the source", inSource(func(path string) error { return errors.Join(os.Rename(path, path+"x"), os.Rename(path+"x", path)) })},
		{"change the source's mode", inSource(func(path string) error { return os.Chmod(path, 0o644) })},
		{"link the source", inSource(func(path string) error { return os.Link(path, engine.FolderOut+"/hard") })},
		{"symbolic link", func() error { return os.Symlink("/etc/passwd", engine.FolderOut+"/soft") }},
		{"pipe in the file system", func() error { return unix.Mkfifo(engine.FolderOut+"/fifo", 0o600) }},
		{"device", func() error { return unix.Mknod(engine.FolderOut+"/null", unix.S_IFCHR|0o600, 1<<8|3) }},

		{"internet socket", dial("tcp", "127.0.0.1:9")},
		{"datagram socket", dial("udp", "127.0.0.1:9")},
		{"unix socket", dial("unix", "/run/meshgen-escape")},
		{"abstract socket", dial("unix", "@meshgen-escape")},
		{"netlink socket", raw(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW, 0)},
		{"socket pair", func() error { _, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0); return err }},

		{"fork", fork(unix.SYS_FORK)},
		{"clone a process", fork(unix.SYS_CLONE, uintptr(unix.SIGCHLD))},
		{"clone3", fork(unix.SYS_CLONE3, uintptr(unsafe.Pointer(&cloneArgs)), unsafe.Sizeof(cloneArgs))},
		{"system()", func() error {
			command := C.CString("true")
			defer C.free(unsafe.Pointer(command))
			if status := C.escapeBySystem(command); status != 0 {
				return fmt.Errorf("status %d", status)
			}
			return nil
		}},
		{"start a program", func() error {
			_, err := syscall.ForkExec("/bin/true", []string{"true"}, &syscall.ProcAttr{})
			return err
		}},
		{"become a program", raw(unix.SYS_EXECVE, uintptr(unsafe.Pointer(&programPath)), 0, 0)},

		{"trace the worker", raw(unix.SYS_PTRACE, unix.PTRACE_SEIZE, uintptr(parent), 0, 0)},
		{"read the worker's memory", raw(unix.SYS_PROCESS_VM_READV, uintptr(parent), 0, 0, 0, 0, 0)},
		{"signal the worker", raw(unix.SYS_KILL, uintptr(parent), 0)},
		{"signal everybody", raw(unix.SYS_KILL, ^uintptr(0), 0)},
		{"handle on the worker", raw(unix.SYS_PIDFD_OPEN, uintptr(parent), 0)},
		{"limits of the worker", raw(unix.SYS_PRLIMIT64, uintptr(parent), unix.RLIMIT_NOFILE, 0, 0)},

		{"namespace", raw(unix.SYS_UNSHARE, unix.CLONE_NEWUSER)},
		{"mount", raw(unix.SYS_MOUNT, uintptr(unsafe.Pointer(&programPath)), uintptr(unsafe.Pointer(&rootPath)), 0, unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, 0)},
		{"chroot", raw(unix.SYS_CHROOT, uintptr(unsafe.Pointer(&rootPath)))},
		{"user", raw(unix.SYS_SETUID, uintptr(os.Getuid()))},
		{"kernel keys", raw(unix.SYS_KEYCTL, 0, ^uintptr(2), 0)},
		{"asynchronous calls", raw(unix.SYS_IO_URING_SETUP, 1, 0)},
		{"kernel programs", raw(unix.SYS_BPF, 0, 0, 0)},
		{"page faults by hand", raw(unix.SYS_USERFAULTFD, 0)},
		{"performance counters", raw(unix.SYS_PERF_EVENT_OPEN, 0, 0, 0, 0, 0)},
		{"another kind of process", raw(unix.SYS_PERSONALITY, 0)},
	}
}
