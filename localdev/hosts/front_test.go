package hosts_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/hosts"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	api    = "abcdefghij.execute-api.eu-west-1.amazonaws.com"
	custom = "ws.example.com"
)

// service tells which host and path it was asked for.
func service(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.Host+" "+r.URL.EscapedPath())
	}))
	t.Cleanup(s.Close)
	return s
}

func listen(t *testing.T, o hosts.Options) *hosts.Front {
	t.Helper()
	if o.Data == "" {
		o.Data = t.TempDir()
	}
	address := service(t).Listener.Addr().String()
	o.Targets = map[string]string{api: address, custom: address, "lambda.eu-west-1.amazonaws.com": address}
	f, err := hosts.Listen(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return f
}

// transport is what a process with the Front's environment would use.
func transport(t *testing.T, f *hosts.Front) *http.Transport {
	t.Helper()
	bundle, err := os.ReadFile(f.Environment()["AWS_CA_BUNDLE"])
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bundle)
	proxy, err := url.Parse(f.Environment()["HTTPS_PROXY"])
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func get(t *testing.T, tr http.RoundTripper, url string) (string, error) {
	t.Helper()
	res, err := (&http.Client{Transport: tr, Timeout: 5 * time.Second}).Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

const (
	asked = "https://" + api + "/live/@connections/Zk3TqcW1IAMCJ2w%3D"
	want  = "GET " + api + " /live/@connections/Zk3TqcW1IAMCJ2w%3D"
)

func TestFront_AnswersForItsHostsByProxy(t *testing.T) {
	tr := transport(t, listen(t, hosts.Options{}))
	for range 2 {
		if got, err := get(t, tr, asked); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

func TestFront_ServicesSeeTheirOwnAddress(t *testing.T) {
	got, err := get(t, transport(t, listen(t, hosts.Options{})), "https://lambda.eu-west-1.amazonaws.com/path")
	if err != nil || !strings.HasPrefix(got, "GET 127.0.0.1:") || !strings.HasSuffix(got, " /path") {
		t.Errorf("got %q, %v, want GET with an address of the loopback, and the path", got, err)
	}
}

// A custom domain of an API is seen as it was asked for.
func TestFront_CustomDomains(t *testing.T) {
	got, err := get(t, transport(t, listen(t, hosts.Options{Domains: []string{custom}})), "https://"+custom+"/chat/@connections/x")
	if want := "GET " + custom + " /chat/@connections/x"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestFront_AnswersForItsHostsByTLS(t *testing.T) {
	f := listen(t, hosts.Options{})
	tr := transport(t, f)
	tr.Proxy = nil
	tr.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, f.Addr())
	}
	if got, err := get(t, tr, asked); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if got, err := get(t, tr, "https://another.execute-api.eu-west-1.amazonaws.com/"); err == nil {
		t.Errorf("another host: got %q, want a failed handshake", got)
	}
}

func TestFront_PassesOtherHostsOn(t *testing.T) {
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "other") }))
	defer other.Close()
	tr := transport(t, listen(t, hosts.Options{}))
	tr.TLSClientConfig = other.Client().Transport.(*http.Transport).TLSClientConfig // its own certificate reaches the client
	if got, err := get(t, tr, other.URL); err != nil || got != "other" {
		t.Errorf("got %q, %v, want other", got, err)
	}
	tr.CloseIdleConnections()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	if _, err := get(t, tr, "https://"+nobody.Addr().String()); err == nil || !strings.Contains(err.Error(), "Bad Gateway") {
		t.Errorf("a host that does not answer: got %v, want Bad Gateway", err)
	}
}

func TestFront_OfflineRefusesOtherHosts(t *testing.T) {
	other := httptest.NewTLSServer(http.NotFoundHandler())
	defer other.Close()
	tr := transport(t, listen(t, hosts.Options{Offline: true}))
	if _, err := get(t, tr, other.URL); err == nil || !strings.Contains(err.Error(), "Forbidden") {
		t.Errorf("got %v, want Forbidden", err)
	}
	if got, err := get(t, tr, asked); err != nil || got != want {
		t.Errorf("its own host: got %q, %v, want %q", got, err, want)
	}
}

func TestFront_IsNoOrdinaryProxy(t *testing.T) {
	f := listen(t, hosts.Options{})
	res, err := http.Get("http://" + f.Addr() + "/")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d, want 405", res.StatusCode)
	}
}

func TestAuthority_IsKeptAndItsOwners(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "authority")
	read := func() string {
		content, err := os.ReadFile(filepath.Join(dir, "authority.pem"))
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	listen(t, hosts.Options{Data: dir})
	first := read()
	f := listen(t, hosts.Options{Data: dir})
	if read() != first {
		t.Error("a second start made another authority")
	}
	info, err := os.Stat(filepath.Join(dir, "authority.key"))
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("mode of the key: got %o, want 600", got)
	}
	conn, err := tls.Dial("tcp", f.Addr(), &tls.Config{ServerName: api, InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	leaf := conn.ConnectionState().PeerCertificates[0]
	if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 26*time.Hour || leaf.IsCA || leaf.VerifyHostname(api) != nil {
		t.Errorf("leaf: got life %s, authority %v, for %v, want a day, no authority, for %s", life, leaf.IsCA, leaf.DNSNames, api)
	}
	if err := os.WriteFile(filepath.Join(dir, "authority.key"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := hosts.Listen(hosts.Options{Data: dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a broken key: got %v, want an error that names %s", err, dir)
	}
}
