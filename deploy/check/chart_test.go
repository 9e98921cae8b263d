package check

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

const chartDir = "../helm/meshgen"

// cases are installations of the chart, by file in testdata/values.
func cases(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob("testdata/values/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out := map[string]map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var values map[string]any
		require.NoError(t, yaml.UnmarshalStrict(text, &values))
		out[strings.TrimSuffix(filepath.Base(file), ".yaml")] = values
	}
	return out
}

// each renders every case.
func each(t *testing.T, test func(t *testing.T, objects []Object)) {
	chart, err := OpenChart(chartDir)
	require.NoError(t, err)
	for name, values := range cases(t) {
		t.Run(name, func(t *testing.T) {
			objects, err := chart.Objects(values)
			require.NoError(t, err)
			test(t, objects)
		})
	}
}

func compile(t *testing.T, file, at string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("file.json", document))
	schema, err := c.Compile("file.json#" + at)
	require.NoError(t, err)
	return schema
}

// plain turns what YAML was read into into what the validator knows.
func plain(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	return out
}

func kubernetesSchema(t *testing.T, o Object) *jsonschema.Schema {
	t.Helper()
	var index struct{ Kinds map[string]string }
	text, err := os.ReadFile("testdata/kubernetes.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &index))
	key := fmt.Sprintf("%s/%s", o["apiVersion"], o["kind"])
	require.Contains(t, index.Kinds, key, "add the kind to schemas/main.go")
	return compile(t, "testdata/kubernetes.json", "/definitions/"+index.Kinds[key])
}

func TestChart_EveryObjectIsWhatKubernetesAccepts(t *testing.T) {
	each(t, func(t *testing.T, objects []Object) {
		seen := map[string]bool{}
		for _, o := range objects {
			require.NoError(t, kubernetesSchema(t, o).Validate(plain(t, o)), "%s %s", o.kind(), o.name())
			key := o.kind() + " " + o.name()
			require.False(t, seen[key], "%s is there twice", key)
			seen[key] = true
		}
	})
}

func TestChart_AnUnknownFieldIsRefused(t *testing.T) {
	chart, err := OpenChart(chartDir)
	require.NoError(t, err)
	objects, err := chart.Objects(cases(t)["trial"])
	require.NoError(t, err)
	for _, o := range objects {
		if o.kind() == "Deployment" {
			o.at("spec.template.spec.containers.0").(map[string]any)["readOnlyRootFilesystem"] = true
			require.ErrorContains(t, kubernetesSchema(t, o).Validate(plain(t, o)), "readOnlyRootFilesystem")
		}
	}
}

func TestChart_ValuesFitTheirSchema(t *testing.T) {
	chart, err := OpenChart(chartDir)
	require.NoError(t, err)
	schema := compile(t, filepath.Join(chartDir, "values.schema.json"), "")
	require.NoError(t, schema.Validate(plain(t, chart.values)))
	for name, values := range cases(t) {
		require.NoError(t, schema.Validate(plain(t, chart.Values(values))), name)
	}
	for name, bad := range map[string]string{
		"a value that does not exist":       "{api: {replicaz: 2}}",
		"no warm worker":                    "{workers: {cpu: {scaling: {min: 0}}}}",
		"a password that breaks a URL":      "{secret: {redisPassword: 'a@b'}}",
		"a variable that is none of ours":   "{env: {LD_PRELOAD: x}}",
		"an endpoint that is no origin":     "{s3: {endpoint: 'http://s3/path'}}",
		"a drain that is no duration":       "{workers: {cpu: {drain: 31}}}",
		"authentication neither on nor off": "{auth: maybe}",
	} {
		var over map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(bad), &over))
		require.Error(t, schema.Validate(plain(t, chart.Values(over))), name)
	}
}

func TestChart_SaysWhatIsMissing(t *testing.T) {
	chart, err := OpenChart(chartDir)
	require.NoError(t, err)
	_, err = chart.Objects(nil)
	require.ErrorContains(t, err, "redis.host")
	_, err = chart.Objects(map[string]any{"redis": map[string]any{"host": "r"}, "secret": map[string]any{"create": true}})
	require.ErrorContains(t, err, "secret.databaseURL")
}

// pods are the pod specs of the objects that have one, by component.
func pods(objects []Object) map[string]Object {
	out := map[string]Object{}
	for _, o := range objects {
		if spec, ok := o.at("spec.template.spec").(map[string]any); ok {
			labels := o.at("spec.template.metadata.labels").(map[string]any)
			out[labels["app.kubernetes.io/component"].(string)] = spec
		}
	}
	return out
}

// program is the one of ours that a component runs.
func program(component string) string {
	if strings.HasPrefix(component, "worker") {
		return "worker"
	}
	return "api"
}

func environment(t *testing.T, pod Object) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, v := range pod.at("containers.0.env").([]any) {
		v := v.(map[string]any)
		name := v["name"].(string)
		require.NotContains(t, out, name, "set twice")
		out[name] = ""
		if value, ok := v["value"].(string); ok {
			out[name] = value
		}
	}
	return out
}

func TestChart_EveryVariableIsOneOfTheProducts(t *testing.T) {
	variables, err := Variables()
	require.NoError(t, err)
	each(t, func(t *testing.T, objects []Object) {
		for component, pod := range pods(objects) {
			if component == "web" { // a shell script reads its two, in Dockerfile.web
				continue
			}
			for name := range environment(t, pod) {
				if name == "REDIS_PASSWORD" { // becomes part of a URL
					continue
				}
				i := slices.IndexFunc(variables, func(v Variable) bool { return v.Name == name })
				require.GreaterOrEqual(t, i, 0, "%s: %s is not in docs/configuration.md", component, name)
			}
		}
	})
}

func TestChart_EveryVariableThatMustBeSetIs(t *testing.T) {
	variables, err := Variables()
	require.NoError(t, err)
	must := 0
	each(t, func(t *testing.T, objects []Object) {
		for component, pod := range pods(objects) {
			if component == "web" || component == "migrate" || component == "bucket" {
				continue
			}
			have := environment(t, pod)
			for _, v := range variables {
				if MustSet(v) && (len(v.Readers) == 0 || slices.Contains(v.Readers, program(component))) {
					must++
					require.Contains(t, have, v.Name, component)
				}
			}
		}
	})
	require.Greater(t, must, 10)
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d
}

func TestChart_AStopEndsNoJobAndNoRequest(t *testing.T) {
	longest, err := Duration("internal/spec/spec.go", "MaxTimeLimit")
	require.NoError(t, err)
	each(t, func(t *testing.T, objects []Object) {
		for component, pod := range pods(objects) {
			grace := func() time.Duration {
				return time.Duration(pod.at("terminationGracePeriodSeconds").(float64)) * time.Second
			}
			env := environment(t, pod)
			switch program := program(component); {
			case program == "worker":
				drain := duration(t, env["MESHGEN_DRAIN"])
				require.Greater(t, drain, longest, component)
				require.GreaterOrEqual(t, grace(), drain+15*time.Second, "%s: time to give back what is left", component)
			case component == "api":
				stop := duration(t, env["MESHGEN_STOP_DELAY"]) + duration(t, env["MESHGEN_STOP_TIMEOUT"])
				require.GreaterOrEqual(t, grace(), stop+5*time.Second, component)
			}
		}
	})
}

func TestChart_EveryPodIsNobody(t *testing.T) {
	each(t, func(t *testing.T, objects []Object) {
		for component, pod := range pods(objects) {
			require.Equal(t, false, pod.at("automountServiceAccountToken"), component)
			require.Equal(t, true, pod.at("securityContext.runAsNonRoot"), component)
			require.Equal(t, "RuntimeDefault", pod.at("securityContext.seccompProfile.type"), component)
			require.Len(t, pod.at("containers"), 1, component)
			require.Equal(t, map[string]any{
				"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
			}, pod.at("containers.0.securityContext"), component)
			require.NotNil(t, pod.at("containers.0.resources.limits.memory"), component)
			for _, host := range []string{"hostNetwork", "hostPID", "hostIPC"} {
				require.Nil(t, pod.at(host), component)
			}
			for _, v := range list(pod.at("volumes")) {
				require.Contains(t, v, "emptyDir", component)
				require.NotNil(t, Object(v.(map[string]any)).at("emptyDir.sizeLimit"), component)
			}
		}
	})
}

func list(v any) []any {
	out, _ := v.([]any)
	return out
}

// kept are the objects of a kind, by name.
func kept(objects []Object, kind string) map[string]Object {
	out := map[string]Object{}
	for _, o := range objects {
		if o.kind() == kind {
			out[o.name()] = o
		}
	}
	return out
}

// matches reports whether a selector's matchLabels, as a map, are among the labels.
func matches(selector, labels any) bool {
	have := labels.(map[string]any)
	for name, value := range selector.(map[string]any) {
		if have[name] != value {
			return false
		}
	}
	return true
}

func TestChart_SelectorsFindTheirPods(t *testing.T) {
	each(t, func(t *testing.T, objects []Object) {
		found := func(selector any) (n int) {
			for _, d := range kept(objects, "Deployment") {
				if matches(selector, d.at("spec.template.metadata.labels")) {
					n++
				}
			}
			return n
		}
		for _, d := range kept(objects, "Deployment") {
			require.Equal(t, 1, found(d.at("spec.selector.matchLabels")), d.name())
		}
		for _, s := range kept(objects, "Service") {
			require.Equal(t, 1, found(s.at("spec.selector")), s.name())
		}
		for _, p := range kept(objects, "PodDisruptionBudget") {
			require.Equal(t, 1, found(p.at("spec.selector.matchLabels")), p.name())
			require.EqualValues(t, 1, p.at("spec.maxUnavailable"), "a node can be drained")
		}
		for _, m := range kept(objects, "ServiceMonitor") {
			services := 0
			for _, s := range kept(objects, "Service") {
				if matches(m.at("spec.selector.matchLabels"), s.at("metadata.labels")) {
					services++
				}
			}
			require.Equal(t, 1, services)
		}
		for name := range kept(objects, "ServiceAccount") {
			require.Equal(t, name, kept(objects, "Deployment")[name].at("spec.template.spec.serviceAccountName"))
		}
	})
}

func TestChart_ScalesOnTheQueueAndKeepsOneWorkerWarm(t *testing.T) {
	keys, err := os.ReadFile(filepath.Join(root, "internal/queue/keys.go"))
	require.NoError(t, err)
	scaled := 0
	each(t, func(t *testing.T, objects []Object) {
		deployments := kept(objects, "Deployment")
		for name, o := range kept(objects, "ScaledObject") {
			scaled++
			require.GreaterOrEqual(t, o.at("spec.minReplicaCount"), 1.)
			require.Greater(t, o.at("spec.maxReplicaCount"), o.at("spec.minReplicaCount"))
			require.Contains(t, deployments, o.at("spec.scaleTargetRef.name"))
			require.Nil(t, deployments[name].at("spec.replicas"), "KEDA sets them")
			require.Contains(t, kept(objects, "TriggerAuthentication"), o.at("spec.triggers.0.authenticationRef.name"))
			trigger := Object(o.at("spec.triggers.0").(map[string]any))
			env := environment(t, deployments[name].at("spec.template.spec").(map[string]any))
			switch trigger["type"] {
			case "redis-streams":
				suffix, ok := strings.CutPrefix(trigger.at("metadata.stream").(string), env["MESHGEN_REDIS_PREFIX"])
				require.True(t, ok)
				require.Contains(t, string(keys), fmt.Sprintf(`bells() string { return k.prefix + %q }`, suffix))
				require.Contains(t, string(keys), fmt.Sprintf("group    = %q", trigger.at("metadata.consumerGroup")))
				require.Contains(t, env["MESHGEN_REDIS_URL"], "@"+trigger.at("metadata.address").(string)+"/")
				require.Nil(t, trigger.at("metadata.pendingEntriesCount"), "nothing is ever pending")
			case "postgresql":
				sql, err := os.ReadFile(filepath.Join(root, "internal/store/queue.go"))
				require.NoError(t, err)
				_, condition, ok := strings.Cut(trigger.at("metadata.query").(string), "WHERE ")
				require.True(t, ok)
				require.Contains(t, string(sql), "FILTER (WHERE "+condition+") AS queued")
			default:
				t.Fatalf("trigger %v", trigger["type"])
			}
		}
	})
	require.Greater(t, scaled, 1)
}

func TestChart_NothingIsReachedThatIsNotListed(t *testing.T) {
	each(t, func(t *testing.T, objects []Object) {
		policies := kept(objects, "NetworkPolicy")
		if len(policies) == 0 {
			t.Skip("switched off in this case")
		}
		// One selects every pod and denies both ways.
		all := policies["mesh-meshgen"]
		for component, o := range map[string]string{"api": "Deployment", "migrate": "Job"} {
			for _, d := range kept(objects, o) {
				require.True(t, matches(all.at("spec.podSelector.matchLabels"), d.at("spec.template.metadata.labels")), component)
			}
		}
		require.Equal(t, []any{"Ingress", "Egress"}, all.at("spec.policyTypes"))
		require.Nil(t, all.at("spec.ingress"))
		for name, p := range policies {
			for _, rule := range append(list(p.at("spec.ingress")), list(p.at("spec.egress"))...) {
				rule := rule.(map[string]any)
				require.NotEmpty(t, rule["ports"], "%s: every port", name)
				require.NotEmpty(t, append(list(rule["from"]), list(rule["to"])...), "%s: every peer", name)
			}
		}
	})
}
