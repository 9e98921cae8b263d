package pool

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// These tests run the real engine: Gmsh in a process of its own.

func realPool(t *testing.T, path string) *Pool {
	p, err := New(testConfig(t, path), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { closePool(t, p) })
	require.NoError(t, p.Start(within(t)))
	awaitWarm(t, p, 2)
	return p
}

// part returns a request to mesh a part coarsely. A fault is a command to an engine that fails on demand.
func part(t *testing.T, fault string) engine.Request {
	t.Helper()
	step, err := os.ReadFile("testdata/t20_data.step")
	require.NoError(t, err)
	if fault != "" {
		step = bytes.Replace(step, []byte("HEADER;"), []byte("HEADER;\n/* MESHGEN-FAULT "+fault+" */"), 1)
	}
	path := filepath.Join(t.TempDir(), "source.step")
	require.NoError(t, os.WriteFile(path, step, 0o600))
	s, err := spec.Spec{Size: spec.Size{Fineness: 1}, Formats: []string{"msh", "vtk"}}.Resolve()
	require.NoError(t, err)
	return engine.Request{
		ID: "job-" + strconv.FormatInt(serial.Add(1), 10), Kind: engine.Mesh, Spec: s, Threads: 1,
		Source: engine.Source{Path: path, Format: engine.STEP}, Dir: t.TempDir(),
	}
}

func TestRealEngine_MeshesASTEPFileAndStaysWarm(t *testing.T) {
	p := realPool(t, testenv.Engine(t))
	var pids []int
	for range 2 {
		var stages []engine.Stage
		var artifacts []string
		out, err := p.Run(within(t), part(t, ""), Limits{Time: patience}, func(m engine.Message) {
			switch m.Type {
			case engine.TypeStage:
				stages = append(stages, m.Stage.Stage)
			case engine.TypeArtifact:
				require.FileExists(t, m.Artifact.Path)
				artifacts = append(artifacts, m.Artifact.Format)
			}
		})
		require.NoError(t, err)
		require.Nil(t, out.Result.Error)
		require.True(t, out.Warm)
		require.Greater(t, out.Result.Mesh.Elements["tetrahedron"], 100)
		require.Subset(t, artifacts, []string{"msh", "vtk"})
		require.Subset(t, stages, []engine.Stage{engine.StageImport, engine.Stage1D, engine.Stage2D, engine.Stage3D})
		pids = append(pids, out.PID)
	}
	require.Equal(t, pids[0], pids[1])
}

func TestRealEngine_CrashesInCAreNamed(t *testing.T) {
	p := realPool(t, testenv.FaultyEngine(t))
	for _, c := range []struct {
		fault  string
		signal syscall.Signal
		says   string // in the last words
	}{
		{"segv mesh2d", syscall.SIGSEGV, ""},
		{"abort import", syscall.SIGABRT, "what():  a fault was asked for"},
	} {
		_, err := p.Run(within(t), part(t, c.fault), Limits{}, nil)
		died := new(Died)
		require.ErrorAs(t, err, &died)
		require.Equal(t, c.signal, died.Signal)
		d := Diagnose(err)
		require.Equal(t, diagnosis.EngineCrashed, d.Code)
		require.Contains(t, d.Message, died.SignalName())
		require.Contains(t, d.Detail, c.says)

		out, err := p.Run(within(t), part(t, ""), Limits{}, nil)
		require.NoError(t, err)
		require.Nil(t, out.Result.Error, "the next request is served")
	}
}

func TestRealEngine_HangsAndGrowthInCAreEnded(t *testing.T) {
	p := realPool(t, testenv.FaultyEngine(t))

	out, err := p.Run(within(t), part(t, "alloc mesh1d"), Limits{Memory: 1 << 30}, nil)
	require.ErrorIs(t, err, ErrMemoryLimit)
	require.Less(t, out.PeakRSS, int64(4<<30), "seen in time")

	for _, fault := range []string{"hang mesh3d", "sleep import"} {
		stage := engine.Stage(strings.Fields(fault)[1])
		ctx, cancel := context.WithCancel(within(t))
		var asked time.Time
		out, err = p.Run(ctx, part(t, fault), Limits{}, func(m engine.Message) {
			if m.Type == engine.TypeStage && m.Stage.Stage == stage && asked.IsZero() {
				asked = time.Now()
				cancel()
			}
		})
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, time.Since(asked), 5*time.Second)
		requireReaped(t, out.PID)
	}

	_, err = p.Run(within(t), part(t, "garbage import"), Limits{}, nil)
	require.ErrorIs(t, err, ErrProtocol)
}

func TestRealEngine_WhatItPrintsIsInTheLog(t *testing.T) {
	p := realPool(t, testenv.FaultyEngine(t))
	lines := map[string]int{}
	out, err := p.Run(within(t), part(t, "chatter mesh1d"), Limits{}, func(m engine.Message) {
		if m.Type == engine.TypeLog && strings.HasPrefix(m.Log[0].Text, "chatter") {
			lines[m.Log[0].Level]++
		}
	})
	require.NoError(t, err)
	require.Nil(t, out.Result.Error)
	require.Equal(t, map[string]int{"stdout": 500, "stderr": 500}, lines)
}
