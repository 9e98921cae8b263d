package api

import (
	"context"
	"path"
	"strings"

	"meshgen/internal/api/types"
	"meshgen/internal/blob"
	"meshgen/internal/store"
)

// artifact says what a file is and where to get it. source is the name of the CAD file, which the download is named after.
func (s *Server) artifact(ctx context.Context, a store.Artifact, source string) (types.Artifact, error) {
	url, err := s.blobs.PresignGet(ctx, a.ObjectKey, downloadName(source, a.Name), a.MediaType)
	if err != nil {
		return types.Artifact{}, err
	}
	return types.Artifact{
		ID: a.ID, Name: a.Name, Format: a.Format, MediaType: a.MediaType, Size: a.Size, SHA256: a.SHA256, Preview: a.Preview, URL: url,
		Encoding: blob.Encoding(a.ObjectKey),
	}, nil
}

func (s *Server) artifacts(ctx context.Context, rows []store.Artifact, source string) ([]types.Artifact, error) {
	out := make([]types.Artifact, len(rows))
	for i, a := range rows {
		var err error
		if out[i], err = s.artifact(ctx, a, source); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// downloadName names a download after its part: bracket.step and mesh.msh give bracket.msh, report.json gives
// bracket.report.json. Without the name of the part it is the artifact's.
func downloadName(source, artifact string) string {
	stem := strings.TrimSuffix(source, path.Ext(source))
	if stem == "" {
		return artifact
	}
	if rest, ok := strings.CutPrefix(artifact, "mesh."); ok {
		return stem + "." + rest
	}
	return stem + "." + artifact
}
