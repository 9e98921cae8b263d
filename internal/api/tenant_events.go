package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"meshgen/internal/id"
	"meshgen/internal/jobs"
	"meshgen/internal/queue"
	"meshgen/internal/store"
)

func (s *Server) followTenant(w http.ResponseWriter, r *http.Request) {
	s.serveStream(w, r, streamTenant, &tenantTopic{server: s, tenant: tenant(r.Context())}, lastEventID(r))
}

// tenantTopic is all work of a tenant. It never ends.
type tenantTopic struct {
	server *Server
	tenant string
	told   []byte // the last snapshot
}

// mostUnfinished bounds a snapshot.
const mostUnfinished = 1000

// subjectStatus is a status of the stream of everything.
type subjectStatus struct {
	Subject string `json:"subject"`
	jobs.StatusData
}

func (t *tenantTopic) follow(ctx context.Context, after int64) (*queue.Follower, error) {
	return t.server.queue.Hub().FollowTenant(ctx, t.tenant, after)
}

// snapshot tells the status of everything that is not final. What is not in it has ended.
func (t *tenantTopic) snapshot(ctx context.Context, out *sse, position int64) (ended bool, err error) {
	statuses, text, err := t.unfinished(ctx)
	if away(err) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	t.told = text
	return false, t.send(out, position, statuses)
}

func (t *tenantTopic) send(out *sse, position int64, statuses []subjectStatus) error {
	for _, status := range statuses {
		data, err := json.Marshal(status)
		if err != nil {
			return err
		}
		// The id comes last: a client that was cut off in the middle gets the whole again.
		if err := out.event(0, queue.EventStatus, data); err != nil {
			return err
		}
	}
	return out.position(position)
}

func (t *tenantTopic) unfinished(ctx context.Context) (statuses []subjectStatus, text []byte, err error) {
	rows, err := t.server.db.Unfinished(ctx, t.tenant, mostUnfinished)
	if err != nil {
		return nil, nil, err
	}
	for _, row := range rows {
		mesh := ""
		if row.MeshID != nil {
			mesh = *row.MeshID
		}
		statuses = append(statuses, subjectStatus{store.Subject(row.Kind, row.Job.ID, row.GeometryID, mesh), statusOf(row.Job)})
	}
	text, err = json.Marshal(statuses)
	return statuses, text, err
}

func (t *tenantTopic) ask(ctx context.Context, out *sse, position int64, noEvents bool) (ended bool, err error) {
	if !noEvents {
		return false, nil
	}
	statuses, text, err := t.unfinished(ctx)
	if err != nil || bytes.Equal(text, t.told) {
		return false, nil // without Postgres and Redis there is nothing to tell
	}
	t.told = text
	return false, t.send(out, position, statuses)
}

// tell holds an event with its subject among the data. Exports are not shown: they have no name that a client knows.
func (t *tenantTopic) tell(out *sse, e queue.Event) (ended bool, err error) {
	if strings.HasPrefix(e.Subject, string(id.Job)+"_") || len(e.Data) < 2 || e.Data[0] != '{' {
		return false, nil
	}
	subject, err := json.Marshal(e.Subject)
	if err != nil {
		return true, err
	}
	data := append([]byte(`{"subject":`), subject...)
	if rest := bytes.TrimSpace(e.Data[1:]); rest[0] != '}' {
		data = append(data, ',')
	}
	out.hold(e.ID, e.Type, append(data, e.Data[1:]...))
	return false, nil
}
