//go:build helm

package check

import (
	"path"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
)

// Helm itself, which takes minutes to compile: make chart.

func TestHelm_RendersWhatWeRender(t *testing.T) {
	ours, err := OpenChart(chartDir)
	require.NoError(t, err)
	for name, values := range cases(t) {
		t.Run(name, func(t *testing.T) {
			c, err := loader.Load(chartDir)
			require.NoError(t, err)
			release := chartutil.ReleaseOptions{Name: "mesh", Namespace: "default", IsInstall: true}
			data, err := chartutil.ToRenderValues(c, values, release, chartutil.DefaultCapabilities) // checks the schema, too
			require.NoError(t, err)
			theirs, err := engine.Engine{Strict: true}.Render(c, data)
			require.NoError(t, err)
			have, err := ours.Render(ours.Values(values))
			require.NoError(t, err)
			n := 0
			for file, text := range theirs {
				if file = path.Base(file); file[0] != '_' {
					require.Equal(t, text, have[file], file)
					n++
				}
			}
			require.Len(t, have, n)
		})
	}
}

func TestHelm_Lints(t *testing.T) {
	for name, values := range cases(t) {
		for _, m := range lint.AllWithKubeVersion(chartDir, values, "default", nil).Messages {
			require.Less(t, m.Severity, support.WarningSev, "%s: %s", name, m)
		}
	}
}
