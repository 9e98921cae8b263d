package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each panel of the dashboard is drawn, with what it asks for.
func TestDraw_EveryPanel(t *testing.T) {
	d, err := readDashboard("../../deploy/monitoring/dashboard.json")
	require.NoError(t, err)
	asked := map[string]bool{}
	from := time.Unix(1000, 0)
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.FormValue("query")] = true
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"result": []any{map[string]any{
			"metric": map[string]string{"state": "q<", "stage": "q<"}, "values": []any{[]any{1000, "1"}, []any{1060, "NaN"}, []any{1120, "3"}},
		}}}})
	}))
	t.Cleanup(answers.Close)
	picture, err := draw(context.Background(), d, &prometheus{url: answers.URL}, from, from.Add(2*time.Minute))
	require.NoError(t, err)
	for _, p := range d.Panels {
		require.Contains(t, picture, strings.ReplaceAll(p.Title, "&", "&amp;"))
		for _, target := range p.Targets {
			require.True(t, asked[target.Expr], target.Expr)
		}
	}
	require.NotContains(t, picture, "No data")
	require.Contains(t, picture, "q&lt;")
	for read := xml.NewDecoder(strings.NewReader(picture)); ; {
		if _, err = read.Token(); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, io.EOF)
}

func TestStack_AddsAtTheMomentsOfAll(t *testing.T) {
	got := stack([]series{
		{points: []point{{2, 1}, {3, 1}}},
		{points: []point{{1, 5}, {2, 5}}},
	})
	require.Equal(t, []point{{1, 0}, {2, 1}, {3, 1}}, got[0].points)
	require.Equal(t, []point{{1, 5}, {2, 6}, {3, 1}}, got[1].points)
}

func TestUnits_AreWrittenAsGrafanaDoes(t *testing.T) {
	for _, c := range []struct {
		unit  string
		value float64
		want  string
	}{
		{"s", 0.0042, "4.2 ms"}, {"s", 90, "1.5 min"}, {"s", 0, "0 s"}, {"short", 1234, "1.23 K"}, {"bytes", 3 << 20, "3 MiB"},
		{"percentunit", 0.021, "2.1%"}, {"Bps", 1500, "1.5 kB/s"}, {"reqps", 0.25, "0.25 req/s"},
	} {
		require.Equal(t, c.want, units[c.unit](c.value))
	}
	require.Equal(t, []float64{0, 20, 40}, ticks(0, 45, 4, false))
	require.Equal(t, []float64{0, 20 << 20, 40 << 20}, ticks(0, 50<<20, 4, true))
}
