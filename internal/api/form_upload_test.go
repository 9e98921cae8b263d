package api_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api"
	"meshgen/internal/api/types"
	"meshgen/internal/blob"
	"meshgen/internal/engine"
	"meshgen/internal/store"
	"meshgen/internal/testenv"
)

func sum(content []byte) string {
	h := sha256.Sum256(content)
	return hex.EncodeToString(h[:])
}

func TestUpload_CreatesAGeometryAndQueuesItsImport(t *testing.T) {
	s := start(t)
	project := decode[types.Project](s.post("/v1/projects", `{"name": "p"}`), 201)
	content := step(5000)
	a := s.upload(field{"project_id", "", project.ID}, field{"file", "Träger Ø12.STEP", string(content)}, field{"units", "", "mm"})
	g := decode[types.Geometry](a, http.StatusCreated)
	require.Equal(t, "/v1/geometries/"+g.ID, a.header.Get("Location"))
	require.Equal(t, "Träger Ø12.STEP", g.Filename)
	require.Equal(t, "step", g.Format)
	require.Equal(t, int64(len(content)), g.Size)
	require.Equal(t, sum(content), g.SHA256)
	require.Equal(t, "mm", g.Units)
	require.Equal(t, project.ID, g.ProjectID)
	require.Equal(t, "queued", g.Status)

	c := s.claim()
	require.Equal(t, engine.Import, c.Kind)
	require.Equal(t, g.ID, c.GeometryID)
	require.Equal(t, sum(content), c.SHA256)
	stored, _, err := s.blobs.Get(t.Context(), c.ObjectKey)
	require.NoError(t, err)
	defer stored.Close()
	got, err := io.ReadAll(stored)
	require.NoError(t, err)
	require.Equal(t, content, got)
}

func TestUploadOfSeveralParts_ArrivesWhole(t *testing.T) {
	s := start(t)
	content := step(20 << 20) // three parts
	g := decode[types.Geometry](s.upload(field{"file", "big.step", string(content)}), http.StatusCreated)
	require.Equal(t, sum(content), g.SHA256)
	info, err := s.blobs.Head(t.Context(), blob.GeometryKey(store.DefaultTenant, g.ID))
	require.NoError(t, err)
	require.Equal(t, int64(len(content)), info.Size)
}

func TestUploadOfABinarySTL_IsKnownByItsSize(t *testing.T) {
	s := start(t)
	stl := make([]byte, 84+50*200) // more than is looked at before it is stored
	copy(stl, "exported by a test")
	binary.LittleEndian.PutUint32(stl[80:], 200)
	g := decode[types.Geometry](s.upload(field{"file", "part.stl", string(stl)}), http.StatusCreated)
	require.Equal(t, "stl", g.Format)
	// Cut in the middle, it promises more than it holds, and is refused once that is known.
	objects := s.objects()
	a := s.upload(field{"file", "part.bin", string(stl[:84+50*100])})
	a.problem(422, "unsupported_format")
	require.Equal(t, objects, s.objects())
}

func TestUploadThatIsRefused_LeavesNothing(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.MaxUpload = 12 << 20 }})
	project := "prj_0190163d-8694-739b-aea5-966c26f8ad91"
	for name, test := range map[string]struct {
		fields   []field
		status   int
		code     string
		location string
	}{
		"nothing":                  {nil, 422, "validation_failed", "body.file"},
		"no file":                  {[]field{{"units", "", "mm"}}, 422, "validation_failed", "body.file"},
		"an empty file":            {[]field{{"file", "x.step", ""}}, 422, "empty_file", "body.file"},
		"no format of ours":        {[]field{{"file", "x.step", "PK\x03\x04 and so on"}}, 422, "unsupported_format", "body.file"},
		"a script":                 {[]field{{"file", "x.geo", "SystemCall \"touch pwned\";\n"}}, 422, "unsupported_format", "body.file"},
		"the extension of another": {[]field{{"file", "x.stl", string(step(100))}}, 422, "format_mismatch", "body.file"},
		"over the limit":           {[]field{{"file", "x.step", string(step(12<<20 + 1))}}, 413, "too_large", ""},
		"unknown field":            {[]field{{"file", "x.step", string(step(100))}, {"colour", "", "red"}}, 422, "validation_failed", "body.colour"},
		"two files":                {[]field{{"file", "x.step", string(step(100))}, {"file", "y.step", string(step(100))}}, 422, "validation_failed", "body.file"},
		"bad units after":          {[]field{{"file", "x.step", string(step(100))}, {"units", "", "furlong"}}, 422, "validation_failed", "body.units"},
		"bad units before":         {[]field{{"units", "", "furlong"}, {"file", "x.step", string(step(100))}}, 422, "validation_failed", "body.units"},
		"unknown project before":   {[]field{{"project_id", "", project}, {"file", "x.step", string(step(100))}}, 422, "not_found", "body.project_id"},
		"unknown project after":    {[]field{{"file", "x.step", string(step(100))}, {"project_id", "", project}}, 422, "not_found", "body.project_id"},
		"no project at all":        {[]field{{"file", "x.step", string(step(100))}, {"project_id", "", "'; --"}}, 422, "not_found", "body.project_id"},
		"a long value":             {[]field{{"units", "", strings.Repeat("m", 100_000)}, {"file", "x.step", string(step(100))}}, 422, "validation_failed", "body.units"},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.t = t
			p := s.upload(test.fields...).problem(test.status, test.code)
			if test.location != "" {
				require.Equal(t, []string{test.location}, locations(p))
			}
			require.Zero(t, s.objects())
			require.Empty(t, decode[types.GeometryList](s.get("/v1/geometries"), 200).Items)
		})
	}
}

func TestUploadAtTheLimit_IsAccepted(t *testing.T) {
	content := step(9 << 20)
	s := startWith(t, parts{change: func(c *api.Config) { c.MaxUpload = int64(len(content)) }})
	decode[types.Geometry](s.upload(field{"file", "x.step", string(content)}), http.StatusCreated)
	s.upload(field{"file", "x.step", string(content) + " "}).problem(413, "too_large")
	require.Equal(t, 1, s.objects())
}

func TestUploadOfAFileWithAHostileName(t *testing.T) {
	s := start(t)
	for _, name := range []string{
		"$(touch pwned).step", "../../x.step", "/etc/cron.d/x.step", `..\..\x.step`, strings.Repeat("x", 300) + ".step",
		"a\tb.step", "名前.step", "x.step; rm -rf ~", "'; DROP TABLE geometries; --.step", "%00.step", ".step",
	} {
		g := decode[types.Geometry](s.upload(field{"file", name, string(step(100))}), http.StatusCreated)
		require.NotContains(t, g.Filename, "/")
		require.NotContains(t, g.Filename, "\t")
		require.LessOrEqual(t, len(g.Filename), 200)
		// The key is made of names of ours only.
		_, err := s.blobs.Head(t.Context(), blob.GeometryKey(store.DefaultTenant, g.ID))
		require.NoError(t, err)
	}
	found, err := filepath.Glob("*pwned*")
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestFormThatIsBroken(t *testing.T) {
	s := start(t)
	whole, contentType := form(t, field{"file", "x.step", string(step(20_000))})
	post := func(body []byte, contentType string) answer {
		return s.do(http.MethodPost, "/v1/upload", bytes.NewReader(body), "Content-Type", contentType)
	}
	post(whole[:len(whole)/2], contentType).problem(400, "malformed_request")
	post(whole[:len(whole)-8], contentType).problem(400, "malformed_request") // the last boundary
	post(whole[:100], contentType).problem(400, "malformed_request")
	post(nil, contentType).problem(400, "malformed_request")
	post([]byte("no form"), contentType).problem(400, "malformed_request")
	post(whole, "multipart/form-data; boundary=another").problem(400, "malformed_request")
	post(whole, "multipart/form-data").problem(400, "malformed_request")
	post(whole, "multipart/form-data; boundary="+strings.Repeat("x", 71)).problem(400, "malformed_request")
	post(whole, "application/octet-stream").problem(415, "unsupported_media_type")
	post(whole, "").problem(415, "unsupported_media_type")
	require.Zero(t, s.objects())
}

// raw sends the head of an upload and what of its body is given, then waits for the answer.
func raw(t *testing.T, s *service, length int64, contentType string, body []byte, hangUp bool) (*http.Response, types.Problem) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = fmt.Fprintf(conn, "POST /v1/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", contentType, length)
	require.NoError(t, err)
	_, err = conn.Write(body)
	require.NoError(t, err)
	if hangUp {
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	a := answer{t: t, status: response.StatusCode, header: response.Header, body: text}
	return response, decode[types.Problem](a, response.StatusCode)
}

func TestContentLengthThatLies(t *testing.T) {
	s := startWith(t, parts{change: func(c *api.Config) { c.MaxUpload = 12 << 20 }})
	hurried := startWith(t, parts{change: func(c *api.Config) { c.UploadIdle = 300 * time.Millisecond }})
	body, contentType := form(t, field{"file", "x.step", string(step(9 << 20))})
	length := int64(len(body))

	response, p := raw(t, s, length+1000, contentType, body[:length/2], true)
	require.Equal(t, 400, response.StatusCode, "promised more than came before the client hung up")
	require.Equal(t, "malformed_request", p.Code)

	response, p = raw(t, hurried, length, contentType, body[:length-1000], false)
	require.Equal(t, 408, response.StatusCode, "the client stays and sends nothing")
	require.Equal(t, "request_timeout", p.Code)

	response, p = raw(t, s, length/2, contentType, body[:length/2], false)
	require.Equal(t, 400, response.StatusCode, "promised less than there is: the form is cut off")
	require.Equal(t, "malformed_request", p.Code)

	response, p = raw(t, s, 1<<40, contentType, nil, false)
	require.Equal(t, 413, response.StatusCode, "too much is refused before it comes")
	require.Equal(t, "too_large", p.Code)

	for _, s := range []*service{s, hurried} {
		require.Zero(t, s.objects())
		require.Empty(t, decode[types.GeometryList](s.get("/v1/geometries"), 200).Items)
	}
}

func TestClientLeavesDuringAnUpload_NothingIsLeft(t *testing.T) {
	bucket := testenv.NewS3(t)
	s := startWith(t, parts{s3: bucket})
	body, contentType := form(t, field{"file", "x.step", string(step(30 << 20))})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(t, err)
	_, err = fmt.Fprintf(conn, "POST /v1/upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", contentType, len(body))
	require.NoError(t, err)
	_, err = conn.Write(body[:20<<20]) // two parts, and what the sockets hold
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).SetLinger(0))
	require.NoError(t, conn.Close())
	require.Eventually(t, func() bool { return requestsDone(t, s, "/v1/upload") == 1 }, patience, 10*time.Millisecond)
	require.Zero(t, s.objects())
	aborted, err := s.blobs.AbortPrefix(t.Context(), "")
	require.NoError(t, err)
	require.Zero(t, aborted, "no part of it waits in S3")
}

func TestS3IsAwayDuringAnUpload_ThenTheNextOneWorks(t *testing.T) {
	bucket := testenv.NewS3(t)
	s := startWith(t, parts{s3: bucket})
	require.NoError(t, bucket.Server.Kill())
	s.upload(field{"file", "x.step", string(step(100))}).problem(503, "temporarily_unavailable")
	require.Empty(t, decode[types.GeometryList](s.get("/v1/geometries"), 200).Items)
	require.NoError(t, bucket.Server.Start(t.Context()))
	s.geometry()
}

func TestUploadIsReadInBoundedMemory(t *testing.T) {
	s := start(t)
	const size = 128 << 20
	before, contentType := form(t, field{"file", "x.step", string(step(100))})
	end := bytes.LastIndex(before, []byte("ENDSEC"))
	body := io.MultiReader(bytes.NewReader(before[:end]), io.LimitReader(spaces{}, size), bytes.NewReader(before[end:]))
	request, err := http.NewRequest(http.MethodPost, s.url+"/v1/upload", body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", contentType)
	peak := peakHeap(t)
	g := decode[types.Geometry](s.send(request), http.StatusCreated)
	require.Greater(t, g.Size, int64(size))
	require.Less(t, peak(), uint64(64<<20), "one part of 8 MiB, not the file")
	require.NoFileExists(t, filepath.Join(os.TempDir(), "multipart-"))
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
