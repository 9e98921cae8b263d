package api

//go:generate sh -c "go run meshgen/cmd/api openapi >../../docs/openapi.yaml"
