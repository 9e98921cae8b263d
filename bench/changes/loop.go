package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"meshgen/internal/spec"
)

// peer is a warm loop around Gmsh in one process that keeps nothing.
type peer struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	scratch string
}

func startPeer(ctx ctx, o options, scratch string) (*peer, error) {
	p := &peer{cmd: exec.CommandContext(ctx, o.python, "bench/changes/peer.py"), scratch: scratch}
	p.cmd.Stderr = os.Stderr
	in, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReader(out)
	return p, p.cmd.Start()
}

func (p *peer) close() {
	_ = p.in.Close()
	_ = p.cmd.Wait()
}

// ask has a mesh made, and returns how long that took.
func (p *peer) ask(file *part, s spec.Spec) (time.Duration, error) {
	dir, err := os.MkdirTemp(p.scratch, "loop-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	if _, err := p.in.Write(append(asked(file, s, dir), '\n')); err != nil {
		return 0, err
	}
	for line := ""; line != "done\n"; { // the library says this and that before it is told to be quiet
		if line, err = p.out.ReadString('\n'); err != nil {
			return 0, fmt.Errorf("the warm loop ended: %w", err)
		}
	}
	return time.Since(began), nil
}

func (p *peer) turn() (turn, error) {
	return turn{make: func(_ ctx, c *change) (err error) {
		c.took, err = p.ask(c.part, c.spec)
		return err
	}}, nil
}

// asked is a request in the words of peer.py.
func asked(p *part, s spec.Spec, dir string) []byte {
	q := map[string]any{
		"part": p.path, "edge": s.Size.Max, "circle": s.Size.Curvature, "algorithm": map[string]int{"hxt": 10}[s.Strategy],
		"order": s.Order, "formats": s.Formats, "folder": dir,
	}
	if len(s.Refine) > 0 {
		q["refined"], q["size"] = s.Refine[0].Faces, s.Refine[0].Size
	}
	text, err := json.Marshal(q)
	if err != nil {
		panic(err) // numbers and strings
	}
	return text
}
