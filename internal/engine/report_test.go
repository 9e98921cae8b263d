package engine

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// words are those whose text differs from what they say.
var words = []string{"", "solid_1", `a"b\`, `\\"`, "<&>", "line\nline", "\u2028", "\xff", "ü", "{[,:]}", "0", "null", " "}

// fill gives a value something of everything, and nothing here and there.
func fill(r *rand.Rand, v reflect.Value, lengths int) {
	if r.IntN(8) == 0 && v.Kind() != reflect.Struct {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem(), lengths)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(r, v.Field(i), lengths)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(lengths), lengths))
		for i := range v.Len() {
			fill(r, v.Index(i), lengths)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), lengths)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key, 3)
			fill(r, value, 3)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		v.SetString(words[r.IntN(len(words))])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float32, reflect.Float64:
		v.SetFloat((r.Float64() - 0.5) * math.Pow(10, float64(r.IntN(50)-25)))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.IntN(100) - 50))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(r.IntN(100)))
	case reflect.Interface: // of any value
	default:
		panic("nothing to fill " + v.Type().String() + " with")
	}
}

func TestWriteReport_IsWhatTheLibraryMakesOfIt(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	path := filepath.Join(t.TempDir(), "report.json")
	details := 0
	for round := range 400 {
		var report MeshReport
		lengths := 4
		if round%20 == 0 {
			lengths = 150 // more than one thread encodes
		}
		fill(r, reflect.ValueOf(&report).Elem(), 4)
		if report.Detail != nil {
			details++
			report.Detail = &Detail{}
			fill(r, reflect.ValueOf(report.Detail).Elem(), lengths)
		}
		want, err := json.MarshalIndent(&report, "", "  ")
		require.NoError(t, err)

		text, err := report.Detail.Encode()
		require.NoError(t, err)
		require.NoError(t, WriteReport(path, &report, text))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want)+"\n", string(got), "round %d", round)
	}
	require.Greater(t, details, 200)
}

func TestWriteReport_WhatIsNoNumberIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report.json")
	report := MeshReport{Detail: &Detail{}}
	fill(rand.New(rand.NewPCG(1, 1)), reflect.ValueOf(report.Detail).Elem(), 150)
	for i := range report.Detail.Worst {
		report.Detail.Worst[i].Score = 0
	}
	require.NotEmpty(t, report.Detail.Worst)
	report.Detail.Worst[len(report.Detail.Worst)-1].Score = math.NaN()
	_, err := report.Detail.Encode()
	require.ErrorContains(t, err, "report: ")
	require.ErrorContains(t, WriteReport(path, &MeshReport{Volume: math.Inf(1)}, nil), "report: ")
}

// What it is encoded beside is not part of it: what is measured is what is left to do when all else of a mesh is done, and the whole.
func BenchmarkReport(b *testing.B) {
	r := rand.New(rand.NewPCG(7, 7))
	var report MeshReport
	fill(r, reflect.ValueOf(&report).Elem(), 8)
	report.Detail = &Detail{}
	for len(report.Detail.Worst) < 100 {
		var d Detail
		fill(r, reflect.ValueOf(&d).Elem(), 100)
		report.Detail.Worst = append(report.Detail.Worst, d.Worst...)
	}
	report.Detail.Worst = report.Detail.Worst[:100]
	for i := range report.Detail.Worst {
		report.Detail.Worst[i].Values = map[string]float64{}
		for _, name := range []string{"aspect", "edge_length", "gamma", "max_dihedral", "min_dihedral", "sicn", "size_ratio", "skewness", "volume"} {
			report.Detail.Worst[i].Values[name] = r.Float64()
		}
	}
	path := filepath.Join(b.TempDir(), "report.json")
	b.Run("library", func(b *testing.B) {
		for b.Loop() {
			text, err := json.MarshalIndent(&report, "", "  ")
			require.NoError(b, err)
			require.NoError(b, os.WriteFile(path, text, 0o600))
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			text, err := report.Detail.Encode()
			require.NoError(b, err)
			require.NoError(b, WriteReport(path, &report, text))
		}
	})
	text, err := report.Detail.Encode()
	require.NoError(b, err)
	b.Run("left", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, WriteReport(path, &report, text))
		}
	})
}
