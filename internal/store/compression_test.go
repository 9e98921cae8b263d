package store

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/quality"
)

// BenchmarkReport stores the report of a mesh as the schema does, and as Postgres would by itself.
func BenchmarkReport(b *testing.B) {
	db := walled(b)
	report := sampleReport(b)
	for _, method := range []string{"lz4", "pglz"} {
		table := "report_" + method
		_, err := db.pool.Exec(b.Context(), fmt.Sprintf(`
			CREATE TEMPORARY TABLE %s (report jsonb COMPRESSION %s)`, table, method))
		require.NoError(b, err)
		b.Run(method, func(b *testing.B) {
			for b.Loop() {
				_, err := db.pool.Exec(b.Context(), `INSERT INTO `+table+` VALUES ($1)`, report)
				require.NoError(b, err)
			}
			b.SetBytes(int64(len(report)))
		})
	}
}

// Postgres' LZ4 is what reports are kept with.
func TestLong_Reports_AreKeptWithTheQuickCompression(t *testing.T) {
	db := walled(t)
	var method string
	require.NoError(t, db.pool.QueryRow(t.Context(), `
		SELECT attcompression FROM pg_attribute WHERE attrelid = 'meshes'::regclass AND attname = 'report'`).Scan(&method))
	require.Equal(t, "l", method)
}

// sampleReport has a distribution of each measure, as a real one has.
func sampleReport(t testing.TB) []byte {
	statistics := quality.Statistics{}
	for i, m := range quality.Measures() {
		var d quality.Distribution
		for bin := range 30 {
			d.Histogram.Edges = append(d.Histogram.Edges, float64(bin)/30)
			d.Histogram.Counts = append(d.Histogram.Counts, int(1000*math.Exp(-float64((bin-15-i)*(bin-15-i))/20)))
		}
		d.Mean, d.Max = math.Sqrt(float64(i+2)), float64(i)
		statistics[m.Name()] = d
	}
	out, err := json.Marshal(map[string]any{"measured": map[string]any{"volume": statistics, "surface": statistics}})
	require.NoError(t, err)
	require.Greater(t, len(out), 10_000)
	return out
}
