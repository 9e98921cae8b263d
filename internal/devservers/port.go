package devservers

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Free ports are taken from below the range from which the system takes ports for clients (32768 and up), so that no
// client gets the port of a server that restarts.
const firstPort, lastPort = 20000, 31999

// FreePort returns a port of loopback that nobody listens on, and that no other caller of FreePort on this machine gets
// while this process lives. The claim is a socket in Linux's abstract namespace, which vanishes with its owner.
func FreePort() (int, error) {
	for range 100 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		claim, err := net.Listen("unix", fmt.Sprintf("@meshgen-port-%d", port))
		if err != nil {
			continue
		}
		probe, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			claim.Close()
			continue
		}
		probe.Close()
		return port, nil // claim stays open
	}
	return 0, errors.New("no free port on loopback")
}

// listens reports whether a process holds the socket that listens on a TCP port.
func listens(pid, port int) bool {
	var sockets []socket
	for _, table := range []string{"tcp", "tcp6"} {
		sockets = append(sockets, listeners(fmt.Sprintf("/proc/%d/net/%s", pid, table), port)...)
	}
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return false
	}
	for _, descriptor := range descriptors {
		target, err := os.Readlink(descriptor)
		if errors.Is(err, fs.ErrPermission) { // root in a container may not look into another user's process
			owner, ok := userOf(pid)
			return ok && slices.ContainsFunc(sockets, func(s socket) bool { return s.user == owner })
		}
		if err == nil && slices.ContainsFunc(sockets, func(s socket) bool { return target == "socket:["+s.inode+"]" }) {
			return true
		}
	}
	return false
}

// userOf returns the user of a process, as the kernel's tables name it.
func userOf(pid int) (string, bool) {
	info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	if err != nil {
		return "", false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return strconv.FormatUint(uint64(stat.Uid), 10), true
}

// socket is one that listens.
type socket struct{ user, inode string }

// listeners reads the sockets that listen on a port from one of the kernel's tables.
func listeners(table string, port int) []socket {
	file, err := os.Open(table)
	if err != nil {
		return nil
	}
	defer file.Close()
	const local, state, user, inode = 1, 3, 7, 9 // columns
	const listening = "0A"
	suffix := fmt.Sprintf(":%04X", port)
	var found []socket
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > inode && fields[state] == listening && strings.HasSuffix(fields[local], suffix) {
			found = append(found, socket{user: fields[user], inode: fields[inode]})
		}
	}
	return found
}
