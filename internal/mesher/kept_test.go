package mesher

import (
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/engine"
	"meshgen/internal/spec"
)

// listener hears what is logged.
type listener struct {
	silent
	texts []string
}

func (l *listener) Log(line engine.LogLine) { l.texts = append(l.texts, line.Text) }

// The cut was made for another request: what it lost is as lost for this one.
func TestFacesThatACutLost_AreToldOfAKeptPartToo(t *testing.T) {
	m := opened(t)
	s, err := spec.Spec{Size: spec.Size{Fineness: 1}, Formats: []string{"vtk"}}.Resolve()
	require.NoError(t, err)
	req := engine.Request{
		Kind: engine.Mesh, ID: "mesh", Tenant: "a", Keep: 1 << 30, Threads: 1, Spec: s, Dir: t.TempDir(),
		Source: engine.Source{Path: "../engine/serve/testdata/two_boxes.step", Format: engine.STEP, SHA256: "boxes"},
	}
	const told = "2 faces could not be followed through the cut: in no list, and in no group"
	first := &listener{}
	require.Nil(t, m.Run(req, first).Error)
	m.Tidy()
	require.NotContains(t, first.texts, told)
	require.Len(t, m.kept, 1)
	require.NotEmpty(t, m.kept[0].references, "it was cut")

	m.kept[0].catalogue.lost = 2
	req.Dir = t.TempDir()
	again := &listener{}
	require.Nil(t, m.Run(req, again).Error)
	require.Contains(t, again.texts, told)
}
