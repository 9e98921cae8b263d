package engine

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"

	"meshgen/internal/threads"
)

// DetailText is a Detail as it stands in a report's file, of which it is most. It is known before the rest.
type DetailText []byte

// Encode returns the text of a detail; of none, none. Long lists are encoded by several threads.
func (d *Detail) Encode() (DetailText, error) {
	if d == nil {
		return nil, nil
	}
	text := appendLine([]byte{'{'}, detailLevel+1)
	text, err := appendList(append(text, `"solids": `...), d.Solids)
	if err != nil {
		return nil, err
	}
	text = appendLine(append(text, ','), detailLevel+1)
	if text, err = appendList(append(text, `"groups": `...), d.Groups); err != nil {
		return nil, err
	}
	text = appendLine(append(text, ','), detailLevel+1)
	if text, err = appendList(append(text, `"worst": `...), d.Worst); err != nil {
		return nil, err
	}
	return append(appendLine(text, detailLevel), '}'), nil
}

// detailLevel is how deep in a report its detail is.
const detailLevel = 1

// least is the shortest part of a list that is worth a thread.
const least = 32

// appendList appends a list of a detail.
func appendList[T any](to []byte, list []T) ([]byte, error) {
	parts := make([][]byte, max(1, min(runtime.GOMAXPROCS(0), len(list)/least)))
	errs := make([]error, len(parts))
	threads.Run(len(parts), func(i int) {
		part := list[i*len(list)/len(parts) : (i+1)*len(list)/len(parts)]
		var text []byte
		if text, errs[i] = json.Marshal(part); errs[i] == nil {
			parts[i] = appendIndented(make([]byte, 0, 2*len(text)), text, detailLevel+1)
		}
	})
	for i, part := range parts {
		if errs[i] != nil {
			return nil, fmt.Errorf("report: %w", errs[i])
		}
		if i > 0 { // it goes on behind the last element of the part before
			to = append(to[:len(to)-len("\n    ]")], ',')
			part = part[len("["):]
		}
		to = append(to, part...)
	}
	return to, nil
}

// WriteReport writes the file that a report is to a user, with this detail in place of its own. The file is what json.MarshalIndent makes of the
// whole, and a newline.
func WriteReport(path string, r *MeshReport, detail DetailText) error {
	brief := *r
	brief.Detail = nil
	line, err := json.Marshal(&brief)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	text := appendIndented(make([]byte, 0, 2*len(line)+len(detail)+64), line, 0)
	if detail != nil {
		text = append(text[:len(text)-len("\n}")], ',') // it is the last member
		text = append(append(appendLine(text, detailLevel), `"detail": `...), detail...)
		text = append(text, "\n}"...)
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
