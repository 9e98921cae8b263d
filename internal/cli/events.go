package cli

import (
	"fmt"
	"strings"
	"time"

	"meshgen/internal/api/types"
	"meshgen/internal/client"
	"meshgen/internal/diagnosis"
	"meshgen/internal/engine"
)

// printEvent prints an event: for a person when it came, what it is and what it says.
func (a *app) printEvent(e client.Event) error {
	if a.json {
		return a.print(e)
	}
	now := a.out.paint(dim, time.Now().Format("15:04:05.000"))
	say := func(how style, text string) {
		a.out.line(now + "  " + a.out.paint(dim, fmt.Sprintf("%-8s", printable(e.Type))) + "  " + a.out.paint(how, printable(text)))
	}
	switch e.Type {
	case client.EventStatus, client.EventDone:
		s, err := client.Decode[types.StatusEvent](e)
		if err != nil {
			return err
		}
		say(statusStyle(s.Status), statusText(s))
	case client.EventStage, client.EventProgress:
		s, err := client.Decode[types.StageEvent](e)
		if err != nil {
			return err
		}
		say("", strings.TrimSpace(fmt.Sprintf("%s  %-8s  %s", percent(s.Progress), s.Stage, s.Detail)))
	case client.EventArtifact:
		f, err := client.Decode[types.ArtifactEvent](e)
		if err != nil {
			return err
		}
		say("", fmt.Sprintf("%s  %s, %s", f.Name, f.Format, size(f.Size)))
	case client.EventLog:
		l, err := client.Decode[types.LogEvent](e)
		if err != nil {
			return err
		}
		for _, line := range l.Lines {
			say(logStyle(line), fmt.Sprintf("%9.3f  %-7s  %s", line.Seconds, line.Level, line.Text))
		}
	default: // of a newer server
		say("", string(e.Data))
	}
	return nil
}

func statusText(s types.StatusEvent) string {
	text := s.Status
	if s.Attempt > 1 {
		text += fmt.Sprintf(", attempt %d", s.Attempt)
	}
	if s.Stage != "" {
		text += "  " + strings.TrimSpace(percent(s.Progress)) + "  " + s.Stage
	}
	if s.Error != nil {
		text += "  " + failureText(s.Error)
	}
	return text
}

func failureText(d *diagnosis.Diagnosis) string { return string(d.Code) + ": " + d.Message }

func logStyle(l engine.LogLine) style {
	switch l.Level {
	case "error":
		return red
	case "warning":
		return yellow
	}
	return ""
}
