package api

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"meshgen/internal/api/types"
	"meshgen/internal/diagnosis"
)

//go:embed docs.css
var docsCSS string

// addDocs serves the OpenAPI document and a page made of it. The page needs nothing from elsewhere, not even a script. Each is made
// when it is asked for first: that takes longer than all else of a start.
func (s *Server) addDocs(r chi.Router) {
	style := sha256.Sum256([]byte(docsCSS))
	policy := fmt.Sprintf("default-src 'none'; style-src 'sha256-%s'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		base64.StdEncoding.EncodeToString(style[:]))

	serve := func(path, mediaType string, document func() ([]byte, error), header ...string) {
		once := sync.OnceValues(document)
		r.Get(path, func(w http.ResponseWriter, _ *http.Request) {
			body, err := once()
			if err != nil {
				panic(err) // our own types
			}
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.Header().Set("Content-Type", mediaType)
			_, _ = w.Write(body)
		})
	}
	serve("/openapi.yaml", "application/yaml", s.OpenAPI)
	serve("/openapi.json", "application/json", func() ([]byte, error) { return json.Marshal(s.api.OpenAPI()) })
	serve("/docs", "text/html; charset=utf-8", func() ([]byte, error) { return renderDocs(s.api.OpenAPI()), nil }, "Content-Security-Policy", policy)
	if s.page != nil {
		r.Get("/", s.page.ServeHTTP)
		return
	}
	r.Get("/", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/docs", http.StatusFound)
	})
}

// What the page shows.
type (
	docsPage struct {
		Title, Version string
		About          []docsText
		Groups         []docsGroup
		Codes          []struct{ Code, Status, Meaning string }
		Diagnoses      []diagnosis.Code
		Schemas        []docsSchema
	}
	docsText struct {
		Text string
		Code bool
	}
	docsGroup struct {
		Name, Description string
		Operations        []docsOperation
	}
	docsOperation struct {
		ID, Method, Path, Summary, Description string
		Parameters                             []docsField
		BodyType                               string // media type of the body, empty if there is none
		Body                                   []docsField
		BodySchema                             docsType
		Responses                              []docsResponse
		Curl                                   string
	}
	docsResponse struct {
		Status, Description string
		Type                docsType
	}
	docsSchema struct {
		Name   string
		Fields []docsField
	}
	docsField struct {
		Name, In, Description string
		Required              bool
		Type                  docsType
	}
	// docsType is a type in words; Ref, if set, is the schema that the words end with.
	docsType struct{ Words, Ref string }
)

func renderDocs(doc *huma.OpenAPI) []byte {
	page := docsPage{
		Title: doc.Info.Title, Version: doc.Info.Version, About: paragraphs(doc.Info.Description),
		Codes: types.Codes, Diagnoses: diagnosis.Codes,
	}
	for _, tag := range doc.Tags {
		group := docsGroup{Name: tag.Name, Description: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
			item := doc.Paths[path]
			for _, op := range []*huma.Operation{item.Post, item.Get, item.Delete} {
				if op != nil && slices.Contains(op.Tags, tag.Name) {
					group.Operations = append(group.Operations, operationDocs(doc, op))
				}
			}
		}
		slices.SortStableFunc(group.Operations, func(a, b docsOperation) int { return cmp.Compare(rank(a), rank(b)) })
		page.Groups = append(page.Groups, group)
	}
	schemas := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		page.Schemas = append(page.Schemas, docsSchema{Name: name, Fields: fieldDocs(schemas[name])})
	}
	var out docsWriter
	out.page(page)
	return []byte(out.String())
}

// rank puts what most readers come for at the head of its group.
func rank(o docsOperation) int {
	if slices.Contains([]string{"upload-geometry", "create-mesh"}, o.ID) {
		return 0
	}
	return 1
}

// paragraphs splits a text at its blank lines; an indented one is code.
func paragraphs(text string) []docsText {
	var out []docsText
	for part := range strings.SplitSeq(text, "\n\n") {
		code := strings.HasPrefix(part, "    ")
		if code {
			part = strings.ReplaceAll(strings.TrimPrefix(part, "    "), "\n    ", "\n")
		}
		out = append(out, docsText{Text: part, Code: code})
	}
	return out
}

func operationDocs(doc *huma.OpenAPI, op *huma.Operation) docsOperation {
	out := docsOperation{
		ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description, Curl: curl(op),
	}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, docsField{
			Name: p.Name, In: p.In, Description: p.Description, Required: p.Required, Type: typeDocs(p.Schema),
		})
	}
	if op.RequestBody != nil {
		for mediaType, content := range op.RequestBody.Content {
			out.BodyType, out.BodySchema = mediaType, typeDocs(content.Schema)
			body := content.Schema
			if body.Ref != "" {
				body = doc.Components.Schemas.SchemaFromRef(body.Ref)
			}
			out.Body = fieldDocs(body)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		response := docsResponse{Status: status, Description: r.Description}
		for _, content := range r.Content {
			response.Type = typeDocs(content.Schema)
		}
		out.Responses = append(out.Responses, response)
	}
	return out
}

func fieldDocs(s *huma.Schema) []docsField {
	var out []docsField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		out = append(out, docsField{
			Name: name, Description: p.Description, Required: slices.Contains(s.Required, name), Type: typeDocs(p),
		})
	}
	return out
}

// typeDocs says in words what a schema allows.
func typeDocs(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{}
	case s.Ref != "":
		return docsType{Ref: s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]}
	case len(s.OneOf) > 0:
		var kinds []string
		for _, one := range s.OneOf {
			kinds = append(kinds, one.Title)
		}
		return docsType{Words: "events " + strings.Join(kinds, ", ")}
	case s.Type == huma.TypeArray:
		item := typeDocs(s.Items)
		return docsType{Words: strings.TrimSpace("list of " + item.Words), Ref: item.Ref}
	case s.Type == huma.TypeObject:
		if value, ok := s.AdditionalProperties.(*huma.Schema); ok {
			item := typeDocs(value)
			return docsType{Words: strings.TrimSpace("map of " + item.Words), Ref: item.Ref}
		}
		return docsType{Words: "object"}
	case len(s.Enum) > 0:
		var values []string
		for _, v := range s.Enum {
			values = append(values, fmt.Sprint(v))
		}
		return docsType{Words: strings.Join(values, " | ")}
	}
	words := s.Type
	if s.Format == "date-time" || s.Format == "uri" || s.Format == "binary" {
		words = s.Format
	}
	if s.Minimum != nil && s.Maximum != nil {
		words += " " + number(*s.Minimum) + " to " + number(*s.Maximum)
	}
	if s.Default != nil {
		words += fmt.Sprintf(", default %v", reflect.Indirect(reflect.ValueOf(s.Default)))
	}
	return docsType{Words: words}
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// bodies are examples of what a call takes.
var bodies = map[string]string{
	"create-project":  `{"name": "Bracket study"}`,
	"create-upload":   `{"filename": "bracket.step", "size": 1048576}`,
	"create-mesh":     `{"geometry_id": "geo_…", "spec": {"size": {"fineness": 6}, "formats": ["msh", "vtk"]}}`,
	"estimate-mesh":   `{"geometry_id": "geo_…", "spec": {"size": {"max": 0.5}}}`,
	"upload-geometry": "",
}

// curl is a call that can be pasted into a terminal.
func curl(op *huma.Operation) string {
	path := op.Path
	for _, kind := range []struct{ path, id string }{{"/v1/meshes/", "msh_…"}, {"/v1/geometries/", "geo_…"}, {"/v1/projects/", "prj_…"}, {"/v1/uploads/", "upl_…"}} {
		if strings.HasPrefix(path, kind.path) {
			path = strings.Replace(path, "{id}", kind.id, 1)
		}
	}
	words := []string{"curl"}
	switch {
	case op.OperationID == "upload-geometry":
		words = append(words, "-F file=@part.step")
	case op.OperationID == "create-mesh":
		words = append(words, "-H 'Prefer: wait=25'")
	case op.OperationID == "download-mesh":
		words = append(words, "-L -o part.msh")
	case strings.HasSuffix(path, "/events"):
		words = append(words, "-N")
	case op.Method == http.MethodPost && bodies[op.OperationID] == "", op.Method == http.MethodDelete:
		words = append(words, "-X "+op.Method)
	}
	call := strings.Join(append(words, "http://localhost:8080"+path), " ")
	if body := bodies[op.OperationID]; body != "" {
		call += " \\\n     --json '" + body + "'"
	}
	return call
}
