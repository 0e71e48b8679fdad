package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"bellhop/localdev/client"
	"bellhop/localdev/service"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func TestPublish_ReachesEveryDeviceOfTheUserAndNoOther(t *testing.T) {
	e := start(t, service.Options{})
	phone, laptop, other := e.connect("ada"), e.connect("ada"), e.connect("grace")

	r := e.publish(order("ada", "On its way", ""))[0]
	if r.Outcome != handler.Live || r.Reached != 2 || r.Offset != 1 || r.Epoch == "" || r.ID == "" || r.Duplicate {
		t.Errorf("result: got %+v, want live, 2 reached, offset 1", r)
	}
	for _, d := range []device{phone, laptop} {
		c := d.wantTitle("On its way")
		if c.Offset != r.Offset || c.Epoch != r.Epoch {
			t.Errorf("position: got %v, want %s/%d", c.Position, r.Epoch, r.Offset)
		}
		if c.Counts == nil || *c.Counts != (protocol.Counts{Unread: 1, Unseen: 1}) {
			t.Errorf("badge: got %+v, want 1 unread, 1 unseen", c.Counts)
		}
	}
	// What reaches grace first is what was sent to her.
	e.publish(order("grace", "Hers", ""))
	other.wantTitle("Hers")
}

func TestPublish_AnAbsentDeviceGetsItWithHello(t *testing.T) {
	e := start(t, service.Options{})
	session := e.signIn("ada")
	d := e.dial(asPage(session.Token))
	d.next()
	d.Abort()
	away := d.Position()
	e.awaitNobody(t, "ada")

	if r := e.publish(order("ada", "First", ""))[0]; r.Offset != 1 || r.Epoch != away.Epoch {
		t.Errorf("result: got %+v, want offset 1 in epoch %s", r, away.Epoch)
	}
	if r := e.publish(order("ada", "Second", ""))[0]; r.Outcome != handler.Stored || r.Reached != 0 {
		t.Errorf("result: got %+v, want stored", r)
	}
	o := asPage(session.Token)
	o.Epoch, o.Offset = away.Epoch, away.Offset
	back := e.dial(o)
	if w := back.Welcome(); !w.Recovered || w.User != "ada" || w.Unread != 2 || w.Keepalive == 0 || !w.Expires.Equal(session.Expires) {
		t.Errorf("welcome: got %+v, want recovered, 2 unread, expires %v", w, session.Expires)
	}
	back.wantTitle("First")
	if c := back.wantTitle("Second"); c.Offset != 2 {
		t.Errorf("offset: got %d, want 2", c.Offset)
	}
}

// awaitNobody waits until the gateway has noticed that the user's last device is
// gone.
func (e *env) awaitNobody(t *testing.T, user string) {
	t.Helper()
	request := `{"users":["` + user + `"],"store":false,"notification":` + event("Anybody?", "") + `}`
	for ctx := within(t); e.publish(request)[0].Outcome != handler.Dropped; {
		if err := ctx.Err(); err != nil {
			t.Fatalf("%s's device is still there: %v", user, err)
		}
	}
}

func TestPublish_LiveOnlyIsNotKept(t *testing.T) {
	e := start(t, service.Options{})
	request := `{"users":["ada"],"store":false,"notification":` + event("Typing", "") + `}`
	if r := e.publish(request)[0]; r.Outcome != handler.Dropped || r.Offset != 0 {
		t.Errorf("nobody there: got %+v, want dropped without an offset", r)
	}
	d := e.connect("ada")
	if r := e.publish(request)[0]; r.Outcome != handler.Live || r.Reached != 1 || r.Offset != 0 {
		t.Errorf("one there: got %+v, want live", r)
	}
	if c := d.wantTitle("Typing"); c.Notification.Offset != 0 || c.Offset != 0 {
		t.Errorf("position: got %+v, want none of its own", c)
	}
	listed, err := d.List(within(t), protocol.List{})
	if err != nil || len(listed.Items) != 0 {
		t.Errorf("list: got %+v, %v, want nothing", listed, err)
	}
}

func TestPublish_SameIDTwiceIsOneNotification(t *testing.T) {
	e := start(t, service.Options{})
	d := e.connect("ada")
	first := e.publish(order("ada", "Once", `,"id":"4711"`))[0]
	again := e.publish(order("ada", "Once", `,"id":"4711"`))[0]
	if !again.Duplicate || again.Offset != first.Offset || again.ID != "4711" || again.Outcome != handler.Live {
		t.Errorf("again: got %+v, want a duplicate of %+v", again, first)
	}
	other := e.publish(order("ada", "Twice?", `,"id":"4711"`))[0]
	if other.Outcome != handler.Failed || other.Error == nil || other.Error.Code != protocol.Conflict || other.Error.Temporary {
		t.Errorf("other body: got %+v, want a conflict", other)
	}
	e.publish(order("ada", "Next", ""))
	d.wantTitle("Once")
	if c := d.wantTitle("Next"); c.Offset != 2 {
		t.Errorf("offset: got %d, want 2", c.Offset)
	}
}

func TestPublish_NewerTakesThePlaceOfTheSameCollapseKey(t *testing.T) {
	e := start(t, service.Options{})
	d := e.connect("ada")
	e.publish(order("ada", "1 message", `,"collapsekey":"chat"`))
	e.publish(order("ada", "2 messages", `,"collapsekey":"chat"`))
	first := d.wantTitle("1 message")
	if c := d.next(); c.Withdrawn == nil || len(c.Withdrawn.Items) != 1 || c.Withdrawn.Items[0] != first.Offset {
		t.Errorf("got %+v, want %d withdrawn", c, first.Offset)
	}
	if c := d.wantTitle("2 messages"); c.Counts.Unread != 1 {
		t.Errorf("badge: got %+v, want 1 unread", c.Counts)
	}
}

func TestPublish_BatchOf100Requests(t *testing.T) {
	e := start(t, service.Options{})
	d := e.connect("ada")
	requests := make([]string, 100)
	for i := range requests {
		requests[i] = order("ada", fmt.Sprintf("n%d", i), "")
	}
	requests[50] = `{"users":["ada"],"notification":{"source":"shop","data":{}}}`
	var got handler.Answers
	e.invoke("bellhop-publish", `{"requests":[`+strings.Join(requests, ",")+`]}`, &got)
	if len(got.Answers) != 100 {
		t.Fatalf("answers: got %d, want 100", len(got.Answers))
	}
	if err := got.Answers[50].Error; err == nil || err.Code != protocol.InvalidRequest || err.Faults[0].Field != "notification.type" {
		t.Errorf("wrong request: got %+v, want notification.type named", got.Answers[50])
	}
	last := int64(0)
	for i, a := range got.Answers {
		if i == 50 {
			continue
		}
		if len(a.Results) != 1 || a.Results[0].Outcome != handler.Live || a.Results[0].Offset != last+1 {
			t.Fatalf("answer %d: got %+v, want live at %d", i, a, last+1)
		}
		last++
		d.wantTitle(fmt.Sprintf("n%d", i))
	}
}

func TestPublish_ErrorsNameTheFaults(t *testing.T) {
	e := start(t, service.Options{})
	for _, tt := range []struct {
		name, request string
		code          protocol.Code
		field, rule   string
	}{
		{"NoType", `{"users":["ada"],"notification":{"source":"shop","data":{}}}`, protocol.InvalidRequest, "notification.type", "required"},
		{"NoUsers", `{"notification":` + event("x", "") + `}`, protocol.InvalidRequest, "users", "required"},
		{"NoNotification", `{"users":["ada"]}`, protocol.InvalidRequest, "notification", "required"},
		{"Over31KiB", order("ada", strings.Repeat("x", 31<<10), ""), protocol.InvalidRequest, "notification", "max_length"},
		{"UnknownOp", `{"op":"explode","users":["ada"]}`, protocol.UnknownType, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got handler.Answer
			e.invoke("PublishFunction", tt.request, &got)
			if got.Error == nil || got.Error.Code != tt.code || got.Error.Temporary {
				t.Fatalf("got %+v, want %s for good", got, tt.code)
			}
			if tt.field == "" {
				return
			}
			if f := got.Error.Faults; len(f) == 0 || f[0].Field != tt.field || string(f[0].Rule) != tt.rule {
				t.Errorf("faults: got %+v, want %s: %s", f, tt.field, tt.rule)
			}
		})
	}
	// Nothing of all that was stored.
	if w := e.dial(asPage(e.signIn("ada").Token)).Welcome(); w.Offset != 0 || len(w.Items) != 0 {
		t.Errorf("log: got %+v, want it empty", w)
	}
}

func TestPublish_LargestEventArrivesWhole(t *testing.T) {
	e := start(t, service.Options{})
	d := e.connect("ada")
	text := strings.Repeat("x", 31<<10-300)
	if r := e.publish(order("ada", text, ""))[0]; r.Outcome != handler.Live {
		t.Fatalf("got %+v, want live", r)
	}
	d.wantTitle(text)
}

func TestInvoke_UnknownFunctionIs404(t *testing.T) {
	e := start(t, service.Options{})
	name := "bellhop-nothing"
	_, err := e.lambda.Invoke(context.Background(), &awslambda.InvokeInput{FunctionName: &name})
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		t.Errorf("got %v, want ResourceNotFoundException", err)
	}
}

// A client that was away for more than a resume replays still gets all of it,
// in order.
func TestHello_AwayForLongerThanAReplay(t *testing.T) {
	e := start(t, service.Options{})
	d := e.connect("ada")
	e.publish(order("ada", "before", ""))
	d.wantTitle("before")
	d.Abort()
	const missed = 1100
	e.publishMany("ada", missed)
	o := asPage(e.signIn("ada").Token)
	o.Epoch, o.Offset = d.Position().Epoch, d.Position().Offset
	back := e.dial(o)
	if back.Welcome().Recovered {
		t.Error("welcome: got recovered, want the newest page")
	}
	wantMany(back, 2, missed)
}

// A replay that takes several answers keeps the order and loses nothing, also
// of items that have changed since: those stand further back in the log's order
// of changes.
func TestHello_ReplayOverSeveralAnswers(t *testing.T) {
	e := start(t, service.Options{})
	d, other := e.connect("ada"), e.connect("ada")
	d.Abort()
	const missed = 350
	e.publishMany("ada", missed)
	wantMany(other, 1, missed)
	for _, m := range []protocol.Mark{
		{State: protocol.Read, Items: []int64{5, 90, 340}},
		{State: protocol.Unread, Items: []int64{5}},
		{State: protocol.Seen, Through: 200},
	} {
		if _, err := other.Mark(within(t), m); err != nil {
			t.Fatal(err)
		}
	}
	o := asPage(e.signIn("ada").Token)
	o.Epoch, o.Offset = d.Position().Epoch, d.Position().Offset
	back := e.dial(o)
	if w := back.Welcome(); !w.Recovered || !w.More {
		t.Errorf("welcome: got recovered %v, more %v, want both", w.Recovered, w.More)
	}
	wantMany(back, 1, missed)
	// One more change, which Next gives: the answers before it may move the
	// position without having any.
	if _, err := other.Mark(within(t), protocol.Mark{State: protocol.Archived, Items: []int64{1}}); err != nil {
		t.Fatal(err)
	}
	if !back.reaches(client.Position{Epoch: o.Epoch, Offset: missed + 4}) {
		t.Errorf("position: got %v, want offset %d", back.Position(), missed+4)
	}
}

// publishMany publishes n notifications, in calls of 100, whose title is their
// number from 0 on.
func (e *env) publishMany(user string, n int) {
	e.t.Helper()
	for i := 0; i < n; i += 100 {
		var requests []json.RawMessage
		for j := i; j < min(i+100, n); j++ {
			requests = append(requests, json.RawMessage(order(user, fmt.Sprint(j), "")))
		}
		payload, err := json.Marshal(map[string]any{"requests": requests})
		if err != nil {
			e.t.Fatal(err)
		}
		var answers handler.Answers
		e.invoke("bellhop-publish", string(payload), &answers)
		if len(answers.Answers) != len(requests) {
			e.t.Fatalf("publish: got %d answers, want %d", len(answers.Answers), len(requests))
		}
	}
}

// wantMany takes n notifications of publishMany, the first at offset first, and
// passes over changes of items that were given before.
func wantMany(d device, first int64, n int) {
	d.t.Helper()
	for i := 0; i < n; {
		c := d.next()
		if c.Notification == nil {
			if c.Updated == nil || c.Updated.Offset >= first+int64(i) {
				d.t.Fatalf("after %d notifications: got %+v", i, c)
			}
			continue
		}
		want := first + int64(i)
		if c.Notification.Offset != want || title(d.t, c.Notification.Event) != fmt.Sprint(i) {
			d.t.Fatalf("notification %d: got offset %d, title %s, want offset %d", i, c.Notification.Offset, title(d.t, c.Notification.Event), want)
		}
		i++
	}
}

// reaches takes changes until the device is at the position.
func (d device) reaches(p client.Position) bool {
	for d.Position() != p {
		if _, err := d.Next(within(d.t)); err != nil {
			return false
		}
	}
	return true
}
