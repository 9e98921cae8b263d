package api

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDocsWriter_EscapesWhatItIsGiven(t *testing.T) {
	var w docsWriter
	w.fields([]docsField{{Name: `a"<b>`, In: "query", Required: true, Description: "x < y & z", Type: docsType{Words: "list of", Ref: "<i>"}}})
	text := w.String()
	require.Contains(t, text, "<code>a&#34;&lt;b&gt;</code> <small>query</small>")
	require.Contains(t, text, "x &lt; y &amp; z")
	require.Contains(t, text, `list of <a href="#schema-&lt;i&gt;">&lt;i&gt;</a>`)
}
