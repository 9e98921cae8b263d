package mesher

import (
	"errors"

	"meshgen/internal/engine"
	"meshgen/internal/gmsh"
)

// A speculation makes the mesh of curves and faces that is likely to be asked for, in the same way as the mesh would, and keeps
// it with the part. It can be given up at any time: Gmsh is left from within, at the next place on a curve or face whose size it asks
// for, and the part is as before; what Gmsh had in hand, some tens of kilobytes, is lost each time, which is little in the life of an engine. What is not Gmsh's, reading and cutting above all, goes on to its end.

// errDropped says that a speculation was given up.
var errDropped = errors.New("given up")

// Drop has the request of an id be given up if it is a speculation, now or as soon as it begins. It may be called from any goroutine.
func (m *Mesher) Drop(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop = id
	m.heed()
}

// heed does what Drop said of the present request, and no other. m.mu is held.
func (m *Mesher) heed() {
	if m.job == nil {
		gmsh.Resume()
		return
	}
	if m.job.req.Kind == engine.Speculate && m.job.req.ID == m.drop {
		m.job.dropped.Store(true)
		gmsh.Interrupt()
	}
}

// goesOn is errDropped once nobody wants the speculation any more.
func (j *job) goesOn() error {
	if j.dropped.Load() {
		return errDropped
	}
	return nil
}

// speculate meshes curves and faces, where none are kept with the part, which are of what somebody asked for, and where they would be kept.
func (j *job) speculate() error {
	if err := j.bringPart(); err != nil {
		return err
	}
	if j.part == nil || j.part.surface != nil || j.part.volume != nil || j.surfaceKey() == "" {
		return nil
	}
	if err := j.goesOn(); err != nil {
		return err
	}
	if err := j.convert(); err != nil {
		return err
	}
	if err := set(j.meshingOptions(j.source.diagonal())); err != nil {
		return err
	}
	demands, err := j.demands()
	if err != nil {
		return err
	}
	return j.meshToSize(demands)
}
