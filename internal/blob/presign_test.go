package blob

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/testenv"
)

// send is what a browser or curl does with a presigned URL.
func send(t *testing.T, method, url string, body []byte) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(deadline(t), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, got
}

func TestPresignGet_DownloadsUnderTheGivenName(t *testing.T) {
	s := shared(t)
	put(t, s, GeometryKey("acme", "geo_1"), []byte("ISO-10303-21;"))
	for _, name := range []string{
		"part.step", `Kugel Ø12 "x".step`, "ваза.stl", "a'b(c)*100%;=.msh", "日本語 部品.iges", "back\\slash.vtk", "plain name.vtk",
	} {
		url, err := s.PresignGet(deadline(t), GeometryKey("acme", "geo_1"), name, "model/step")
		require.NoError(t, err)
		response, body := send(t, http.MethodGet, url, nil)
		require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
		require.Equal(t, "ISO-10303-21;", string(body))
		require.Equal(t, "model/step", response.Header.Get("Content-Type"))
		disposition, params, err := mime.ParseMediaType(response.Header.Get("Content-Disposition"))
		require.NoError(t, err, name)
		require.Equal(t, "attachment", disposition)
		require.Equal(t, strings.ReplaceAll(name, "\\", "_"), params["filename"])
	}
}

func TestPresignHead_TellsWhatTheDownloadWillBe(t *testing.T) {
	s := shared(t)
	put(t, s, GeometryKey("acme", "geo_2"), []byte("ISO-10303-21;"))
	url, err := s.PresignHead(deadline(t), GeometryKey("acme", "geo_2"), "part.step", "model/step")
	require.NoError(t, err)
	response, body := send(t, http.MethodHead, url, nil)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Empty(t, body)
	require.EqualValues(t, len("ISO-10303-21;"), response.ContentLength)
	response, _ = send(t, http.MethodGet, url, nil)
	require.Equal(t, http.StatusForbidden, response.StatusCode, "it gives nothing away")
}

func TestPresignGet_AnotherKeyOrAnotherNameIsRefused(t *testing.T) {
	s := shared(t)
	put(t, s, "a", []byte("mine"))
	put(t, s, "b", []byte("yours"))
	url, err := s.PresignGet(deadline(t), "a", "part.step", "")
	require.NoError(t, err)
	for _, forged := range []string{strings.Replace(url, "/a?", "/b?", 1), strings.Replace(url, "part.step", "evil.html", 1)} {
		require.NotEqual(t, url, forged)
		response, _ := send(t, http.MethodGet, forged, nil)
		require.Equal(t, http.StatusForbidden, response.StatusCode)
	}
}

func TestPresign_PointsToThePublicEndpoint(t *testing.T) {
	bucket := testenv.S3(t)
	// The same server by another name, as under compose. A request that is signed for the one fails at the other.
	public := strings.Replace(bucket.Endpoint, "127.0.0.1", "localhost", 1)
	s := open(t, bucket, map[string]string{"MESHGEN_S3_PUBLIC_ENDPOINT": public})
	put(t, s, "a", []byte("mine"))
	url, err := s.PresignGet(deadline(t), "a", "part.step", "")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(url, public+"/"+bucket.Name+"/a?"), url)
	response, body := send(t, http.MethodGet, url, nil)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)

	response, _ = send(t, http.MethodGet, strings.Replace(url, public, bucket.Endpoint, 1), nil)
	require.Equal(t, http.StatusForbidden, response.StatusCode)

	url, err = s.PresignPut(deadline(t), "b", 5)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(url, public), url)
	response, body = send(t, http.MethodPut, url, []byte("solid"))
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
}

func TestPresignPut_StoresExactlyTheSizeThatWasSigned(t *testing.T) {
	s := shared(t)
	body := content(100_000)
	url, err := s.PresignPut(deadline(t), UploadKey("acme", "upl_1"), int64(len(body)))
	require.NoError(t, err)

	for _, n := range []int{len(body) - 1, len(body) + 1} {
		response, _ := send(t, http.MethodPut, url, content(n))
		require.Equal(t, http.StatusForbidden, response.StatusCode, "%d bytes", n)
		requireEmpty(t, s)
	}
	response, answer := send(t, http.MethodPut, url, body)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", answer)
	requireObject(t, s, UploadKey("acme", "upl_1"), body)
}

func TestMultipart_PresignedPartsMakeAnObjectInAnyOrder(t *testing.T) {
	s := shared(t)
	ctx := deadline(t)
	key := UploadKey("acme", "upl_1")
	body := content(2*5<<20 + 100)
	pieces := [][]byte{body[:5<<20], body[5<<20 : 2*5<<20], body[2*5<<20:]}
	uploadID, err := s.CreateMultipart(ctx, key)
	require.NoError(t, err)

	for _, i := range []int{2, 0} {
		url, err := s.PresignPart(ctx, key, uploadID, int32(i+1), int64(len(pieces[i])))
		require.NoError(t, err)
		response, answer := send(t, http.MethodPut, url, pieces[i])
		require.Equal(t, http.StatusOK, response.StatusCode, "%s", answer)
		require.NotEmpty(t, response.Header.Get("ETag"))
	}
	parts, err := s.ListParts(ctx, key, uploadID)
	require.NoError(t, err)
	require.Len(t, parts, 2, "the client sees what it still has to send")
	require.EqualValues(t, 3, parts[1].Number)
	require.EqualValues(t, 100, parts[1].Size)
	_, err = s.Head(ctx, key)
	require.ErrorIs(t, err, ErrNotFound)

	url, err := s.PresignPart(ctx, key, uploadID, 2, int64(len(pieces[1])))
	require.NoError(t, err)
	send(t, http.MethodPut, url, pieces[1])
	parts, err = s.ListParts(ctx, key, uploadID)
	require.NoError(t, err)
	etag, err := s.CompleteMultipart(ctx, key, uploadID, parts)
	require.NoError(t, err)
	require.NotEmpty(t, etag)
	requireObject(t, s, key, body)

	again, err := s.CompleteMultipart(ctx, key, uploadID, parts)
	require.NoError(t, err, "completing twice is completing once")
	require.Equal(t, etag, again)
}

func TestMultipart_WrongPartsAreTheCallersFault(t *testing.T) {
	s := shared(t)
	ctx := deadline(t)
	uploadID, err := s.CreateMultipart(ctx, "a")
	require.NoError(t, err)
	small := []byte("too small for a part that is not the last")
	for number := range int32(2) {
		url, err := s.PresignPart(ctx, "a", uploadID, number+1, int64(len(small)))
		require.NoError(t, err)
		send(t, http.MethodPut, url, small)
	}
	parts, err := s.ListParts(ctx, "a", uploadID)
	require.NoError(t, err)
	for name, wrong := range map[string][]Part{
		"too small":    parts,
		"never sent":   {parts[0], {Number: 7, ETag: parts[1].ETag}},
		"another's":    {{Number: 1, ETag: `"0123456789abcdef0123456789abcdef"`}},
		"out of order": {parts[1], parts[0]},
	} {
		_, err := s.CompleteMultipart(ctx, "a", uploadID, wrong)
		require.ErrorIs(t, err, ErrBadParts, name)
		require.False(t, IsTemporary(err), name)
	}
	require.NoError(t, s.AbortMultipart(ctx, "a", uploadID))
	require.NoError(t, s.AbortMultipart(ctx, "a", uploadID), "aborting twice is aborting once")
	requireEmpty(t, s)
}

func TestAttachment_NamesThatCannotBeUsedAreMadeUsable(t *testing.T) {
	for name, want := range map[string]string{
		"":                                `attachment; filename="download"`,
		"...":                             `attachment; filename="download"`,
		"../../etc/passwd":                `attachment; filename="_.._etc_passwd"`,
		".bashrc":                         `attachment; filename="bashrc"`,
		"a\r\nSet-Cookie: x.step":         `attachment; filename="aSet-Cookie: x.step"`,
		"part\u202egnp.step":              `attachment; filename="partgnp.step"`,
		"\xff\xfepart.step":               `attachment; filename="part.step"`,
		strings.Repeat("x", 300) + ".msh": `attachment; filename="` + strings.Repeat("x", 196) + `.msh"`,
		`Ø "q".step`:                      `attachment; filename="_ _q_.step"; filename*=UTF-8''%C3%98%20%22q%22.step`,
	} {
		require.Equal(t, want, attachment(name), "%q", name)
	}
}
