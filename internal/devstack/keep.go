package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"meshgen/internal/devservers"
)

// keep takes charge of a process that has just been started: its id is written down, and its end is noticed.
func (s *stack) keep(p *devservers.Process, err error) error {
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running[p.Name] = p
	exited := p.Exited()
	go func() {
		<-exited
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.stopping {
			s.ended <- p.Name
		}
	}()
	return os.WriteFile(s.pidPath(p.Name), []byte(strconv.Itoa(p.PID())+"\n"), 0o644)
}

// stop ends everything that was started.
func (s *stack) stop() error {
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	var bad []error
	for _, name := range stopOrder {
		if p := s.running[name]; p != nil {
			bad = append(bad, p.Stop(), os.Remove(s.pidPath(name)))
		}
	}
	for _, log := range s.logs {
		log.Close()
	}
	return errors.Join(bad...)
}

// log returns a new, empty log; that of the run before is kept as NAME.log.1.
func (s *stack) log(name string) (*os.File, error) {
	path := s.logPath(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	if err := os.Rename(path, path+".1"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logs = append(s.logs, f)
	return f, nil
}

func (s *stack) logPath(name string) string { return filepath.Join(s.cfg.Dir, "logs", name+".log") }
func (s *stack) pidPath(name string) string { return filepath.Join(s.cfg.Dir, name+".pid") }

// binary returns the path of one of our binaries, which are built into the folder of this one.
func binary(name string) string {
	own, err := os.Executable()
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(own), name)
}
