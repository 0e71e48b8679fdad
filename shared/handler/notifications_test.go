package handler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bellhop/shared/handler"
)

// TestNotificationsAreNotSentTwice follows an entity tag through everything that
// changes what a page shows.
func TestNotificationsAreNotSentTwice(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	cookie := fmt.Sprintf(`"cookies":["sessionid=%s"]`, s.Token)
	ask := func(tag string) (status int, newer string) {
		got := d.request("GET /notifications", cookie+fmt.Sprintf(`,"headers":{"If-None-Match":%q}`, tag))
		if got.StatusCode == 304 && (got.Body != "" || got.Headers["etag"] == "") {
			t.Errorf("304 with the body %q and headers %v, want none, and the tag", got.Body, got.Headers)
		}
		return got.StatusCode, got.Headers["etag"]
	}
	tag := ""
	check := func(what string, want int) {
		t.Helper()
		status, newer := ask(tag)
		if status != want || newer == "" {
			t.Errorf("%s: %d with tag %s, want %d", what, status, newer, want)
		}
		tag = newer
		if status, _ := ask(`"other", W/` + tag); status != 304 {
			t.Errorf("%s, and again: %d, want 304", what, status)
		}
	}
	check("an empty log", 200)
	d.one(`{"users":["ada"],"notification":{"source":"s","type":"t","id":"a","data":{}}}`)
	check("a notification", 200)
	d.one(`{"users":["ada"],"ttl":60,"notification":{"source":"s","type":"t","id":"b","data":{}}}`)
	check("another", 200)
	d.http("POST /notifications/mark", cookie+`,"headers":{"origin":"https://example.com"},"body":"{\"state\":\"read\",\"items\":[1]}"`)
	check("a mark", 200)
	d.now = d.now.Add(59 * time.Second)
	check("a second before one expires", 304)
	d.now = d.now.Add(time.Second)
	check("when it expires", 200)
	d.one(`{"op":"withdraw","users":["ada"],"source":"s","id":"a"}`)
	check("a withdrawal", 200)
}

func TestWithdrawOutcomes(t *testing.T) {
	d := setup(t)
	d.join(d.signIn("ada"), "a")
	publish := `{"users":["ada"],"notification":{"source":"s","type":"t","id":"x","data":{}}}`
	recall := `{"op":"withdraw","users":["ada"],"source":"s","id":"x"}`
	if r := d.one(recall); r.Outcome != handler.Absent || r.ID != "x" || r.Offset != 0 {
		t.Errorf("nothing there: %+v, want absent", r)
	}
	d.one(publish)
	if r := d.one(recall); r.Outcome != handler.Withdrawn || r.Reached != 1 || r.Offset != 1 || r.Duplicate {
		t.Errorf("withdrawn: %+v, want offset 1 and one device told", r)
	}
	if r := d.one(recall); r.Outcome != handler.Withdrawn || !r.Duplicate {
		t.Errorf("again: %+v, want a duplicate", r)
	}
	if frames := d.took("a"); len(frames) != 3 || frames[1] != frames[2] || !strings.Contains(frames[1], `"type":"withdrawn"`) {
		t.Errorf("frames %v, want the notification, its withdrawal and that once more", frames)
	}
	if r := d.one(publish); !r.Duplicate || r.Reached != 0 {
		t.Errorf("published again: %+v, want a duplicate that nobody is told of", r)
	}
	got := d.publish(`{"requests":[` + strings.ReplaceAll(publish, `"x"`, `"y"`) + `,` + strings.ReplaceAll(recall, `"x"`, `"y"`) + `]}`).(handler.Answers)
	if r := got.Answers[1].Results[0]; r.Outcome != handler.Withdrawn || r.Offset != got.Answers[0].Results[0].Offset {
		t.Errorf("both in one call: %+v, want the one just published withdrawn", got.Answers)
	}
}

func TestWithdrawAndTTLNameTheirFaults(t *testing.T) {
	d := setup(t)
	n := `"notification":{"source":"s","type":"t","data":{}}`
	for request, want := range map[string]string{
		`{"op":"withdraw","users":["ada"],"id":"x"}`:                                                                      "source required",
		`{"op":"withdraw","users":["ada"],"source":"s"}`:                                                                  "id required",
		`{"op":"withdraw","users":["ada"],"source":"s","collapsekey":""}`:                                                 "collapsekey required",
		`{"op":"withdraw","users":["ada"],"source":"s","id":"x","collapsekey":"k"}`:                                       "collapsekey exclusive",
		`{"op":"withdraw","source":"s","id":"x"}`:                                                                         "users required",
		`{"users":["ada"],"ttl":0,` + n + `}`:                                                                             "ttl min",
		`{"users":["ada"],"ttl":315360001,` + n + `}`:                                                                     "ttl max",
		`{"users":["ada"],"ttl":1.5,` + n + `}`:                                                                           "ttl integer",
		`{"users":["ada"],"ttl":1,` + strings.Replace(n, `"data"`, `"expirytime":"2099-01-01T00:00:00Z","data"`, 1) + `}`: "ttl exclusive",
	} {
		got := d.publish(request).(handler.Answer)
		if got.Error == nil || len(got.Error.Faults) != 1 || got.Error.Faults[0].Field+" "+got.Error.Faults[0].Rule != want {
			t.Errorf("%s: %+v, want the one fault %s", request, got.Error, want)
		}
	}
}
