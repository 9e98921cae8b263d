package devservers

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
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
	sockets := map[string]bool{}
	for _, table := range []string{"tcp", "tcp6"} {
		for _, inode := range listeners(fmt.Sprintf("/proc/%d/net/%s", pid, table), port) {
			sockets["socket:["+inode+"]"] = true
		}
	}
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return false
	}
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err == nil && sockets[target] {
			return true
		}
	}
	return false
}

// listeners reads the inodes of the sockets that listen on a port from one of the kernel's tables.
func listeners(table string, port int) []string {
	file, err := os.Open(table)
	if err != nil {
		return nil
	}
	defer file.Close()
	const local, state, inode = 1, 3, 9 // columns
	const listening = "0A"
	suffix := fmt.Sprintf(":%04X", port)
	var inodes []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > inode && fields[state] == listening && strings.HasSuffix(fields[local], suffix) {
			inodes = append(inodes, fields[inode])
		}
	}
	return inodes
}
