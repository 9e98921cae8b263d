package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"meshgen/internal/spec"
)

// specFlags are the flags that say what mesh is wanted. What is not given is the default, or what the file says.
type specFlags struct {
	set  *pflag.FlagSet
	file string
	in   interface{ InOrStdin() io.Reader }

	asked spec.Spec
	units string
}

// stdin is what the name of a file is where standard input is meant.
const stdin = "-"

func (f *specFlags) add(c *cobra.Command) {
	f.set, f.in = c.Flags(), c
	f.set.Float64Var(&f.asked.Size.Max, "size", 0, "longest edge wanted, in the part's units; instead of --fineness")
	f.set.Float64Var(&f.asked.Size.Min, "min-size", 0, "shortest edge wanted")
	f.set.Float64Var(&f.asked.Size.Fineness, "fineness", 0, "1 coarse to 10 fine, in relation to the part (default 5)")
	f.set.Float64Var(&f.asked.Size.Curvature, "curvature", 0, "elements along a full circle, everywhere (by default at most 30, fewer where the arc does not matter)")
	f.set.Float64Var(&f.asked.Size.Growth, "growth", 0, "how much longer than its neighbour an element may be, such as 1.3")
	f.set.IntVar(&f.asked.Size.WallElements, "wall-elements", 0, "elements across each thin wall, at least")
	f.set.IntVar(&f.asked.Size.TargetElements, "target-elements", 0, "number of elements in the volume, met within 20 %")
	f.set.IntVar(&f.asked.Order, "order", 0, "order of the elements: 1 straight, 2 and 3 curved (default 1)")
	f.set.StringVar(&f.asked.Strategy, "strategy", "", strings.Join(spec.Strategies, ", ")+" (default auto)")
	f.set.StringVar(&f.asked.Element, "element", "", strings.Join(spec.Elements, ", ")+" (default tet)")
	f.set.StringVar(&f.asked.TimeLimit, "time-limit", "", "wall time for all of it, such as 90s or 5m (default "+spec.DefaultTimeLimit+")")
	f.set.StringVar(&f.units, "units", "", "unit of the numbers where the file has none (STL, BREP): "+strings.Join(spec.Units, ", "))
	f.set.StringVar(&f.file, "spec", "", "JSON `file` with a mesh spec, - for standard input; flags go before it")
	f.set.SortFlags = false
	for name, words := range map[string][]string{"strategy": spec.Strategies, "element": spec.Elements, "units": spec.Units} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
}

// flagOf names the flag that a field of the spec comes from.
var flagOf = map[string]string{
	"size.max": "size", "size.min": "min-size", "size.fineness": "fineness", "size.curvature": "curvature",
	"size.growth": "growth", "size.wall_elements": "wall-elements", "size.target_elements": "target-elements",
	"order": "order", "strategy": "strategy", "element": "element", "time_limit": "time-limit",
}

// spec returns what is asked for, for the formats, as asked and with every default filled in.
func (f *specFlags) spec(formats []string) (asked, resolved spec.Spec, err error) {
	asked, err = f.read()
	if err != nil {
		return asked, resolved, err
	}
	override := map[string]func(){
		"size":            func() { asked.Size.Max = f.asked.Size.Max },
		"min-size":        func() { asked.Size.Min = f.asked.Size.Min },
		"fineness":        func() { asked.Size.Fineness, asked.Size.Max = f.asked.Size.Fineness, f.max(asked.Size.Max) },
		"curvature":       func() { asked.Size.Curvature = f.asked.Size.Curvature },
		"growth":          func() { asked.Size.Growth = f.asked.Size.Growth },
		"wall-elements":   func() { asked.Size.WallElements = f.asked.Size.WallElements },
		"target-elements": func() { asked.Size.TargetElements = f.asked.Size.TargetElements },
		"order":           func() { asked.Order = f.asked.Order },
		"strategy":        func() { asked.Strategy = f.asked.Strategy },
		"element":         func() { asked.Element = f.asked.Element },
		"time-limit":      func() { asked.TimeLimit = f.asked.TimeLimit },
	}
	f.set.Visit(func(given *pflag.Flag) {
		if set, ok := override[given.Name]; ok {
			set()
		}
	})
	if len(formats) > 0 {
		asked.Formats = formats
	}
	var bad spec.Errors
	for _, flag := range []string{"size", "min-size", "fineness", "curvature", "growth", "wall-elements", "target-elements", "order"} { // 0 would mean the default
		if given := f.set.Lookup(flag); given != nil && given.Changed && isZero(given.Value.String()) {
			bad = append(bad, spec.FieldError{Path: "--" + flag, Message: "must not be 0; leave it out for the default"})
		}
	}
	if f.units != "" && !slices.Contains(spec.Units, f.units) {
		bad = append(bad, spec.FieldError{Path: "--units", Message: "must be one of " + strings.Join(spec.Units, ", "), Value: f.units})
	}
	resolved, err = asked.Resolve()
	if fields, ok := errors.AsType[spec.Errors](err); ok {
		for _, e := range fields {
			e.Path = f.origin(e.Path)
			bad = append(bad, e)
		}
	}
	if bad != nil {
		return asked, resolved, bad
	}
	return asked, resolved, nil
}

// max is the longest edge where a fineness was given as a flag: that of a flag stands, that of the file gives way, since
// it would override the fineness.
func (f *specFlags) max(file float64) float64 {
	if f.set.Changed("size") {
		return file
	}
	return 0
}

// origin says where a field was given: by its flag, or in the file.
func (f *specFlags) origin(path string) string {
	if strings.HasPrefix(path, "formats") && f.set.Changed("format") {
		return "--format"
	}
	flag, ok := flagOf[path]
	if ok && (f.set.Changed(flag) || f.file == "") {
		return "--" + flag
	}
	return path + " in " + f.where()
}

// where names the file of --spec for messages.
func (f *specFlags) where() string { return specPlace(f.file) }

func specPlace(file string) string {
	if file == stdin {
		return "standard input"
	}
	return file
}

// read returns what the file of --spec asks for.
func (f *specFlags) read() (asked spec.Spec, err error) {
	if f.file == "" {
		return asked, nil
	}
	return readSpec(f.file, f.in.InOrStdin)
}

// isZero tells whether the text of a number is 0, however it is written.
func isZero(text string) bool {
	v, err := strconv.ParseFloat(text, 64)
	return err == nil && v == 0
}

// zeros names the fields of a spec that are 0, where that would be taken for one that was left out.
func zeros(text []byte, place string) error {
	var given struct {
		Order  *float64            `json:"order"`
		Size   map[string]*float64 `json:"size"`
		Layers []struct {
			Ratio *float64 `json:"ratio"`
			Count *float64 `json:"count"`
		} `json:"layers"`
		Refine []struct {
			Near struct {
				To *float64 `json:"to"`
			} `json:"near"`
		} `json:"refine"`
	}
	if err := json.Unmarshal(text, &given); err != nil {
		return err
	}
	var bad spec.Errors
	look := func(path string, value *float64) {
		if value != nil && *value == 0 {
			bad = append(bad, spec.FieldError{Path: path + " in " + place, Message: "must not be 0; leave it out for the default"})
		}
	}
	look("order", given.Order)
	for _, name := range slices.Sorted(maps.Keys(given.Size)) {
		look("size."+name, given.Size[name])
	}
	for i, r := range given.Refine {
		look(fmt.Sprintf("refine[%d].near.to", i), r.Near.To)
	}
	for i, l := range given.Layers {
		look(fmt.Sprintf("layers[%d].ratio", i), l.Ratio)
		look(fmt.Sprintf("layers[%d].count", i), l.Count)
	}
	if bad == nil {
		return nil
	}
	return bad
}

// readSpec returns what a file asks for; in is standard input.
func readSpec(file string, in func() io.Reader) (asked spec.Spec, err error) {
	var text []byte
	if file == stdin {
		text, err = io.ReadAll(in())
	} else {
		text, err = os.ReadFile(file)
	}
	if err != nil {
		return asked, usage("--spec: %s", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err = d.Decode(&asked)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			err = errors.New("something follows the spec")
		}
	}
	place := specPlace(file)
	if err == nil {
		if bad := zeros(text, place); bad != nil {
			return asked, bad
		}
		return asked, nil
	}
	bad := spec.FieldError{Path: place, Message: strings.TrimPrefix(err.Error(), "json: ")}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		bad = spec.FieldError{Path: wrong.Field + " in " + place, Message: "must be " + article(wrong.Type.String()) + ", not " + wrong.Value}
	} else if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		bad.Message = "line " + count(line) + " is not JSON: " + syntax.Error()
	}
	return asked, spec.Errors{bad}
}

func article(kind string) string {
	switch kind {
	case "float64", "int":
		return "a number"
	case "string":
		return "a text"
	}
	return "a " + strings.TrimPrefix(kind, "spec.")
}
