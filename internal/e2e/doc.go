// Package e2e tests the service as its users and its operators meet it: the real programs as processes, over HTTP, on real
// servers, while parts of it are killed. It holds tests alone.
package e2e
