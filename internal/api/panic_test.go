package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"meshgen/internal/api/types"
)

func TestPanic_IsAProblemForTheClientAndAStackInTheLog(t *testing.T) {
	var log bytes.Buffer
	s := New(Config{Auth: AuthOff}, Deps{Log: slog.New(slog.NewJSONHandler(&log, nil))}) // without a database every query panics
	answer := httptest.NewRecorder()
	s.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/v1/projects", nil))
	require.Equal(t, http.StatusInternalServerError, answer.Code)
	var p types.Problem
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &p))
	require.Equal(t, types.CodeInternal, p.Code)
	require.NotContains(t, p.Detail, "nil pointer")
	require.Contains(t, log.String(), "nil pointer")
	require.Contains(t, log.String(), p.RequestID)
}
