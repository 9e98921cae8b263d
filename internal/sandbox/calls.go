package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"
)

// calls are the system calls that need no look at their arguments.
var calls = []string{
	// memory
	"brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "mincore", "membarrier", "mbind",
	// threads and time
	"futex", "set_robust_list", "get_robust_list", "rseq", "gettid", "getpid", "set_tid_address", "sched_yield",
	"sched_getaffinity", "getcpu", "exit", "exit_group", "arch_prctl", "restart_syscall", "nanosleep", "clock_nanosleep",
	"clock_gettime", "clock_getres", "gettimeofday", "time", "times", "getrusage", "alarm", "setitimer", "getitimer",
	"timer_create", "timer_settime", "timer_delete", "pause",
	// signals to itself
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack",
	// what it is and where
	"uname", "sysinfo", "getuid", "geteuid", "getgid", "getegid", "getrlimit", "getrandom", "getcwd", "umask",
	// files: where they may be is for Landlock to say
	"open", "openat", "close", "close_range", "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "lseek",
	"stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getdents64",
	"fcntl", "flock", "dup", "dup2", "dup3", "pipe2", "truncate", "ftruncate", "fallocate", "fsync", "fdatasync", "fadvise64",
	"copy_file_range", "sendfile", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
	// waiting
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd2", "poll", "ppoll", "select", "pselect6",
}

// prctl's operation that names a mapping; glibc and Go use it where the kernel has it.
const prSetVMA = 0x53564d41

// restrictCalls allows what meshing needs and refuses the rest with EPERM, as a library expects that may not do something.
// What is not listed is refused in every other way to call the kernel too, such as by numbers of 32-bit programs.
func restrictCalls(gpu bool) error {
	own := uint64(os.Getpid())
	when := func(name string, argument uint32, is seccomp.Operation, value uint64) seccomp.NameWithConditions {
		return seccomp.NameWithConditions{Name: name, Conditions: seccomp.ArgumentConditions{{Argument: argument, Operation: is, Value: value}}}
	}
	policy := seccomp.Policy{
		DefaultAction: seccomp.ActionErrno, // EPERM
		Syscalls: []seccomp.SyscallGroup{
			{Action: seccomp.ActionAllow, Names: calls},
			{Action: seccomp.ActionAllow, NamesWithCondtions: []seccomp.NameWithConditions{
				when("clone", 0, seccomp.BitsSet, unix.CLONE_THREAD), // threads, not processes
				when("tgkill", 0, seccomp.Equal, own),
				when("kill", 0, seccomp.Equal, own),
				when("prlimit64", 0, seccomp.Equal, 0),
				when("prctl", 0, seccomp.Equal, unix.PR_SET_NAME),
				when("prctl", 0, seccomp.Equal, prSetVMA),
				when("ioctl", 1, seccomp.Equal, unix.TCGETS), // "is this a terminal?"
			}},
			// The flags of clone3 are in memory, where no filter sees them. ENOSYS makes the C library use clone, EPERM would
			// make OpenMP give up.
			{Action: seccomp.ActionErrno | seccomp.Action(unix.ENOSYS), Names: []string{"clone3"}},
		},
	}
	if gpu { // which devices there are to tell is for Landlock to say, as of Linux 6.10
		policy.Syscalls[0].Names = append(slices.Clone(calls), "ioctl")
	}
	err := seccomp.LoadFilter(seccomp.Filter{NoNewPrivs: true, Flag: seccomp.FilterFlagTSync, Policy: policy})
	if err != nil {
		return fmt.Errorf("load the filter: %w", err)
	}
	return checkThreads()
}

// checkThreads reads what the kernel says of every thread of this process: a filter that one of them lacks is no wall.
func checkThreads() error {
	threads, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(threads) == 0 {
		return errors.New("cannot see the threads of this process in /proc")
	}
	for _, path := range threads {
		status, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ESRCH) {
			continue // it has ended
		}
		if err != nil {
			return err
		}
		for _, line := range []string{"\nSeccomp:\t2\n", "\nNoNewPrivs:\t1\n"} {
			if !bytes.Contains(status, []byte(line)) {
				return fmt.Errorf("%s lacks %q", path, strings.TrimSpace(line))
			}
		}
	}
	return nil
}
