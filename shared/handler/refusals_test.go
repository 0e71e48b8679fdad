package handler_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/inbox"
	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
)

// ways is a user who asks by a frame and over HTTP, where eve has a log, too.
// Ada's items: 1, 2 archived (5), 3 withdrawn (6), 4 expired, 7. Eve has 1 to 20.
type ways struct {
	*desk
	ada handler.Created
	log map[string]inbox.Head // before what is to be refused
}

func bothWays(t *testing.T) *ways {
	d := setup(t)
	w := &ways{desk: d, ada: d.signIn("ada"), log: map[string]inbox.Head{}}
	d.join(w.ada, "a")
	d.join(w.ada, "b")
	d.join(d.signIn("eve"), "e")
	for _, more := range []string{"", "", "", `,"ttl":1`} {
		d.one(fmt.Sprintf(`{"users":["ada"]%s,"notification":{"source":"s","type":"t","data":{}}}`, more))
	}
	d.send(w.ada, "a", `{"type":"mark","id":"1","state":"archived","items":[2]}`)
	d.one(`{"op":"withdraw","users":["ada"],"source":"s","id":"id3"}`)
	d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","data":{}}}`)
	for range 20 {
		d.one(`{"users":["eve"],"notification":{"source":"s","type":"t","data":{"title":"secret"}}}`)
	}
	d.now = d.now.Add(time.Second)
	for _, connection := range []string{"a", "b", "e"} {
		d.took(connection)
	}
	for _, user := range []string{"ada", "eve"} {
		w.log[user] = w.head(user)
	}
	return w
}

func (w *ways) head(user string) inbox.Head {
	w.t.Helper()
	head, err := w.desk.log.Head(w.t.Context(), user)
	if err != nil {
		w.t.Fatal(err)
	}
	return head
}

// unchanged says that nothing is in any log or on the way to any device.
func (w *ways) unchanged(what string) {
	w.t.Helper()
	for user, before := range w.log {
		if diff := cmp.Diff(before, w.head(user)); diff != "" {
			w.t.Errorf("%s changed the log of %s (-before +after):\n%s", what, user, diff)
		}
	}
	for _, connection := range []string{"a", "b", "e"} {
		if frames := w.took(connection); len(frames) > 0 {
			w.t.Errorf("%s was told to %s: %v", what, connection, frames)
		}
	}
}

// mark asks for a mark with these fields in both ways, and gives the bodies.
func (w *ways) mark(fields string) (frame, body string) {
	w.t.Helper()
	frame = w.send(w.ada, "a", `{"type":"mark","id":"1",`+fields+`}`)
	got := w.request("POST /notifications/mark", w.bearer(fmt.Sprintf(`"body":%q`, "{"+fields+"}")))
	return frame, got.Body
}

func (w *ways) bearer(more string) string {
	return fmt.Sprintf(`"headers":{"authorization":"Bearer %s"},%s`, w.ada.Token, more)
}

// refused says that both answers are the same error, and what it is.
func (w *ways) refused(what, frame, body, want string) {
	w.t.Helper()
	e := decode[protocol.ErrorFrame](w.t, frame)
	var problem struct {
		Status int
		protocol.Error
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil {
		w.t.Fatalf("%s: problem %s: %v", what, body, err)
	}
	if diff := cmp.Diff(*e.Error, problem.Error); diff != "" || e.ID != "1" || problem.Status != e.Error.Code.Status() {
		w.t.Errorf("%s: the frame with id %s and the problem %d differ (-frame +problem):\n%s", what, e.ID, problem.Status, diff)
	}
	got := string(e.Error.Code)
	if len(e.Error.Faults) > 0 {
		got = e.Error.Faults.Error()
	}
	if got != want || e.Error.Temporary {
		w.t.Errorf("%s: %+v, want %s, for good", what, e.Error, want)
	}
	w.unchanged(what)
}

// TestRefusedMarksChangeNothing has every way in which a mark can be wrong.
func TestRefusedMarksChangeNothing(t *testing.T) {
	w := bothWays(t)
	many := strings.TrimSuffix(strings.Repeat("1,", protocol.MaxMarks+1), ",")
	for fields, want := range map[string]string{
		`"state":"read","items":[99]`:               "not_found", // unknown
		`"state":"read","items":[20]`:               "not_found", // eve's
		`"state":"unread","items":[1,20]`:           "not_found", // one of them
		`"state":"archived","items":[99,99]`:        "not_found",
		`"state":"read","items":[5]`:                "not_found", // a change, and no item
		`"state":"read","items":[1,3]`:              "not_found", // withdrawn
		`"state":"unread","items":[4]`:              "not_found", // expired
		`"state":"unread","items":[2]`:              "conflict",  // archived
		`"state":"unread","items":[1,2,7]`:          "conflict",
		`"state":"unread","through":7`:              "through: unsupported",
		`"state":"gone","items":[1]`:                "state: one_of",
		`"state":"READ","items":[1]`:                "state: one_of",
		`"state":7,"items":[1]`:                     "state: string",
		`"items":[1]`:                               "state: required",
		`"state":"","items":[1]`:                    "state: required",
		`"state":"read"`:                            "items: required",
		`"state":"read","items":[]`:                 "items: required",
		`"state":"read","items":null`:               "items: required",
		`"state":"read","items":[1],"through":7`:    "through: exclusive",
		`"state":"read","items":[` + many + `]`:     "items: max_items (50)",
		`"state":"read","items":1`:                  "items: array",
		`"state":"read","items":{"0":1}`:            "items: array",
		`"state":"read","items":["1"]`:              "items[0]: integer",
		`"state":"read","items":[1.5]`:              "items[0]: integer",
		`"state":"read","items":[1e3]`:              "items[0]: integer",
		`"state":"read","items":[1,-1]`:             "items[1]: integer",
		`"state":"read","items":[0]`:                "items[0]: min (1)",
		`"state":"read","items":[null]`:             "items[0]: integer",
		`"state":"seen","items":[9007199254740992]`: "items[0]: integer", // 2^53
		`"state":"seen","through":0`:                "through: min (1)",
		`"state":"seen","through":-1`:               "through: integer",
		`"state":"seen","through":"7"`:              "through: integer",
		`"state":"seen","through":1.0`:              "through: integer",
	} {
		frame, body := w.mark(fields)
		w.refused(fields, frame, body, want)
	}
}

// TestAnotherUsersItemIsAnUnknownOne says that no answer tells whether somebody
// has an item.
func TestAnotherUsersItemIsAnUnknownOne(t *testing.T) {
	w := bothWays(t)
	for _, state := range []string{"read", "unread", "archived"} {
		frame, body := w.mark(fmt.Sprintf(`"state":%q,"items":[99]`, state))
		others, othersBody := w.mark(fmt.Sprintf(`"state":%q,"items":[20]`, state))
		if frame != others || body != othersBody {
			t.Errorf("%s of eve's item: %s and %s, want the very bytes of an unknown one: %s and %s", state, others, othersBody, frame, body)
		}
	}
}

// TestAnItemNamedTwiceIsMarkedOnce is what is not refused.
func TestAnItemNamedTwiceIsMarkedOnce(t *testing.T) {
	w := bothWays(t)
	frame, _ := w.mark(`"state":"read","items":[7,1,7,1]`)
	if m := decode[protocol.Marked](t, frame); !m.Changed || m.Offset != w.log["ada"].Offset+1 {
		t.Errorf("marked %+v, want one change", m)
	}
	if frames := w.took("b"); len(frames) != 1 || !cmp.Equal(decode[protocol.StateChange](t, frames[0]).Items, []int64{1, 7}) {
		t.Errorf("the other device got %v, want both items, each once", frames)
	}
}

// TestRefusedLists has the same field in a frame and in a query.
func TestRefusedLists(t *testing.T) {
	w := bothWays(t)
	long := strings.Repeat("t", protocol.MaxType+1)
	for _, tt := range []struct{ frame, name, value, want string }{
		{`"before":"x"`, "before", `"x"`, "before: integer"},
		{`"before":"7"`, "before", "7x", "before: integer"},
		{`"before":-1`, "before", "-1", "before: integer"},
		{`"before":1.5`, "before", "1.5", "before: integer"},
		{`"before":[7]`, "before", "7,6", "before: integer"},
		{`"before":9007199254740992`, "before", "9007199254740992", "before: integer"},
		{`"limit":101`, "limit", "101", "limit: max (100)"},
		{`"limit":-1`, "limit", "-1", "limit: integer"},
		{`"limit":"x"`, "limit", "x", "limit: integer"},
		{`"filter":{"unread":1}`, "unread", "1", "unread: boolean"},
		{`"filter":{"archived":"yes"}`, "archived", "yes", "archived: boolean"},
		{`"filter":{"type":"` + long + `"}`, "type", long, "type: max_length (256)"},
	} {
		frame := w.send(w.ada, "a", `{"type":"list","id":"1",`+tt.frame+`}`)
		got := w.request("GET /notifications", w.bearer(fmt.Sprintf(`"queryStringParameters":{%q:%q}`, tt.name, tt.value)))
		frame = strings.ReplaceAll(frame, "filter.", "") // a query has no objects
		w.refused(tt.frame, frame, got.Body, tt.want)
	}
}
