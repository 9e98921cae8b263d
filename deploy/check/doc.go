// Package check holds the tests of what lies beside it: the Helm chart, the Terraform modules, the alerts and the dashboard.
// It is a module of its own, so that what it needs to read their formats is no part of the product.
//
//	go -C deploy/check test ./...
package check
