package inspector

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"bellhop/localdev/observe"

	"github.com/valyala/fasthttp"
)

const secret = "hUnTeR-2-hUnTeR"

func TestStream_ListensOnlyWhileAPageIsOpen(t *testing.T) {
	e := start(t)
	if e.hub.On() {
		t.Error("before a page is open: got a subscriber, want none")
	}
	first, second := e.open(""), e.open("")
	first.want(recording)
	second.want(recording)
	if !e.hub.On() {
		t.Error("with two pages: got no subscriber")
	}
	first.Close()
	until(t, "the first page's end", func() bool { return e.openPages() == 1 })
	if !e.hub.On() {
		t.Error("with one page: got no subscriber")
	}
	second.Close()
	until(t, "no subscriber", func() bool { return !e.hub.On() })
}

// openPages is how many pages are open.
func (i *Inspector) openPages() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.pages
}

func TestStream_TellsMaskedRows(t *testing.T) {
	e := start(t)
	p := e.open("")
	if got := p.Response.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type: got %q", got)
	}
	if got := p.Response.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("Access-Control-Allow-Origin: got %q, want none", got)
	}
	p.want(recording)
	e.hub.Emit(observe.Event{
		Kind: observe.InvokeStart, API: "a/live", Connection: "c", User: "ada", Function: "authorizer", Route: "$connect", RequestID: "r",
		Payload: []byte(`{"headers":{"Cookie":"sessionid=` + secret + `"},"body":"{\"token\":\"` + secret + `\"}"}`),
	})
	e.hub.Emit(observe.Event{Kind: observe.InvokeEnd, RequestID: "r", Took: 1500 * time.Microsecond, Error: "no session Bearer " + secret})
	e.hub.Emit(observe.Event{Kind: observe.Disconnect, Status: 1008, Detail: "token=" + secret})
	began, ended, left := p.want(observe.InvokeStart), p.want(observe.InvokeEnd), p.want(observe.Disconnect)
	if want := `{"headers":{"Cookie":"sessionid=[masked]"},"body":"{\"token\":\"[masked]\"}"}`; began.Text != want || began.Cut {
		t.Errorf("payload: got %s, want %s", began.Text, want)
	}
	if began.User != "ada" || began.Connection != "c" || began.Function != "authorizer" || began.Route != "$connect" {
		t.Errorf("start: got %+v", began)
	}
	if ended.RequestID != "r" || ended.Took != 1500*time.Microsecond || ended.Error != "no session Bearer [masked]" {
		t.Errorf("end: got %+v", ended)
	}
	if left.Detail != "token=[masked]" {
		t.Errorf("detail: got %q", left.Detail)
	}
	_, whole := e.get("/events/" + began.ID)
	if strings.Contains(whole, secret) || !strings.Contains(whole, `\n    \"Cookie\": \"sessionid=[masked]\"`) {
		t.Errorf("whole event: got %s", whole)
	}
}

func TestRow_IsCutBetweenCharacters(t *testing.T) {
	e := start(t)
	p := e.open("")
	p.want(recording)
	e.hub.Emit(observe.Event{Kind: observe.FrameIn, Payload: []byte("a" + strings.Repeat("é", rowText))})
	r := p.want(observe.FrameIn)
	if want := "a" + strings.Repeat("é", rowText/2-1); r.Text != want || !r.Cut || r.Size != 1+2*rowText {
		t.Errorf("got %d bytes, cut %v, size %d, want %d, true, %d", len(r.Text), r.Cut, r.Size, len(want), 1+2*rowText)
	}
	var whole row
	if _, body := e.get("/events/" + r.ID); json.Unmarshal([]byte(body), &whole) != nil || len(whole.Text) != r.Size || whole.Cut {
		t.Errorf("whole: got %d bytes, cut %v", len(whole.Text), whole.Cut)
	}
}

// A page that comes back gets what came since, a new one what is kept, and one
// that was open on an earlier service everything.
func TestStream_GoesOnAfterTheLastRow(t *testing.T) {
	e := start(t)
	p := e.open("")
	p.want(recording)
	var ids []string
	for _, text := range []string{"one", "two", "three"} {
		e.hub.Emit(observe.Event{Kind: observe.FrameIn, Payload: []byte(text)})
		ids = append(ids, p.want(observe.FrameIn).ID)
	}
	back := e.open(ids[0])
	if got := back.want(observe.FrameIn).Text + " " + back.want(observe.FrameIn).Text; got != "two three" {
		t.Errorf("after the first: got %s, want two three", got)
	}
	for _, after := range []string{"", "other.3", "nonsense", e.run + ".x"} {
		other := e.open(after)
		other.want(recording)
		if got := other.want(observe.FrameIn).Text; got != "one" {
			t.Errorf("after %q: got %s, want one", after, got)
		}
	}
	if ids[0] >= ids[1] || ids[1] >= ids[2] {
		t.Errorf("ids: got %v, want them to rise", ids)
	}
}

// What happened while no page was open is not there, and a row says so.
func TestStream_SaysSinceWhenItRecords(t *testing.T) {
	e := start(t)
	p := e.open("")
	p.want(recording)
	e.hub.Emit(observe.Event{Kind: observe.FrameIn, Payload: []byte("kept")})
	last := p.want(observe.FrameIn)
	p.Close()
	until(t, "no subscriber", func() bool { return !e.hub.On() })
	e.hub.Emit(observe.Event{Kind: observe.FrameIn, Payload: []byte("unseen")})
	back := e.open("")
	back.want(recording)
	if got := back.want(observe.FrameIn); got.ID != last.ID {
		t.Errorf("got %+v, want what was kept", got)
	}
	back.want(recording)
	e.hub.Emit(observe.Event{Kind: observe.FrameOut})
	back.want(observe.FrameOut)
}

// A page that does not read holds nobody up, and learns what it missed.
func TestStream_SlowPageSkipsRows(t *testing.T) {
	e := start(t)
	e.recorder = observe.NewRecorder(256 << 10)
	p := e.open("")
	p.want(recording)
	const events = 50_000 // far more than the kernel's buffers and the recorder hold
	payload := []byte(strings.Repeat("x", 1000))
	began := time.Now()
	for range events {
		e.hub.Emit(observe.Event{Kind: observe.FrameIn, Payload: payload})
	}
	if took := time.Since(began); took > patience {
		t.Errorf("the service waited: %v", took)
	}
	rows, skipped := 0, 0
	for rows+skipped < events {
		if m := p.Next(); m.Type == "skipped" {
			n, _ := strconv.Atoi(m.Data)
			skipped += n
		} else {
			rows++
		}
	}
	if rows+skipped != events || skipped == 0 {
		t.Errorf("got %d rows and %d skipped, want %d in all, some of them skipped", rows, skipped, events)
	}
}

func TestStream_NoMoreThanSixteenPages(t *testing.T) {
	e := start(t)
	for range maxPages {
		p := e.open("")
		p.want(recording)
	}
	if p := e.open(""); p.Response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more: got %d, want 503", p.Response.StatusCode)
	}
}

func TestClose_EndsOpenPages(t *testing.T) {
	e := start(t)
	p := e.open("")
	p.want(recording)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if _, err := io.ReadAll(p.Response.Body); err != nil {
		t.Errorf("the stream: got %v, want its end", err)
	}
	if e.hub.On() {
		t.Error("after Close: got a subscriber")
	}
	if res, _ := e.get("/events"); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new page: got %d, want 503", res.StatusCode)
	}
}

func TestPayload_IsWhatTheFunctionWasGiven(t *testing.T) {
	e := start(t)
	p := e.open("")
	p.want(recording)
	given := "{ \"b\": 1.50,\n \"a\":\"\\u00e9<&>\", \"token\":\"" + secret + "\" }"
	e.hub.Emit(observe.Event{Kind: observe.InvokeStart, Function: `bell"hop/../publish`, Payload: []byte(given)})
	e.hub.Emit(observe.Event{Kind: observe.InvokeEnd, Payload: []byte(given)})
	e.hub.Emit(observe.Event{Kind: observe.FrameIn, Payload: []byte(given)})
	began, ended, frame := p.want(observe.InvokeStart), p.want(observe.InvokeEnd), p.want(observe.FrameIn)
	res, body := e.get("/events/"+began.ID+"/payload", "Sec-Fetch-Site", "same-origin")
	if body != given {
		t.Errorf("payload: got %q, want %q", body, given)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
		"Content-Disposition": `attachment; filename="bell-hop-..-publish-2.json"`, "Cross-Origin-Resource-Policy": "same-origin",
		"Access-Control-Allow-Origin": "",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for _, id := range []string{ended.ID, frame.ID, "other.2", e.run + ".99", e.run + ".0", "", "2"} {
		if res, body := e.get("/events/" + id + "/payload"); res.StatusCode != http.StatusNotFound || strings.Contains(body, secret) {
			t.Errorf("payload of %q: got %d %s, want 404", id, res.StatusCode, body)
		}
	}
}

func TestServe_RefusesOtherSitesMethodsAndMachines(t *testing.T) {
	e := start(t)
	p := e.open("")
	p.want(recording)
	e.hub.Emit(observe.Event{Kind: observe.InvokeStart, Payload: []byte(`{"a":"` + secret + `"}`)})
	id := p.want(observe.InvokeStart).ID
	for _, path := range []string{"/events", "/events/" + id, "/events/" + id + "/payload"} {
		for _, site := range []string{"cross-site", "same-site"} {
			if res, body := e.get(path, "Sec-Fetch-Site", site); res.StatusCode != http.StatusForbidden || strings.Contains(body, secret) {
				t.Errorf("%s from %s: got %d %s, want 403", path, site, res.StatusCode, body)
			}
		}
		if res, _ := e.ask("POST", path); res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: got %d, want 405", path, res.StatusCode)
		}
	}
	for _, path := range []string{"/", "/static/", "/static/../row.go", "/event", "/events/"} {
		if res, _ := e.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, res.StatusCode)
		}
	}
	if status := fromElsewhere(t, e.Inspector, Path); status != http.StatusForbidden {
		t.Errorf("from another machine: got %d, want 403", status)
	}
}

// fromElsewhere is the status of a request that comes from no loopback address.
func fromElsewhere(t *testing.T, i *Inspector, path string) int {
	t.Helper()
	var ctx fasthttp.RequestCtx
	request := &fasthttp.Request{}
	request.SetRequestURI(path)
	ctx.Init(request, &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, nil)
	i.Serve(&ctx)
	return ctx.Response.StatusCode()
}

func TestMatches(t *testing.T) {
	for path, want := range map[string]bool{
		"/_inspector": true, "/_inspector/": true, "/_inspector/events": true, "/_inspectors": false, "/": false, "/x/_inspector": false,
	} {
		if got := Matches(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
}
