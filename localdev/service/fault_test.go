package service_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bellhop/localdev/fault"
	"bellhop/localdev/observe"
	"bellhop/localdev/service"
	"bellhop/shared/handler"
)

// faults asks the API of faults; headers are pairs.
func (e *env) faults(method, path, body string, headers ...string) (int, string) {
	e.t.Helper()
	req, err := http.NewRequest(method, "http://"+e.addr+fault.Path+path, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := e.http.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// underFire is every fault that a plan knows, at once.
const underFire = `{"seed":%d,"push_drop":0.3,"push_429":0.05,"push_500":0.05,"push_delay":"2ms","vanish":0.01,
	"lose_disconnect":0.3,"function_crash":0.05,"function_delay":"2ms","connect_rate":500}`

// TestKill_UnderFaults is the product's promise where everything goes wrong that
// can: a device that is cut at random, while pushes get lost, are refused and
// come late, connections vanish and functions crash before and after their work,
// still ends with each notification once, in order. The publishers do what the
// README asks of them: they try again what failed, under the same id.
func TestKill_UnderFaults(t *testing.T) {
	const lives, notifications = 40, 200
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64() >> 11
	}
	t.Logf("seed %d: go test -run %s -args -kill.seed=%d", seed, t.Name(), seed)
	e := start(t, unlimited())
	v := newVictim(e, seed)
	v.want, v.faulty, v.maxLife = notifications, true, 8*maxLife
	if status, answer := e.faults("PUT", "", fmt.Sprintf(underFire, seed)); status != 200 {
		t.Fatalf("PUT: got %d %s", status, answer)
	}
	var done atomic.Int64
	turn := make(chan struct{}, lives)
	var wg sync.WaitGroup
	for range publishers {
		wg.Go(func() {
			for n := done.Add(1); n <= notifications; n = done.Add(1) {
				if n%(notifications/lives) == 0 {
					<-turn
				}
				e.publishUntilTaken(n)
			}
		})
	}
	for range lives {
		turn <- struct{}{}
		v.live(t)
	}
	wg.Wait()
	var state fault.State
	_, answer := e.faults("GET", "", "")
	if err := json.Unmarshal([]byte(answer), &state); err != nil || state.Planted["function_crash"] == 0 || state.Planted["push_drop"] == 0 {
		t.Errorf("planted: got %s, %v, want crashes and drops", answer, err)
	}
	if status, answer := e.faults("DELETE", "", ""); status != 204 || answer != "" {
		t.Errorf("DELETE: got %d %s, want 204", status, answer)
	}
	v.finish(t)
	v.check(t)
}

func (e *env) publishUntilTaken(n int64) {
	for range 100 {
		answer, err := e.publishInProcess(order("ada", fmt.Sprint(n), fmt.Sprintf(`,"id":"%d"`, n)))
		if err == nil && answer.Error == nil && answer.Results[0].Outcome != handler.Failed {
			return
		}
	}
	e.t.Errorf("publish %d: failed 100 times", n)
}

func TestFaults_CutAndVanish(t *testing.T) {
	e := start(t, service.Options{})
	d := e.connect("ada")
	if status, answer := e.faults("POST", "/cut", ""); status != 200 || answer != `{"cut":1}` {
		t.Errorf("cut: got %d %s, want one", status, answer)
	}
	if err := d.wantEnd(); err == nil {
		t.Error("after the cut the connection is still there")
	}
	gone := e.connect("bob")
	if status, answer := e.faults("POST", "/vanish", ""); status != 200 || !strings.HasPrefix(answer, `{"vanished":["`) {
		t.Errorf("vanish: got %d %s, want an id", status, answer)
	}
	// Nobody notices: publish believes that bob's device has it.
	if results := e.publish(order("bob", "lost", "")); results[0].Outcome != handler.Live {
		t.Errorf("publish to a vanished device: got %s, want live", results[0].Outcome)
	}
	gone.Abort()
	again := e.connect("bob") // and the log has it all the same
	if got := again.Welcome(); got.Unread != 1 {
		t.Errorf("unread on the next device: got %d, want 1", got.Unread)
	}
}

func TestFaults_RefusesOtherSitesAndBadPlans(t *testing.T) {
	e := start(t, service.Options{})
	for _, tt := range []struct {
		name, method, path, body string
		headers                  []string
		status                   int
	}{
		{"Own", "PUT", "", `{}`, []string{"Origin", "http://" + e.addr, "Sec-Fetch-Site", "same-origin"}, 200},
		{"OtherOrigin", "POST", "/cut", "", []string{"Origin", "https://evil.example"}, 403},
		{"NullOrigin", "POST", "/cut", "", []string{"Origin", "null"}, 403},
		{"CrossSite", "GET", "", "", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"ReboundName", "GET", "", "", []string{"Host", "evil.example"}, 403},
		{"BadPlan", "PUT", "", `{"push_drop":2}`, nil, 400},
		{"UnknownFault", "PUT", "", `{"push_dorp":0.1}`, nil, 400},
		{"BadVanish", "POST", "/vanish", `[]`, nil, 400},
		{"Method", "POST", "", `{}`, nil, 405},
		{"Path", "GET", "/other", "", nil, 404},
	} {
		if status, answer := e.faults(tt.method, tt.path, tt.body, tt.headers...); status != tt.status {
			t.Errorf("%s: got %d %s, want %d", tt.name, status, answer, tt.status)
		}
	}
}

// An observer of the service sees who invoked what, with the whole event, and
// also what the gateway has no part in.
func TestObserve_Invocations(t *testing.T) {
	hub := &observe.Hub{}
	recorder := observe.NewRecorder(1 << 20)
	defer hub.Subscribe(recorder)()
	e := start(t, service.Options{Observe: hub})
	d := e.connect("ada")
	e.publish(order("ada", "hello", ""))
	d.wantTitle("hello")
	events, _ := recorder.Since(0)
	starts := map[string]observe.Event{}
	for _, event := range events {
		switch event.Kind {
		case observe.InvokeStart:
			starts[event.RequestID] = event
		case observe.InvokeEnd:
			began, ok := starts[event.RequestID]
			if !ok || began.Function != event.Function || event.Took <= 0 || event.Error != "" {
				t.Errorf("end of %s: got %+v, want a start before it and a duration", event.Function, event)
			}
		}
	}
	want := map[string]string{
		"bellhop-authorizer": `"methodArn"`, "bellhop-connect": `"eventType":"CONNECT"`,
		"bellhop-message": `"messageId"`, "bellhop-publish": `"hello"`,
	}
	for _, began := range starts {
		found, ok := recorder.Find(began.Seq)
		if text := want[began.Function]; text != "" && (!ok || !strings.Contains(string(found.Payload), text)) {
			t.Errorf("%s: got payload %s, want %s in it", began.Function, found.Payload, text)
		}
		if message := began.Function == "bellhop-message"; message && began.User != "ada" {
			t.Errorf("%s: got user %q, want ada", began.Function, began.User)
		}
		if gateways := began.Function != "bellhop-publish" && began.Function != "bellhop-sessions"; gateways != (began.Connection != "") {
			t.Errorf("%s: got connection %q", began.Function, began.Connection)
		}
		delete(want, began.Function)
	}
	if len(want) > 0 {
		t.Errorf("never seen: %v", want)
	}
}
