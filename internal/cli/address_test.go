package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAddress_IsCalledByTheEndOfItsPathAndToldOfWithoutItsQuery(t *testing.T) {
	for arg, want := range map[string]struct{ name, shown string }{
		"part.step":                             {"part.step", "part.step"},
		"a/b?c#d.step":                          {"b?c#d.step", "a/b?c#d.step"}, // a file of this machine may be called so
		"https://files.example.com/a/part.step": {"part.step", "https://files.example.com/a/part.step"},
		"https://files.example.com/a/part.step?sig=s#x":   {"part.step", "https://files.example.com/a/part.step"},
		"https://files.example.com?sig=s":                 {"files.example.com", "https://files.example.com"},
		"https://files.example.com/a%2Fb.step":            {"b.step", "https://files.example.com/a%2Fb.step"},
		"https://files.example.com/Tr%C3%A4ger.step?":     {"Träger.step", "https://files.example.com/Tr%C3%A4ger.step"},
		"https://files.example.com/..":                    {"..", "https://files.example.com/.."},
		"https://files.example.com:8443/x/?versionId=abc": {"x", "https://files.example.com:8443/x/"},
	} {
		require.Equal(t, want.name, baseName(arg), arg)
		require.Equal(t, want.shown, shown(arg), arg)
	}
}

func TestAddressThatIsNone_IsRefusedBeforeAnythingIsSent(t *testing.T) {
	for arg, why := range map[string]string{
		"ftp://example.com/x.step": "ftp://", "file:///etc/passwd": "is no address", "https://": "is no address", "https://[::1": "is no address",
		"https://me:secret@example.com/x.step": "name or password", "://x": "is no address", "s3://bucket/x.step": "begins with https://",
	} {
		err := (&submitOptions{}).sendable(arg)
		require.ErrorContains(t, err, why, arg)
		require.Equal(t, exitUsage, exitCode(err))
		require.NotContains(t, about(arg, err).Error(), "secret")
	}
	require.NoError(t, (&submitOptions{}).sendable("https://example.com/x.step?sig=s"))
}

func TestFilesOfOneName_AreRefusedWithoutTheSignatures(t *testing.T) {
	to := targets{paths: []string{t.TempDir() + "/"}}
	err := to.check([]string{"https://a.example/part.step?X-Amz-Signature=s3cret", "https://b.example/part.step?sig=s3cret"})
	require.ErrorContains(t, err, "https://a.example/part.step and https://b.example/part.step would both be written to")
	require.NotContains(t, err.Error(), "s3cret")
}
