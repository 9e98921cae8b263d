//go:build kube

package check

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A real API server of Kubernetes and its etcd, which take long to compile: make kube.

func TestKube_TakesTheChart(t *testing.T) {
	c := startCluster(t)
	var version struct{ GitVersion string }
	_, err := c.do(http.MethodGet, "/version", nil, &version)
	require.NoError(t, err)
	t.Logf("kube-apiserver %s", version.GitVersion)
	c.installCRDs(t)
	// Pods have to fit the strictest of the Pod Security Standards.
	_, err = c.apply("/api/v1/namespaces/default", Object{
		"apiVersion": "v1", "kind": "Namespace",
		"metadata": map[string]any{"name": "default", "labels": map[string]any{
			"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted",
		}},
	}, false)
	require.NoError(t, err)

	chart, err := OpenChart(chartDir)
	require.NoError(t, err)
	for name, values := range cases(t) {
		t.Run(name, func(t *testing.T) {
			objects, err := chart.Objects(values)
			require.NoError(t, err)
			kinds := map[string]int{}
			for _, o := range objects {
				warnings, err := c.apply(c.path(o), o, true)
				require.NoError(t, err, o.String())
				require.Empty(t, warnings, o.String())
				kinds[o["kind"].(string)]++
				if pod := podOf(o); pod != nil { // what a controller would make of it
					warnings, err = c.apply(c.path(pod), pod, true)
					require.NoError(t, err, "pod of "+o.String())
					require.Empty(t, warnings, "pod of "+o.String())
					kinds["Pod"]++
				}
			}
			t.Logf("taken: %v", kinds)
		})
	}
	t.Run("what is wrong is refused", func(t *testing.T) {
		objects, err := chart.Objects(cases(t)["aws"])
		require.NoError(t, err)
		refused := map[string]bool{}
		for _, o := range objects {
			switch o["kind"] {
			case "Deployment":
				o["spec"].(map[string]any)["replica"] = 2
				_, err := c.apply(c.path(o), o, true)
				require.ErrorContains(t, err, "spec.replica")
				pod := podOf(o)
				pod["spec"].(map[string]any)["hostNetwork"] = true
				_, err = c.apply(c.path(pod), pod, true)
				require.ErrorContains(t, err, "violates PodSecurity")
				refused["Deployment"], refused["Pod"] = true, true
			case "ScaledObject":
				o["spec"].(map[string]any)["triggers"] = "redis"
				_, err := c.apply(c.path(o), o, true)
				require.ErrorContains(t, err, "triggers")
				refused["ScaledObject"] = true
			}
		}
		require.Len(t, refused, 3)
	})
}

func (o Object) String() string {
	meta, _ := o["metadata"].(map[string]any)
	return fmt.Sprint(o["kind"], " ", meta["name"])
}

// podOf returns the pod that is made of an object, or nil.
func podOf(o Object) Object {
	spec, _ := o["spec"].(map[string]any)
	template, ok := spec["template"].(map[string]any)
	if !ok {
		return nil
	}
	meta, _ := template["metadata"].(map[string]any)
	return Object{
		"apiVersion": "v1", "kind": "Pod", "spec": template["spec"],
		"metadata": merge(meta, map[string]any{"name": strings.ToLower(o["kind"].(string)) + "-" + o["metadata"].(map[string]any)["name"].(string)}),
	}
}
