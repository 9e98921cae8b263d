package api

import (
	"fmt"
	"html"
	"strings"
)

// docsWriter writes the page of the reference. It is no html/template: that calls methods by name, so that the linker has to keep all
// methods of all packages, of S3's and Redis' clients above all, and the API would be half as large again.
type docsWriter struct{ strings.Builder }

// put writes a format of HTML, the arguments escaped.
func (w *docsWriter) put(format string, args ...string) {
	escaped := make([]any, len(args))
	for i, a := range args {
		escaped[i] = html.EscapeString(a)
	}
	fmt.Fprintf(w, format, escaped...)
}

func (w *docsWriter) page(p docsPage) {
	w.put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>%s API</title>\n<link rel=\"icon\" href=\"data:,\">\n", p.Title)
	w.WriteString("<style>" + docsCSS + "</style>\n</head>\n<body>\n")
	w.contents(p)
	w.WriteString("<main>\n")
	for _, about := range p.About {
		tag := "p"
		if about.Code {
			tag = "pre"
		}
		w.put("<%[1]s>%[2]s</%[1]s>\n", tag, about.Text)
	}
	for _, group := range p.Groups {
		w.put("<section><h2>%s</h2><p>%s</p>\n", group.Name, group.Description)
		for _, o := range group.Operations {
			w.operation(o)
		}
		w.WriteString("</section>\n")
	}
	w.problems(p)
	w.WriteString("<section class=\"schemas\"><h2>Schemas</h2>\n")
	for _, schema := range p.Schemas {
		w.put("<article id=\"schema-%[1]s\"><h3><code>%[1]s</code></h3>", schema.Name)
		w.fields(schema.Fields)
		w.WriteString("</article>\n")
	}
	w.WriteString("</section>\n</main>\n</body>\n</html>\n")
}

// contents lists what there is, beside the page.
func (w *docsWriter) contents(p docsPage) {
	w.put("<nav aria-label=\"Operations\">\n<h1>%s <small>API %s</small></h1>\n"+
		"<input type=\"checkbox\" id=\"contents\" class=\"contents\"><label for=\"contents\">Contents</label>\n<div class=\"list\">\n"+
		"<a href=\"/openapi.yaml\">openapi.yaml</a> <a href=\"/openapi.json\">openapi.json</a>\n", p.Title, p.Version)
	for _, group := range p.Groups {
		w.put("<h2>%s</h2>\n", group.Name)
		for _, o := range group.Operations {
			w.put("<a href=\"#%s\">%s</a>\n", o.ID, o.Summary)
		}
	}
	w.WriteString("<h2>Problems</h2>\n<a href=\"#problems\">Codes</a>\n<h2>Schemas</h2>\n")
	for _, schema := range p.Schemas {
		w.put("<a href=\"#schema-%[1]s\">%[1]s</a>\n", schema.Name)
	}
	w.WriteString("</div>\n</nav>\n")
}

func (w *docsWriter) operation(o docsOperation) {
	w.put("<article id=\"%s\"><details open><summary><span class=\"method %[2]s\">%[2]s</span><span class=\"path\">%[3]s</span><span class=\"what\">%[4]s</span></summary>\n",
		o.ID, o.Method, o.Path, o.Summary)
	if o.Description != "" {
		w.put("<p>%s</p>\n", o.Description)
	}
	w.put("<pre>%s</pre>\n", o.Curl)
	if len(o.Parameters) > 0 {
		w.WriteString("<h3>Parameters</h3>")
		w.fields(o.Parameters)
	}
	if o.BodyType != "" {
		w.put("<h3>Body: %s", o.BodyType)
		if o.BodySchema.Ref != "" {
			w.WriteString(", ")
			w.kind(o.BodySchema)
		}
		w.WriteString("</h3>")
		w.fields(o.Body)
	}
	w.WriteString("\n<h3>Answers</h3><div class=\"wide\"><table class=\"answers\"><tbody>")
	for _, r := range o.Responses {
		w.put("<tr><td><code>%s</code></td><td>%s</td><td>", r.Status, r.Description)
		w.kind(r.Type)
		w.WriteString("</td></tr>\n")
	}
	w.WriteString("</tbody></table></div>\n</details></article>\n")
}

func (w *docsWriter) problems(p docsPage) {
	w.WriteString("<section id=\"problems\"><h2>Problems</h2><p>The codes of <a href=\"#schema-Problem\">Problem</a>.</p>\n" +
		"<div class=\"wide\"><table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead>\n<tbody>")
	for _, c := range p.Codes {
		w.put("<tr><td><code>%s</code></td><td>%s</td><td>%s</td></tr>\n", c.Code, c.Status, c.Meaning)
	}
	w.WriteString("</tbody></table></div>\n<p>What is wrong with a file or a model has the code of its <a href=\"#schema-Diagnosis\">Diagnosis</a>: ")
	for i, c := range p.Diagnoses {
		if i > 0 {
			w.WriteString(", ")
		}
		w.put("<code>%s</code>", string(c))
	}
	w.WriteString(".</p></section>\n")
}

func (w *docsWriter) fields(fields []docsField) {
	w.WriteString("<div class=\"wide\"><table>\n<thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead>\n<tbody>")
	for _, f := range fields {
		w.put("<tr><td><code>%s</code>", f.Name)
		if f.In != "" {
			w.put(" <small>%s</small>", f.In)
		}
		if f.Required {
			w.WriteString(" <span class=\"must\">required</span>")
		}
		w.WriteString("</td><td>")
		w.kind(f.Type)
		w.put("</td><td>%s</td></tr>\n", f.Description)
	}
	w.WriteString("</tbody></table></div>")
}

// kind writes a type: its words, and a link to the schema that they end with.
func (w *docsWriter) kind(t docsType) {
	w.put("%s", t.Words)
	if t.Ref == "" {
		return
	}
	if t.Words != "" {
		w.WriteString(" ")
	}
	w.put("<a href=\"#schema-%[1]s\">%[1]s</a>", t.Ref)
}
