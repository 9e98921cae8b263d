//go:build kube

package check

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// crds are the kinds that KEDA and the Prometheus Operator bring, by the modules that define them.
var crds = map[string][]string{
	"github.com/kedacore/keda/v2@v2.21.0": {
		"config/crd/bases/keda.sh_scaledobjects.yaml", "config/crd/bases/keda.sh_triggerauthentications.yaml",
	},
	"github.com/prometheus-operator/prometheus-operator@v0.85.0": {
		"example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
		"example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
	},
}

const (
	adminToken = "admin" // of a server that lives as long as the test, on loopback
	startTime  = 2 * time.Minute
)

// cluster is an API server without nodes.
type cluster struct {
	url  string
	http *http.Client
}

// startCluster starts etcd and an API server, from the folder of `make kube`.
func startCluster(t *testing.T) *cluster {
	bin, err := filepath.Abs("../../.cache/bin")
	require.NoError(t, err)
	dir := t.TempDir()
	etcd, peer, port := freePort(t), freePort(t), freePort(t)
	start(t, filepath.Join(bin, "etcd"), "--data-dir="+filepath.Join(dir, "etcd"), "--log-level=error", "--unsafe-no-fsync",
		"--listen-client-urls="+etcd.url("http"), "--advertise-client-urls="+etcd.url("http"), "--listen-peer-urls="+peer.url("http"))

	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	signing, tokens := filepath.Join(dir, "key.pem"), filepath.Join(dir, "tokens")
	require.NoError(t, os.WriteFile(signing, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o600))
	require.NoError(t, os.WriteFile(tokens, []byte(adminToken+`,admin,admin,system:masters`+"\n"), 0o600))
	start(t, filepath.Join(bin, "kube-apiserver"), "--etcd-servers="+etcd.url("http"), "--cert-dir="+filepath.Join(dir, "certificates"),
		"--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", port), "--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes", "--service-account-key-file="+signing, "--service-account-signing-key-file="+signing,
		"--token-auth-file="+tokens, "--authorization-mode=RBAC",
		"--disable-admission-plugins=ServiceAccount", // nobody makes the account of a namespace here: that is the controllers' work
		"--watch-cache=false", "-v=0")

	c := &cluster{url: port.url("https"), http: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // it has made its certificate itself, on loopback
	}}}
	var last error
	for deadline := time.Now().Add(startTime); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if _, last = c.do(http.MethodGet, "/readyz", nil, nil); last == nil {
			return c
		}
	}
	t.Fatalf("the API server is not ready: %v", last)
	return nil
}

// installCRDs makes the kinds known that others bring.
func (c *cluster) installCRDs(t *testing.T) {
	for module, files := range crds {
		out, err := exec.Command("go", "mod", "download", "-json", module).Output()
		require.NoError(t, err, "%s: %s", module, out)
		var got struct{ Dir string }
		require.NoError(t, json.Unmarshal(out, &got))
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join(got.Dir, file))
			require.NoError(t, err)
			var crd Object
			require.NoError(t, yaml.Unmarshal(text, &crd))
			name := crd["metadata"].(map[string]any)["name"].(string)
			path := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + name
			_, err = c.apply(path, crd, false)
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				var now struct {
					Status struct {
						Conditions []struct{ Type, Status string }
					}
				}
				if _, err := c.do(http.MethodGet, path, nil, &now); err != nil {
					return false
				}
				for _, condition := range now.Status.Conditions {
					if condition.Type == "Established" && condition.Status == "True" {
						return true
					}
				}
				return false
			}, startTime, 20*time.Millisecond, name)
		}
		t.Logf("kinds of %s", module)
	}
}

// apply has the server take an object by server-side apply, strictly: with a field that it does not know it is refused. A dry run
// goes the whole way but for the storing.
func (c *cluster) apply(path string, o Object, dry bool) (warnings []string, err error) {
	path += "?fieldManager=check&fieldValidation=Strict"
	if dry {
		path += "&dryRun=All"
	}
	header, err := c.do(http.MethodPatch, path, o, nil)
	return header.Values("Warning"), err
}

// resources of the kinds that the chart has, as the server's paths name them.
var resources = map[string]string{
	"NetworkPolicy": "networkpolicies", "Ingress": "ingresses", "TriggerAuthentication": "triggerauthentications",
}

// path is where an object of the namespace default is.
func (c *cluster) path(o Object) string {
	version, kind := o["apiVersion"].(string), o["kind"].(string)
	resource, ok := resources[kind]
	if !ok {
		resource = strings.ToLower(kind) + "s"
	}
	at := "/apis/" + version
	if !strings.Contains(version, "/") {
		at = "/api/" + version
	}
	return at + "/namespaces/default/" + resource + "/" + o["metadata"].(map[string]any)["name"].(string)
}

// do sends a request, and fills in the answer if into is not nil.
func (c *cluster) do(method, path string, body, into any) (http.Header, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequest(method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+adminToken)
	req.Header.Set("Accept", "application/json")
	if method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/apply-patch+yaml") // JSON is YAML
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	if into == nil {
		return resp.Header, nil
	}
	return resp.Header, json.Unmarshal(answer, into)
}

type port int

func (p port) url(scheme string) string { return fmt.Sprintf("%s://127.0.0.1:%d", scheme, p) }

// freePort returns a port from below those that the system gives to clients, of which the first program has many before the
// second listens.
func freePort(t *testing.T) port {
	for range 100 {
		p := 20000 + mrand.IntN(12000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p)); err == nil {
			require.NoError(t, l.Close())
			return port(p)
		}
	}
	t.Fatal("no free port on loopback")
	return 0
}

// start runs a program until the test ends, and shows what it said if that fails.
func start(t *testing.T, program string, args ...string) {
	require.FileExists(t, program, "make kube builds it")
	var said bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // what it was ended by is known
		if t.Failed() {
			t.Logf("%s: %s", filepath.Base(program), said.Bytes())
		}
	})
}
