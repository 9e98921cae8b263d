package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"meshgen/internal/devservers"
)

// prometheus is a real one.
type prometheus struct {
	process *devservers.Process
	url     string
}

// series is one answer to an expression over time.
type series struct {
	labels map[string]string
	points []point
}

type point struct{ at, value float64 } // in seconds since 1970

func startPrometheus(ctx context.Context, dir, monitoring, target string) (*prometheus, error) {
	path, err := exec.LookPath("prometheus")
	if err != nil {
		return nil, fmt.Errorf("prometheus is not installed (scripts/debian prometheus): %w", err)
	}
	alerts, err := filepath.Abs(filepath.Join(monitoring, "alerts.yaml"))
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "prometheus.yaml")
	// As deploy/monitoring/prometheus.yaml has it, but asked every second: the run is short.
	text := fmt.Sprintf("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\nrule_files: [%q]\n"+
		"scrape_configs: [{job_name: meshgen-api, static_configs: [{targets: [%q]}]}]\n", alerts, target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	port, err := devservers.FreePort()
	if err != nil {
		return nil, err
	}
	p := &prometheus{url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	p.process, err = devservers.Program{
		Name: "prometheus", Port: port, Path: path,
		Args: []string{
			"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "prometheus"),
			fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port), "--log.level=warn",
		},
		Ready: func(ctx context.Context, _ int) error {
			now := time.Now()
			up, err := p.ask(ctx, `up{job="meshgen-api"} == 1`, now, now, time.Second)
			if err == nil && len(up) == 0 {
				err = fmt.Errorf("the API at %s is not up", target)
			}
			return err
		},
	}.Start(ctx)
	return p, err
}

// ask returns what an expression was between two moments.
func (p *prometheus) ask(ctx context.Context, expression string, from, to time.Time, step time.Duration) ([]series, error) {
	seconds := func(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1e3, 'f', 3, 64) }
	query := url.Values{"query": {expression}, "start": {seconds(from)}, "end": {seconds(to)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', 3, 64)}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/query_range?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct {
			Result []struct {
				Metric map[string]string
				Values [][2]any
			}
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", expression, resp.Status, err)
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("%s: %s", expression, answer.Error)
	}
	var all []series
	for _, r := range answer.Data.Result {
		s := series{labels: r.Metric}
		for _, v := range r.Values {
			at, _ := v[0].(float64)
			text, _ := v[1].(string)
			value, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", expression, err)
			}
			if !math.IsNaN(value) && !math.IsInf(value, 0) {
				s.points = append(s.points, point{at, value})
			}
		}
		all = append(all, s)
	}
	return all, nil
}
