package hosts_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/hosts"
)

// Whatever a client sends, it gets an answer of HTTP, one of TLS, or the end; and
// an offline Front never says that it has connected anything but its own hosts.
func FuzzFront(f *testing.F) {
	for _, seed := range []string{
		"", "\x16\x03\x01\x00\x05hello", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "CONNECT x HTTP/1.1\r\n\r\n",
		"CONNECT " + api + ":443 HTTP/1.1\r\nHost: " + api + "\r\n\r\n\x16\x03\x01", "CONNECT other:443 HTTP/1.1\r\n\r\n",
		"CONNECT [::1]:1 HTTP/1.0\r\n\r\n", "CONNECT :443 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
	} {
		f.Add(seed)
	}
	front, err := hosts.Listen(hosts.Options{Data: f.TempDir(), Offline: true, Targets: map[string]string{api: "127.0.0.1:1"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = front.Close() })
	f.Fuzz(func(t *testing.T, sent string) {
		answer := ask(t, front.Addr(), sent)
		if strings.HasPrefix(answer, "HTTP/1.1 200") {
			if _, after, _ := strings.Cut(sent, "CONNECT"); !strings.HasPrefix(strings.ToLower(strings.TrimLeft(after, " ")), api) {
				t.Errorf("%q: connected: got %q", sent, answer)
			}
			return
		}
		if answer != "" && answer[0] != 21 && answer[0] != 22 && !strings.HasPrefix(answer, "HTTP/1.1 4") {
			t.Errorf("%q: got %q, want a status of HTTP, a record of TLS, or nothing", sent, answer)
		}
	})
}

// ask sends bytes, and reads all that comes back.
func ask(t *testing.T, addr, sent string) string {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tcp := c.(*net.TCPConn)
	_ = tcp.SetLinger(0) // thousands of these a minute
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, sent) // fails when the other side has enough
	_ = tcp.CloseWrite()
	answer, err := io.ReadAll(c)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Errorf("%q: no end within 20 s, got %q", sent, answer)
	}
	return string(answer)
}
