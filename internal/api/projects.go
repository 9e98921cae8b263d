package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"meshgen/internal/api/types"
	"meshgen/internal/id"
	"meshgen/internal/store"
)

type projectOutput struct {
	Location string `header:"Location"`
	Body     types.Project
}

type projectPath struct {
	ID string `path:"id" doc:"project" example:"prj_0190163d-8694-739b-aea5-966c26f8ad91"`
}

func (s *Server) addProjects() {
	add(s, huma.Operation{
		OperationID: "create-project", Method: http.MethodPost, Path: "/v1/projects", Tags: []string{tagProjects},
		Summary: "Create a project", Description: "A project holds geometries and their meshes.",
		DefaultStatus: http.StatusCreated, Errors: []int{422},
	}, s.createProject)
	add(s, huma.Operation{
		OperationID: "list-projects", Method: http.MethodGet, Path: "/v1/projects", Tags: []string{tagProjects},
		Summary: "List projects", Description: "Newest first.", Errors: []int{422}, RejectUnknownQueryParameters: true,
	}, s.listProjects)
	add(s, huma.Operation{
		OperationID: "get-project", Method: http.MethodGet, Path: "/v1/projects/{id}", Tags: []string{tagProjects},
		Summary: "Get a project", Errors: []int{404},
	}, s.getProject)
	add(s, huma.Operation{
		OperationID: "delete-project", Method: http.MethodDelete, Path: "/v1/projects/{id}", Tags: []string{tagProjects},
		Summary:     "Delete a project",
		Description: "Deletes its geometries and meshes too; unfinished work is canceled. Rows go now, objects soon after.",
		Errors:      []int{404},
	}, s.deleteProject)
}

func toProject(p store.Project) types.Project {
	return types.Project{ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt}
}

func (s *Server) createProject(ctx context.Context, in *struct{ Body types.CreateProject }) (*projectOutput, error) {
	name := strings.TrimSpace(in.Body.Name)
	if name == "" || strings.ContainsRune(name, 0) { // Postgres holds no NUL
		return nil, invalid(types.FieldError{Location: "body.name", Message: "must be a name"})
	}
	p, err := s.db.CreateProject(ctx, tenant(ctx), name)
	if err != nil {
		return nil, err
	}
	return &projectOutput{Location: "/v1/projects/" + p.ID, Body: toProject(p)}, nil
}

type projectListOutput struct{ Body types.ProjectList }

func (s *Server) listProjects(ctx context.Context, in *struct{ Paging }) (*projectListOutput, error) {
	page, err := in.page(id.Project)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Projects(ctx, tenant(ctx), ask(page))
	if err != nil {
		return nil, err
	}
	rows, next := cut(rows, page.Limit, func(p store.Project) string { return p.ID })
	out := &projectListOutput{types.ProjectList{Items: make([]types.Project, len(rows)), NextCursor: next}}
	for i, p := range rows {
		out.Body.Items[i] = toProject(p)
	}
	return out, nil
}

type projectGetOutput struct{ Body types.Project }

func (s *Server) getProject(ctx context.Context, in *projectPath) (*projectGetOutput, error) {
	if err := pathID(id.Project, in.ID); err != nil {
		return nil, err
	}
	p, err := s.db.Project(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("project")
	}
	if err != nil {
		return nil, err
	}
	return &projectGetOutput{toProject(p)}, nil
}

func (s *Server) deleteProject(ctx context.Context, in *projectPath) (*struct{}, error) {
	if err := pathID(id.Project, in.ID); err != nil {
		return nil, err
	}
	err := s.jobs.DeleteProject(ctx, tenant(ctx), in.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("project")
	}
	return nil, err
}
