package types

import "time"

// CreateProject asks for a project.
type CreateProject struct {
	Name string `json:"name" minLength:"1" maxLength:"200" doc:"name for display" example:"Bracket study"`
}

// Project holds geometries and their meshes.
type Project struct {
	ID        string    `json:"id" doc:"name of the project" example:"prj_0190163d-8694-739b-aea5-966c26f8ad91"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// ProjectList is a page of projects, newest first.
type ProjectList struct {
	Items      []Project `json:"items"`
	NextCursor string    `json:"next_cursor,omitempty" doc:"cursor of the next page; absent on the last"`
}
