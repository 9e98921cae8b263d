package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/auth"
	"meshgen/internal/queue"
	"meshgen/internal/spec"
)

// Version of the HTTP contract. It follows the contract, not the program.
const Version = "1.0.0"

// The groups of operations.
const (
	tagGeometries = "Geometries"
	tagMeshes     = "Meshes"
	tagBatches    = "Batches"
	tagEvents     = "Events"
	tagProjects   = "Projects"
	tagKeys       = "Keys"
	tagShares     = "Shares"
	tagWebhooks   = "Webhooks"
	tagService    = "Service"
)

// The ways to say who asks.
const (
	schemeKey    = "key"
	schemeCookie = "cookie"
	schemeShare  = "share"
)

const about = `Turns CAD files (STEP, IGES, BREP, STL) into volume meshes for simulation.

Three calls do the main job: send a file, ask for a mesh, download it.

    key="Authorization: Bearer $MESHGEN_API_KEY"
    curl -H "$key" -F file=@part.step http://localhost:8080/v1/upload
    curl -H "$key" -H 'Prefer: wait=25' http://localhost:8080/v1/meshes \
         --json '{"geometry_id": "geo_…", "spec": {"size": {"fineness": 6}}}'
    curl -H "$key" -L -o part.msh http://localhost:8080/v1/meshes/msh_…/download

A service with MESHGEN_AUTH=off needs no key.

Every error is application/problem+json (RFC 9457) with a stable code; errors names every bad field. Names (ids) are a type
prefix and a UUIDv7, so they sort by age. Lists take limit and cursor.`

func openAPIConfig() huma.Config {
	c := huma.DefaultConfig("Meshgen", Version)
	c.CreateHooks, c.OpenAPIPath, c.DocsPath, c.SchemasPath = nil, "", "", "" // ours serve them, without a CDN
	c.Info.Description = about
	c.Info.License = &huma.License{Name: "See the repository"}
	c.Tags = []*huma.Tag{
		{Name: tagGeometries, Description: "CAD files and what is in them"},
		{Name: tagMeshes, Description: "Meshes of geometries"},
		{Name: tagBatches, Description: "Many geometries by many specs"},
		{Name: tagEvents, Description: "Following the work as it happens (server-sent events)"},
		{Name: tagProjects, Description: "Folders for geometries and meshes"},
		{Name: tagKeys, Description: "API keys, and the session of a browser"},
		{Name: tagShares, Description: "Links that show one mesh to whoever has them"},
		{Name: tagWebhooks, Description: "Being told of the end of a mesh (Standard Webhooks)"},
		{Name: tagService, Description: "The service itself"},
	}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		schemeKey: {Type: "http", Scheme: "bearer", Description: "An API key, msh_live_…, or, where the service has an identity provider (OpenID Connect), a token of it. An operation names the scope that it needs: " +
			"read, write or admin; each includes those before it."},
		schemeCookie: {Type: "apiKey", In: "cookie", Name: plainCookie, Description: "The session of the page (POST /v1/session). " +
			"What changes something has to carry the header " + pageHeader + " too. Over HTTPS the cookie is called " + secureCookie + "."},
		schemeShare: {Type: "http", Scheme: "bearer", Description: "The word of a share link, msh_share_…."},
	}
	return c
}

// problems are the answers of a hand-written operation that are errors.
func (s *Server) problems(statuses ...int) map[string]*huma.Response {
	out := map[string]*huma.Response{}
	for _, status := range statuses {
		out[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{types.ProblemJSON: {Schema: schema[types.Problem](s)}},
		}
	}
	return out
}

func (s *Server) describeFormUpload() {
	var units []any
	for _, u := range spec.Units {
		units = append(units, u)
	}
	responses := s.problems(400, 401, 403, 408, 413, 415, 422, 429, 500, 503)
	responses["201"] = &huma.Response{
		Description: "The geometry; its import is queued",
		Headers:     map[string]*huma.Param{"Location": {Description: "path of the geometry", Schema: &huma.Schema{Type: huma.TypeString}}},
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schema[types.Geometry](s)}},
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Security: security(auth.Write), OperationID: "upload-geometry", Method: http.MethodPost, Path: "/v1/upload", Tags: []string{tagGeometries},
		Summary: "Upload a CAD file",
		Description: "A multipart form, streamed to the object store. The format is told by the content: STEP, IGES, BREP or STL. " +
			"The other fields may come before or after the file. With an Idempotency-Key it can be sent again: the same file, name, units and project " +
			"under the same key are the same geometry.",
		Parameters: []*huma.Param{idempotencyParam()},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
			Type:     huma.TypeObject,
			Required: []string{"file"},
			Properties: map[string]*huma.Schema{
				"file":       {Type: huma.TypeString, Format: "binary", Description: "the CAD file"},
				"project_id": {Type: huma.TypeString, Description: "project to put the geometry into"},
				"units":      {Type: huma.TypeString, Enum: units, Description: "unit of the numbers in a file that declares none (STL, BREP)"},
			},
		}}}},
		Responses: responses,
	})
}

func (s *Server) describeEvents() {
	s.describeStream("follow-mesh", "/v1/meshes/{id}/events", "Follow a mesh", "mesh")
	s.describeStream("follow-geometry", "/v1/geometries/{id}/events", "Follow the import of a geometry", "geometry")
	s.describeStream("follow-all", "/v1/events", "Follow everything", "")
}

func (s *Server) describeStream(operation, path, summary, what string) {
	text := "Server-sent events. The first is a snapshot: "
	responses := s.problems(401, 403, 404, 429, 500)
	var parameters []*huma.Param
	if what == "" {
		text += "the status of each geometry and mesh that is not final. It never ends. Each event names its subject; logs are left out."
		delete(responses, "404")
	} else {
		text += "a status. The last is done, after which a client that reconnects gets 204. Log lines are in order among themselves, each with its time; " +
			"those of one moment are one event, which can come before a stage or an artifact that they followed."
		responses["204"] = &huma.Response{Description: "Nothing follows the last event that the client has"}
		parameters = append(parameters, &huma.Param{
			Name: "id", In: "path", Required: true, Description: what, Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	text += " Last-Event-ID replays what followed; one that is unknown gets a snapshot. A comment comes every 15 s."
	parameters = append(parameters, &huma.Param{
		Name: "Last-Event-ID", In: "header", Description: "id of the last event received; browsers send it by themselves",
		Schema: &huma.Schema{Type: huma.TypeString},
	}, &huma.Param{
		Name: "last_event_id", In: "query", Description: "the same, for an EventSource that begins anew: it cannot send the header",
		Schema: &huma.Schema{Type: huma.TypeString},
	})
	responses["200"] = &huma.Response{
		Description: "The stream",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: s.eventSchema(what != "")}},
	}
	s.api.OpenAPI().AddOperation(&huma.Operation{
		Security: security(auth.Read), OperationID: operation, Method: http.MethodGet, Path: path, Tags: []string{tagEvents},
		Summary: summary, Description: text, Parameters: parameters, Responses: responses,
	})
}

// eventSchema is an event of a stream, by its type.
func (s *Server) eventSchema(logs bool) *huma.Schema {
	event := func(kind string, data *huma.Schema) *huma.Schema {
		return &huma.Schema{
			Type: huma.TypeObject, Title: kind, Required: []string{"event", "data"},
			Properties: map[string]*huma.Schema{
				"id":    {Type: huma.TypeInteger, Format: "int64", Description: "grows within a stream"},
				"event": {Type: huma.TypeString, Const: kind},
				"data":  data,
			},
		}
	}
	one := &huma.Schema{OneOf: []*huma.Schema{
		event(queue.EventStatus, schema[types.StatusEvent](s)),
		event(queue.EventStage, schema[types.StageEvent](s)),
		event(queue.EventProgress, schema[types.StageEvent](s)),
		event(queue.EventArtifact, schema[types.ArtifactEvent](s)),
		event(queue.EventDone, schema[types.StatusEvent](s)),
	}}
	if logs {
		one.OneOf = append(one.OneOf, event(queue.EventLog, schema[types.LogEvent](s)))
	}
	return one
}

// loosen lets every schema that is not of a request have further properties: answers will get some, and a client that was
// made from this document should not stumble over them.
func (s *Server) loosen() {
	doc := s.api.OpenAPI()
	strict := map[string]bool{}
	var mark func(*huma.Schema)
	mark = func(one *huma.Schema) {
		if one == nil {
			return
		}
		if name, ok := strings.CutPrefix(one.Ref, "#/components/schemas/"); ok && !strict[name] {
			strict[name] = true
			mark(doc.Components.Schemas.SchemaFromRef(one.Ref))
		}
		mark(one.Items)
		for _, property := range one.Properties {
			mark(property)
		}
	}
	for _, item := range doc.Paths {
		if item.Post != nil && item.Post.RequestBody != nil {
			for _, content := range item.Post.RequestBody.Content {
				mark(content.Schema)
			}
		}
	}
	for name, one := range doc.Components.Schemas.Map() {
		if closed, ok := one.AdditionalProperties.(bool); ok && !closed && !strict[name] {
			one.AdditionalProperties = nil
		}
	}
}

// OpenAPI returns the OpenAPI 3.1 document as YAML.
func (s *Server) OpenAPI() ([]byte, error) {
	return s.api.OpenAPI().YAML()
}
