package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// port is one that we are about to listen on.
type port struct {
	number   int
	variable string // that moves it
	purpose  string
}

// free reports every port that is taken, with the variable that chooses another.
func free(ports []port) error {
	var bad []error
	by := map[int]string{}
	for _, p := range ports {
		if other, twice := by[p.number]; twice {
			bad = append(bad, fmt.Errorf("%s and %s are both %d", other, p.variable, p.number))
			continue
		}
		by[p.number] = p.variable
		l, err := net.Listen("tcp", loopback(p.number))
		if err != nil {
			bad = append(bad, fmt.Errorf("port %d, for %s, is taken by another program; choose another one:  %s=%d make run",
				p.number, p.purpose, p.variable, p.number+1))
			continue
		}
		l.Close()
	}
	return errors.Join(bad...)
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// lock makes sure that one stack uses the folder. The lock goes with this process, however it ends; its file says who
// holds it.
func lock(cfg Config) (unlock func(), err error) {
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(cfg.Dir, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		holder, _ := os.ReadFile(path)
		return nil, fmt.Errorf("it runs already: %s. Stop it with Ctrl-C where it was started", strings.TrimSpace(string(holder)))
	}
	who := fmt.Sprintf("%s, process %d\n", address(cfg), os.Getpid())
	if err := errors.Join(f.Truncate(0), writeAt(f, who)); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// address is where the API is for people.
func address(cfg Config) string { return fmt.Sprintf("http://localhost:%d", cfg.Port) }
