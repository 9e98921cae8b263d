package store_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

// Neither the sweeps nor what takes what is due, many times a second, looks through what waits, however much that is: for endpoints that
// are paused, rest or are told, and for addresses that requests named.
func TestWhatWaits_IsNotLookedThrough(t *testing.T) {
	conn := connect(t, testenv.PreparedPostgres(t, store.Migrate).URL)
	_, err := conn.Exec(t.Context(), `
		INSERT INTO webhook_endpoints (id, tenant_id, url, events, paused, rests_until) VALUES
			('whe_paused', 'default', 'https://a.example/', '{}', true, '-infinity'), ('whe_rests', 'default', 'https://b.example/', '{}', false, now() + interval '1 hour'),
			('whe_awake', 'default', 'https://c.example/', '{}', false, '-infinity');
		INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, endpoint_id, url, payload, due_at)
		SELECT e.id || n, 'default', '', e.id, e.url, '{}', now() - interval '1 hour' FROM webhook_endpoints e, generate_series(1, 5000) n;
		INSERT INTO webhook_deliveries (id, tenant_id, mesh_id, url, payload, due_at)
		SELECT 'named' || n, 'default', '', 'https://d.example/', '{}', now() - interval '1 hour' FROM generate_series(1, 5000) n;
		ANALYZE webhook_deliveries; ANALYZE webhook_endpoints`)
	require.NoError(t, err)
	lookedAt := func(statement string, args ...any) float64 {
		var plan []byte
		require.NoError(t, conn.QueryRow(t.Context(), `EXPLAIN (ANALYZE, FORMAT JSON) `+statement, args...).Scan(&plan))
		var explained []struct{ Plan map[string]any }
		require.NoError(t, json.Unmarshal(plan, &explained))
		return rowsOf(explained[0].Plan, "webhook_deliveries")
	}
	for n, sweep := range store.DeliverySweeps {
		t.Run("sweep "+strconv.Itoa(n), func(t *testing.T) {
			require.Less(t, lookedAt(sweep, store.RowsSweptAtOnce), 100.0)
		})
	}
	require.Less(t, lookedAt(store.TakeDeliveries, []string{}, []int32{}, 4, 2, 64, time.Minute), 100.0)
	var awake, all int
	require.NoError(t, conn.QueryRow(t.Context(), `
		SELECT count(*) FILTER (WHERE endpoint_id IN ('', 'whe_awake')), count(*) FROM webhook_deliveries WHERE attempts > 0`).Scan(&awake, &all))
	require.Equal(t, []int{4, 4}, []int{awake, all}, "two for each server that is told")
}

// rowsOf returns how many rows of a table the scans of a plan read, those among them that a filter removed.
func rowsOf(node map[string]any, table string) (rows float64) {
	if node["Relation Name"] == table {
		for _, read := range []string{"Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck"} {
			n, _ := node[read].(float64)
			rows += n * node["Actual Loops"].(float64)
		}
	}
	inner, _ := node["Plans"].([]any)
	for _, n := range inner {
		rows += rowsOf(n.(map[string]any), table)
	}
	return rows
}
