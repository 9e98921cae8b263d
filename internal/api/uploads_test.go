package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/store"
)

// announce begins a presigned upload.
func (s *service) announce(name string, content []byte) types.Upload {
	s.t.Helper()
	a := s.post("/v1/uploads", fmt.Sprintf(`{"filename": %q, "size": %d, "units": "in"}`, name, len(content)))
	u := decode[types.Upload](a, http.StatusCreated)
	require.Equal(s.t, "/v1/uploads/"+u.ID, a.header.Get("Location"))
	return u
}

// put sends a part as a browser does.
func (s *service) put(p types.UploadPart, content []byte) int {
	s.t.Helper()
	request, err := http.NewRequest(http.MethodPut, p.URL, bytes.NewReader(content[p.Offset:p.Offset+p.Size]))
	require.NoError(s.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	require.NoError(s.t, err)
	return response.StatusCode
}

func (s *service) complete(u types.Upload) answer {
	s.t.Helper()
	return s.post("/v1/uploads/"+u.ID+"/complete", "")
}

func TestPresignedUploadOfOnePart(t *testing.T) {
	s := start(t)
	content := step(5000)
	u := s.announce("../x.step", content)
	require.Equal(t, "x.step", u.Filename)
	require.Equal(t, "pending", u.Status)
	require.Len(t, u.Parts, 1)
	require.WithinDuration(t, time.Now().Add(time.Hour), *u.URLsExpireAt, time.Minute)

	p := s.complete(u).problem(409, "upload_incomplete")
	require.Contains(t, p.Detail, "0 of 1")
	require.Equal(t, 200, s.put(u.Parts[0], content))
	seen := decode[types.Upload](s.get("/v1/uploads/"+u.ID), 200)
	require.True(t, seen.Parts[0].Received)
	require.Empty(t, seen.Parts[0].URL)
	require.Equal(t, int64(len(content)), seen.ReceivedBytes)

	a := s.complete(u)
	g := decode[types.Geometry](a, http.StatusCreated)
	require.Equal(t, "/v1/geometries/"+g.ID, a.header.Get("Location"))
	require.Equal(t, sum(content), g.SHA256)
	require.Equal(t, "step", g.Format)
	require.Equal(t, "in", g.Units)

	require.Equal(t, g.ID, decode[types.Geometry](s.complete(u), http.StatusCreated).ID, "completing again changes nothing")
	done := decode[types.Upload](s.get("/v1/uploads/"+u.ID), 200)
	require.Equal(t, "completed", done.Status)
	require.Equal(t, g.ID, done.GeometryID)
	require.Empty(t, done.Parts)
	require.Equal(t, g.ID, s.claim().GeometryID)
	_, ok, err := s.jobs.Claim(t.Context(), "wrk_test")
	require.NoError(t, err)
	require.False(t, ok, "one import")
}

func TestPresignedURLIsUsedAgainAfterCompletion_TheGeometryKeepsItsFile(t *testing.T) {
	s := start(t)
	content := step(5000)
	u := s.announce("x.step", content)
	require.Equal(t, 200, s.put(u.Parts[0], content))
	decode[types.Geometry](s.complete(u), http.StatusCreated)
	other := bytes.Repeat([]byte{'x'}, len(content))
	require.Equal(t, 200, s.put(u.Parts[0], other))
	c := s.claim()
	stored, _, err := s.blobs.Get(t.Context(), c.ObjectKey)
	require.NoError(t, err)
	defer stored.Close()
	got, err := io.ReadAll(stored)
	require.NoError(t, err)
	require.Equal(t, content, got)

	// What was PUT in vain is swept with the upload.
	_, err = s.sql.Exec(t.Context(), `UPDATE uploads SET expires_at = now() - interval '1 minute'`)
	require.NoError(t, err)
	require.NoError(t, s.jobs.Sweep(t.Context(), s.blobs))
	require.Equal(t, 1, s.objects())
}

func TestPresignedUploadInParts_ResumesWhereItWasCut(t *testing.T) {
	s := start(t)
	content := step(20 << 20)
	u := s.announce("big.step", content)
	require.Len(t, u.Parts, 3)
	require.Equal(t, int64(8<<20), u.PartSize)
	var total int64
	for i, p := range u.Parts {
		require.Equal(t, i+1, p.Number)
		require.Equal(t, total, p.Offset)
		total += p.Size
	}
	require.Equal(t, int64(len(content)), total)

	require.Equal(t, 200, s.put(u.Parts[2], content)) // in any order
	require.Equal(t, 200, s.put(u.Parts[0], content))
	p := s.complete(u).problem(409, "upload_incomplete")
	require.Contains(t, p.Detail, "2 of 3")

	seen := decode[types.Upload](s.get("/v1/uploads/"+u.ID), 200)
	require.Equal(t, []bool{true, false, true}, []bool{seen.Parts[0].Received, seen.Parts[1].Received, seen.Parts[2].Received})
	require.Equal(t, 200, s.put(seen.Parts[1], content), "with a fresh URL")

	g := decode[types.Geometry](s.complete(u), http.StatusCreated)
	require.Equal(t, sum(content), g.SHA256)
	require.Equal(t, int64(len(content)), g.Size)
	require.Equal(t, 1, s.objects())
}

func TestPartOfAnotherSize_IsRefusedByS3(t *testing.T) {
	s := start(t)
	content := step(5000)
	u := s.announce("x.step", content)
	part := u.Parts[0]
	part.Size--
	require.Equal(t, 403, s.put(part, content))
	s.complete(u).problem(409, "upload_incomplete")
}

func TestPartsWerePutTogether_ButTheAnswerWasLost(t *testing.T) {
	s := start(t)
	content := step(10 << 20)
	u := s.announce("x.step", content)
	for _, p := range u.Parts {
		require.Equal(t, 200, s.put(p, content))
	}
	row, err := s.db.Upload(t.Context(), store.DefaultTenant, u.ID)
	require.NoError(t, err)
	arrived, err := s.blobs.ListParts(t.Context(), row.ObjectKey, row.MultipartID)
	require.NoError(t, err)
	_, err = s.blobs.CompleteMultipart(t.Context(), row.ObjectKey, row.MultipartID, arrived)
	require.NoError(t, err)
	for _, p := range decode[types.Upload](s.get("/v1/uploads/"+u.ID), 200).Parts {
		require.True(t, p.Received)
	}
	require.Equal(t, sum(content), decode[types.Geometry](s.complete(u), http.StatusCreated).SHA256)
}

func TestUploadIsCompletedManyTimesAtOnce_OneGeometry(t *testing.T) {
	for name, size := range map[string]int{"one part": 5000, "two parts": 9 << 20} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			content := step(size)
			u := s.announce("x.step", content)
			for _, p := range u.Parts {
				require.Equal(t, 200, s.put(p, content))
			}
			var all sync.WaitGroup
			answers := make([]answer, 5)
			for i := range answers {
				all.Go(func() { answers[i] = s.complete(u) })
			}
			all.Wait()
			names := map[string]bool{}
			for _, a := range answers {
				names[decode[types.Geometry](a, http.StatusCreated).ID] = true
			}
			require.Len(t, names, 1)
			require.Len(t, decode[types.GeometryList](s.get("/v1/geometries"), 200).Items, 1)
			_, err := s.sql.Exec(t.Context(), `UPDATE uploads SET expires_at = now() - interval '1 minute'`)
			require.NoError(t, err)
			require.NoError(t, s.jobs.Sweep(t.Context(), s.blobs))
			require.Equal(t, 1, s.objects(), "the others left no copy")
		})
	}
}

func TestPresignedUploadThatHoldsNoCAD_IsForgotten(t *testing.T) {
	for name, size := range map[string]int{"one part": 5000, "two parts": 9 << 20} {
		t.Run(name, func(t *testing.T) {
			s := start(t)
			content := bytes.Repeat([]byte{'x'}, size)
			u := s.announce("x.step", content)
			for _, p := range u.Parts {
				require.Equal(t, 200, s.put(p, content))
			}
			s.complete(u).problem(422, "unsupported_format")
			s.complete(u).problem(404, "not_found")
			require.NoError(t, s.jobs.Sweep(t.Context(), s.blobs))
			require.Zero(t, s.objects())
		})
	}
}

func TestUploadThatCannotBeAnnounced(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.MaxUpload = 1000 }})
	p := s.post("/v1/uploads", `{"filename": "x.step", "size": 0}`).problem(422, "empty_file")
	require.Equal(t, []string{"body.size"}, locations(p))
	p = s.post("/v1/uploads", `{"filename": "x.step", "size": 1001}`).problem(413, "too_large")
	require.Equal(t, []string{"body.size"}, locations(p))
	p = s.post("/v1/uploads", `{"filename": "", "size": -1, "units": "yd", "project_id": "x", "part": 1}`).problem(422, "validation_failed")
	require.ElementsMatch(t, []string{"body.filename", "body.size", "body.units", "body.project_id", "body.part"}, locations(p))
	p = s.post("/v1/uploads", `{"filename": "x.step", "size": 5, "project_id": "prj_0190163d-8694-739b-aea5-966c26f8ad91"}`).problem(422, "not_found")
	require.Equal(t, []string{"body.project_id"}, locations(p))
}

func TestUploadThatExpired(t *testing.T) {
	s := start(t)
	content := step(5000)
	u := s.announce("x.step", content)
	require.Equal(t, 200, s.put(u.Parts[0], content))
	_, err := s.sql.Exec(t.Context(), `UPDATE uploads SET expires_at = now() - interval '1 minute'`)
	require.NoError(t, err)
	s.complete(u).problem(410, "upload_expired")
	require.NoError(t, s.jobs.Sweep(t.Context(), s.blobs))
	s.complete(u).problem(404, "not_found")
	require.Zero(t, s.objects())
}
