package gateway

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/gateway/throttle"

	"github.com/gobwas/ws"
)

// The document lists the options that there are, with the values that there are.
func TestUncertain_DocumentAndSwitchesAgree(t *testing.T) {
	text, err := os.ReadFile("UNCERTAIN.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, known []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| ([^|]+) \\|").FindAllStringSubmatch(string(text), -1) {
		documented = append(documented, row[1]+": "+strings.ReplaceAll(strings.TrimSpace(row[2]), "`", ""))
	}
	for _, s := range Switches() {
		known = append(known, s.Name+": "+s.Values)
	}
	if slices.Sort(documented); !slices.Equal(documented, known) {
		t.Errorf("UNCERTAIN.md has\n%s\nwant\n%s", strings.Join(documented, "\n"), strings.Join(known, "\n"))
	}
}

func TestOptions_Set(t *testing.T) {
	var o Options
	for _, s := range []string{
		"account-quotas=on", "api-keys=a,b", "authorizer-timeout=10s", "connect-timeout-status=500", "control-pings=reset-idle",
		"credentials=k:s:t", "gone-body=json", "lost-code=1005", "permissions=ignored", "plain-request-status=403", "push-frames=whole",
		"reserved-keys=forbidden", "signatures=verified", "throttled-message=Slow down", "two-way-errors=replaced", "unreachable-status=502",
	} {
		name, value, _ := strings.Cut(s, "=")
		if err := o.Set(name, value); err != nil {
			t.Error(err)
		}
	}
	want := Uncertain{
		Signatures: SignaturesVerified, ControlPingResetsIdle: true, ReplaceTwoWayErrors: true, WholePushes: true,
		ReservedKeysForbidden: true, GoneBody: true, ThrottledMessage: "Slow down", AuthorizerTimeout: 10 * time.Second,
		TimeoutStatus: 500, UnreachableStatus: 502, PlainStatus: 403, LostCode: 1005,
		PermissionsIgnored: true,
	}
	if o.Uncertain != want || !o.AccountQuotas || len(o.APIKeys) != 2 || o.Credentials["k"] != "s:t" {
		t.Errorf("got %+v", o)
	}
	for _, s := range Switches() {
		first, _, _ := strings.Cut(s.Values, ",")
		if err := o.Set(s.Name, first); err != nil {
			t.Errorf("default of %s: %v", s.Name, err)
		}
		if s.Name != "throttled-message" && s.Name != "api-keys" && o.Set(s.Name, "no such value") == nil {
			t.Errorf("%s: any value is taken", s.Name)
		}
	}
	if err := o.Set("unknown", "x"); err == nil || !strings.Contains(err.Error(), "control-pings") {
		t.Errorf("unknown option: got %v, want the names that there are", err)
	}
}

func TestUncertain_Switched(t *testing.T) {
	api, fn := testAPI(), testFunctions()
	api.Routes["once"] = twoWay("twoway")
	api.Throttle.Routes = map[string]Rate{"once": {PerSecond: 1e-9, Burst: 1}}
	e := start(t, setup{api: &api, fn: fn, opts: &Options{Uncertain: Uncertain{
		WholePushes: true, ReservedKeysForbidden: true, GoneBody: true, ThrottledMessage: "Slow down", PlainStatus: 400, LostCode: 1005,
	}}})
	c := e.connect(t)
	c.send(text(`{"type":"$connect"}`))
	c.wantErrorFrame("Forbidden")
	c.send(text(`{"type":"once"}`))
	c.wantText(`{"type":"once"}`)
	c.send(text(`{"type":"once"}`))
	c.wantErrorFrame("Slow down")
	if err := e.Post(t.Context(), c.id, make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
	if f := c.frame(); f.Header.Length != 100<<10 || f.Header.OpCode != ws.OpText {
		t.Errorf("push: got a frame of %d bytes, want it whole", f.Header.Length)
	}
	if _, body := e.manage(t, call{"POST", "/@connections/AAAAAAAAAAAAAAA=", "", signature}); body != `{"message":"Gone"}` {
		t.Errorf("410: got body %q", body)
	}
	plain := e.dialTCP(t)
	plain.send([]byte("GET /live HTTP/1.1\r\nHost: x\r\n\r\n"))
	if r := plain.response(); r.StatusCode != 400 {
		t.Errorf("plain request: got %d, want 400", r.StatusCode)
	}
	c.nc.Close()
	e.wantDisconnect(t, 1005, "")
}

// The account's quotas are shared by handshakes, messages and pushes.
func TestThrottle_7_AccountQuotas(t *testing.T) {
	now := time.Unix(0, 0)
	a := throttle.NewAccount()
	connects, requests := 0, 0
	for range 1000 {
		if a.TakeConnect(now) {
			connects++
		}
	}
	for range 10_000 {
		if a.TakeRequest(now) {
			requests++
		}
	}
	if connects != 500 || requests != 4500 {
		t.Errorf("got %d connects and %d requests at once, want 500 and 4,500", connects, requests)
	}
	if now = now.Add(100 * time.Millisecond); !a.TakeConnect(now) {
		t.Error("a moment later: no connect goes through")
	}
	e := start(t, setup{opts: &Options{AccountQuotas: true}})
	c := e.connect(t)
	e.account.Requests = throttle.New(Rate{PerSecond: 1e-9, Burst: 1})
	c.send(text(`{"type":"twoway"}`))
	c.wantText(`{"type":"twoway"}`)
	c.send(text(`{"type":"twoway"}`))
	c.wantErrorFrame("Too Many Requests")
	if r, _ := e.manage(t, call{"POST", "/@connections/" + c.id, "x", signature}); r.StatusCode != 429 {
		t.Errorf("push: got %d, want 429", r.StatusCode)
	}
	if r := e.dialTCP(t).handshake("/live"); r.StatusCode != 429 {
		t.Errorf("handshake: got %d, want 429", r.StatusCode)
	}
}
