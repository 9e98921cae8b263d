package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"meshgen/internal/devservers"
	"meshgen/internal/spec"
	"meshgen/internal/testenv"
)

// prometheus is a real one that scrapes the API of a site.
type prometheus struct {
	t   *testing.T
	url string
}

// watch starts a Prometheus with the alerts of deploy/monitoring.
func (s *site) watch() *prometheus {
	s.t.Helper()
	path, err := exec.LookPath("prometheus")
	if err != nil {
		s.t.Skip("prometheus is not installed: scripts/debian prometheus")
	}
	var target string
	for _, v := range s.env {
		if rest, ok := strings.CutPrefix(v, "MESHGEN_METRICS_LISTEN="); ok {
			target = rest
		}
	}
	dir := s.t.TempDir()
	config := fmt.Sprintf("global: {scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 250ms}\nrule_files: [%q]\n"+
		"scrape_configs: [{job_name: meshgen-api, static_configs: [{targets: [%q]}]}]\n", monitoring(s.t, "alerts.yaml"), target)
	require.NoError(s.t, os.WriteFile(filepath.Join(dir, "prometheus.yaml"), []byte(config), 0o600))
	port := s.freePort()
	p := &prometheus{s.t, fmt.Sprintf("http://127.0.0.1:%d", port)}
	process, err := devservers.Program{
		Name: "prometheus", Port: port, Path: path, Log: s.t.Output(),
		Args: []string{
			"--config.file=" + filepath.Join(dir, "prometheus.yaml"), "--storage.tsdb.path=" + filepath.Join(dir, "data"),
			fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port), "--log.level=warn",
		},
		Ready: func(ctx context.Context, _ int) error {
			var up []any
			return p.query(ctx, `up{job="meshgen-api"} == 1`, &up)
		},
	}.Start(s.t.Context())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = process.Kill() })
	return p
}

func monitoring(t *testing.T, name string) string {
	return filepath.Join(testenv.RepoRoot(t), "deploy", "monitoring", name)
}

// get asks Prometheus' API and fills in the data of the answer.
func (p *prometheus) get(ctx context.Context, path string, data any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s: %w", resp.Status, err)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: %s", path, answer.Error)
	}
	return nil
}

// query fills in the series of an expression; it is an error if there are none.
func (p *prometheus) query(ctx context.Context, expression string, series *[]any) error {
	var data struct{ Result []any }
	if err := p.get(ctx, "/api/v1/query?query="+url.QueryEscape(expression), &data); err != nil {
		return err
	}
	if *series = data.Result; len(data.Result) == 0 {
		return fmt.Errorf("no series for %s", expression)
	}
	return nil
}

// panels returns the expressions of the dashboard, by panel.
func panels(t *testing.T) map[string][]string {
	t.Helper()
	content, err := os.ReadFile(monitoring(t, "dashboard.json"))
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(content, &dashboard))
	out := map[string][]string{}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			out[p.Title] = append(out[p.Title], target.Expr)
		}
	}
	require.Greater(t, len(out), 15)
	return out
}

func TestLong_Monitoring_PrometheusKnowsWhatAlertsAndDashboardAskFor(t *testing.T) {
	s := newSite(t, "MESHGEN_ENGINE_JOBS=1") // each engine is replaced after one job, so that replacing is seen
	p := s.watch()
	s.hire(testenv.Engine(t))
	s.succeeded(s.mesh(part(t, ""), spec.Spec{}))

	var rules struct {
		Groups []struct {
			Rules []struct {
				Name, Query, Health, State, LastError string
				Annotations                           map[string]string
			}
		}
	}
	await := func(what string, done func() error) {
		t.Helper()
		var last error
		for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if last = done(); last == nil {
				return
			}
		}
		t.Fatalf("%s: %v", what, last)
	}
	await("rules", func() error {
		if err := p.get(t.Context(), "/api/v1/rules", &rules); err != nil {
			return err
		}
		for _, r := range rules.Groups[0].Rules {
			if r.Health != "ok" {
				return fmt.Errorf("%s: %s %s", r.Name, r.Health, r.LastError)
			}
		}
		return nil
	})

	operations, err := os.ReadFile(filepath.Join(testenv.RepoRoot(t), "docs", "operations.md"))
	require.NoError(t, err)
	asked := panels(t)
	for _, r := range rules.Groups[0].Rules {
		asked[r.Name] = append(asked[r.Name], r.Query)
		require.NotEqual(t, "firing", r.State, r.Name)
		require.Equal(t, "docs/operations.md#"+strings.ToLower(r.Name), r.Annotations["runbook_url"])
		require.Contains(t, string(operations), "\n## "+r.Name+"\n")
	}
	// Every metric is there, and every expression is one. A worker reports itself every few seconds.
	name := regexp.MustCompile(`(meshgen|process)_[a-z_]+`)
	for where, expressions := range asked {
		for _, expression := range expressions {
			var series []any
			for _, metric := range name.FindAllString(expression, -1) {
				await(where, func() error { return p.query(t.Context(), metric, &series) })
			}
			if err := p.query(t.Context(), expression, &series); err != nil {
				require.ErrorContains(t, err, "no series", where)
			}
		}
	}
	// And every metric of ours is looked at somewhere.
	var names []string
	require.NoError(t, p.get(t.Context(), "/api/v1/label/__name__/values", &names))
	all := fmt.Sprint(asked)
	for _, n := range names {
		n = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(n, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(n, "meshgen_") {
			require.Contains(t, all, n)
		}
	}
}

func TestMonitoring_AlertsRingWhenTheyShould(t *testing.T) {
	path, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not installed: scripts/debian prometheus")
	}
	for _, args := range [][]string{
		{"check", "config", monitoring(t, "prometheus.yaml")}, {"test", "rules", monitoring(t, "alerts_test.yaml")},
	} {
		out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}
