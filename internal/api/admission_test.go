package api_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
	"meshgen/internal/jobs"
)

func TestQueueIsFull_AnswerSaysWhichLimitAndWhenToComeAgain(t *testing.T) {
	s := startWith(t, parts{jobs: func(c *jobs.Config) { c.MaxQueuedOfTenant = 2 }})
	g := s.imported()
	body := func(size string) string {
		return `{"geometry_id": "` + g.ID + `", "spec": {"size": {"max": ` + size + `}}}`
	}
	s.post("/v1/meshes", body("1"))
	s.post("/v1/meshes", body("2"))

	full := s.post("/v1/meshes", body("3"))
	p := full.problem(http.StatusTooManyRequests, types.CodeQueueFull)
	require.Equal(t, "30", full.header.Get("Retry-After"))
	require.Equal(t, types.QueueLimit{Name: "queued_of_tenant", Class: "interactive", Allowed: 2, Waiting: 2, Asked: 1, RetryAfter: 30}, *p.Limit)
	require.Contains(t, p.Detail, "2 interactive meshes of yours wait, and 2 may")
	require.NotEmpty(t, p.RequestID)

	many := s.post("/v1/batches", batchBody([]string{g.ID}, `{"name": "a"}`, `{"name": "b", "spec": {"order": 2}}`, `{"name": "c", "spec": {"order": 3}}`))
	require.Contains(t, many.problem(http.StatusUnprocessableEntity, types.CodeInvalid).Detail, "a batch may have 2", "it would never have room")
	two := batchBody([]string{g.ID}, `{"name": "a"}`, `{"name": "b", "spec": {"order": 2}}`)
	require.Equal(t, http.StatusAccepted, s.post("/v1/batches", two).status)
	other := batchBody([]string{g.ID}, `{"name": "d", "spec": {"size": {"max": 4}}}`)
	p = s.post("/v1/batches", other).problem(http.StatusTooManyRequests, types.CodeQueueFull)
	require.Equal(t, "batch", p.Limit.Class)

	q := decode[types.Pool](s.get("/v1/pool"), http.StatusOK).Queue
	require.Equal(t, []int{2, 2, 4, 0, 2}, []int{q.Interactive.Waiting, q.Batch.Waiting, q.Yours.Waiting, q.Yours.Running, q.LimitOfTenant})
	require.Nil(t, q.Interactive.WaitSeconds, "there is no worker")

	require.NoError(t, s.queue.SetWorker(t.Context(), "wrk_1", json.RawMessage(`{"pool": {"capacity": 2}}`), patience))
	q = decode[types.Pool](s.get("/v1/pool"), http.StatusOK).Queue
	require.NotNil(t, q.Interactive.WaitSeconds)
	require.GreaterOrEqual(t, *q.Batch.WaitSeconds, *q.Interactive.WaitSeconds)
}
