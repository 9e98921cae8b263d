package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/spec"
)

// explanation is an error as a person is told it: what, then details under short labels.
type explanation struct {
	what  string
	lines []labelled
}

type labelled struct{ label, text string }

func (e *explanation) add(label, format string, args ...any) {
	if text := fmt.Sprintf(format, args...); strings.TrimSpace(text) != "" {
		e.lines = append(e.lines, labelled{label, text})
	}
}

// finish ends an invocation: an error that nobody told yet is told, and the exit code is what it means.
func (a *app) finish(ctx context.Context, err error) int {
	if cause, ok := errors.AsType[*interrupted](context.Cause(ctx)); ok && err != nil {
		a.tell(cause)
		return exitCode(cause)
	}
	if err != nil && !a.parsed {
		err = &usageError{err.Error()}
	}
	return exitCode(a.tell(err))
}

// tell prints an error, once, and returns it marked as told. With --json a program is told as well.
func (a *app) tell(err error) error {
	if _, ok := errors.AsType[told](err); ok || err == nil {
		return err
	}
	if a.json {
		_ = a.print(map[string]any{"error": failureOf(err)}) // standard output may be gone
	}
	a.say(err)
	return told{err}
}

// say prints an error for a person.
func (a *app) say(err error) {
	e := explain(err)
	lines := []string{a.err.paint(red, "error:") + " " + printable(e.what)}
	width := 0
	for _, l := range e.lines {
		width = max(width, len(l.label))
	}
	last := ""
	for _, l := range e.lines {
		label := l.label
		if label == last {
			label = ""
		}
		last = l.label
		prefix := "  "
		if width > 0 && l.label != "" {
			prefix += a.err.paint(dim, fmt.Sprintf("%-*s", width, label)) + "  "
		}
		lines = append(lines, prefix+printable(l.text))
	}
	a.aside(strings.Join(lines, "\n"))
}

// failure is an error as a program is told it.
type failure struct {
	Code      string               `json:"code"`
	Subject   string               `json:"subject,omitempty"` // file or id that it is about
	Message   string               `json:"message"`
	Exit      int                  `json:"exit_code"`
	Status    int                  `json:"http_status,omitempty"`
	Fields    []field              `json:"fields,omitempty"`
	Diagnosis *diagnosis.Diagnosis `json:"diagnosis,omitempty"`
	RequestID string               `json:"request_id,omitempty"`
}

type field struct {
	Location string `json:"location"`
	Message  string `json:"message"`
	Value    any    `json:"value,omitempty"`
}

func failureOf(err error) failure {
	f := failure{Code: "internal", Message: err.Error(), Exit: exitCode(err)}
	if s, ok := errors.AsType[*subjectError](err); ok {
		f.Subject, f.Message = s.subject, s.err.Error()
	}
	switch f.Exit {
	case exitUsage:
		f.Code = "usage"
	case exitUnreachable:
		f.Code = "unreachable"
	case exitCanceled:
		f.Code = "canceled"
	case exitRefused:
		f.Code = "validation_failed"
	}
	if f.Exit > exitSignal {
		f.Code = "interrupted"
	}
	if p, ok := errors.AsType[*client.Problem](err); ok {
		f.Code, f.Message, f.Status, f.Diagnosis, f.RequestID = p.Code, p.Detail, p.Status, p.Diagnosis, p.RequestID
		for _, e := range p.Errors {
			f.Fields = append(f.Fields, field(e))
		}
	} else if d, ok := errors.AsType[*diagnosis.Diagnosis](err); ok {
		f.Code, f.Message, f.Diagnosis = string(d.Code), d.Message, d
	} else if bad, ok := errors.AsType[spec.Errors](err); ok {
		for _, e := range bad {
			f.Fields = append(f.Fields, field{e.Path, e.Message, e.Value})
		}
	}
	return f
}

// explain puts an error into words.
func explain(err error) explanation {
	subject := ""
	if s, ok := errors.AsType[*subjectError](err); ok {
		subject, err = s.subject+": ", s.err
	}
	if d, ok := errors.AsType[*diagnosis.Diagnosis](err); ok {
		return explainDiagnosis(subject, d)
	}
	if p, ok := errors.AsType[*client.Problem](err); ok {
		return explainProblem(subject, p)
	}
	if bad, ok := errors.AsType[spec.Errors](err); ok {
		e := explanation{what: subject + "the mesh cannot be made as asked for"}
		for _, f := range bad {
			e.add(f.Path, "%s%s", f.Message, sent(f.Value))
		}
		return e
	}
	if u, ok := errors.AsType[*client.Unreachable](err); ok {
		e := explanation{what: subject + u.Error()}
		e.add("hint", "Start the service, or name another with --server or MESHGEN_SERVER.")
		return e
	}
	e := explanation{what: subject + firstLine(err)}
	if _, more, ok := strings.Cut(err.Error(), "\n"); ok {
		for line := range strings.Lines(more) {
			e.add("", "%s", strings.TrimSpace(line))
		}
	}
	if _, ok := errors.AsType[*usageError](err); ok {
		e.add("", "See meshgen --help, or --help after a command.")
	}
	return e
}

func sent(value any) string {
	if value == nil || value == "" {
		return ""
	}
	return fmt.Sprintf(" (is %v)", value)
}

func explainProblem(subject string, p *client.Problem) explanation {
	if p.Diagnosis != nil {
		return explainDiagnosis(subject, p.Diagnosis)
	}
	e := explanation{what: subject + strings.TrimSuffix(p.Detail, ".")}
	if p.Detail == "" {
		e.what = subject + p.Title
	}
	if len(p.Errors) == 1 && strings.Contains(p.Detail, p.Errors[0].Message) {
		if v := sent(p.Errors[0].Value); v != "" {
			e.what += v
		}
	} else {
		for _, f := range p.Errors {
			e.add(f.Location, "%s%s", f.Message, sent(f.Value))
		}
	}
	if p.Status >= http.StatusInternalServerError {
		e.add("status", "%d %s", p.Status, p.Code)
		e.add("request", "%s", p.RequestID)
	}
	if p.Code == client.CodeNotMeshgen {
		e.add("hint", "Check --server or MESHGEN_SERVER.")
	}
	return e
}

// shownPlaces and shownDetail bound what is printed of a diagnosis; --json has all of it.
const (
	shownPlaces = 8
	shownDetail = 12
)

func explainDiagnosis(subject string, d *diagnosis.Diagnosis) explanation {
	e := explanation{what: subject + string(d.Code)}
	e.add("", "%s", d.Message)
	for _, entity := range d.Entities[:min(len(d.Entities), shownPlaces)] {
		e.add("at", "%s", place(entity))
	}
	if more := len(d.Entities) - shownPlaces; more > 0 {
		e.add("at", "and %d more", more)
	}
	for _, t := range d.Tried {
		e.add("tried", "%s, %s: %s", t.Strategy, seconds(t.Seconds), or(t.Error, "did it"))
	}
	e.add("hint", "%s", d.Hint)
	detail := strings.Split(strings.TrimSpace(d.Detail), "\n")
	for _, line := range detail[max(0, len(detail)-shownDetail):] {
		e.add("detail", "%s", strings.TrimRight(line, " \t\r"))
	}
	return e
}

var dimensions = [...]string{"point", "curve", "face", "solid"}

// place says where an entity is.
func place(e diagnosis.Entity) string {
	s := fmt.Sprintf("entity of dimension %d", e.Dim)
	if e.Dim >= 0 && e.Dim < len(dimensions) {
		s = dimensions[e.Dim]
	}
	s += fmt.Sprintf(" %d", e.Tag)
	if e.Name != "" {
		s += fmt.Sprintf(" %q", e.Name)
	}
	if p := e.Point; p != nil {
		s += fmt.Sprintf(" near (%.6g, %.6g, %.6g)", p[0], p[1], p[2])
	}
	return s
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
