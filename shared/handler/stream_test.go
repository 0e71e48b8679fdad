package handler_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
)

// Who deleted a row: the time to live says so, a program is not named. Source:
// DynamoDB Developer Guide, "DynamoDB Streams and Time to Live".
const (
	byTimeToLive = `"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},`
	byAProgram   = ``
)

// removed is the record of a row that was deleted, as Lambda gets it from a stream
// of old images. Source: Lambda Developer Guide, "Using AWS Lambda with Amazon
// DynamoDB"; DynamoDB API Reference, "Record" and "StreamRecord".
func removed(number, by, id, image string) string {
	return fmt.Sprintf(`{"eventID":"5f4e7b0a9c2d4d1f8a63c7be12d09e48","eventName":"REMOVE","eventVersion":"1.1","eventSource":"aws:dynamodb",
		"awsRegion":"eu-west-1",%s"dynamodb":{"ApproximateCreationDateTime":1772366400.0,"Keys":{"id":{"S":%q}},
		"OldImage":{"id":{"S":%q},%s},"SequenceNumber":%q,"SizeBytes":151,"StreamViewType":"OLD_IMAGE"},
		"eventSourceARN":"arn:aws:dynamodb:eu-west-1:123456789012:table/bellhop-SessionsTable/stream/2026-03-01T00:00:00.000"}`,
		by, id, id, image, number)
}

// sessionImage is a session's row, but for its id.
func sessionImage(s handler.Created) string {
	return fmt.Sprintf(`"user":{"S":%q},"created":{"N":"%d"},"expires":{"N":"%d"}`, s.User, s.Expires.Add(-time.Hour).Unix(), s.Expires.Unix())
}

// stream gives the sweep function records; its answer is JSON, as Lambda sees it.
func (d *desk) stream(records ...string) string {
	d.t.Helper()
	got, err := handler.NewSweep(d.deps).Handle(d.t.Context(), []byte(`{"Records":[`+strings.Join(records, ",")+`]}`))
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := json.Marshal(got)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(answer)
}

// Lambda goes on after the batch, or again from the record that is named. Source:
// Lambda Developer Guide, "Configuring partial batch response with DynamoDB and
// Lambda".
const (
	allDone = `{"batchItemFailures":[]}`
	from8   = `{"batchItemFailures":[{"itemIdentifier":"111100000000000000000000008"}]}`
)

func number(n int) string { return fmt.Sprintf("11110000000000000000000000%d", n) }

func TestADeletedSessionClosesItsSockets(t *testing.T) {
	d := setup(t)
	s, other, third := d.signIn("ada"), d.signIn("ada"), d.signIn("bob")
	d.join(s, "a")
	d.join(other, "b")
	d.join(third, "c")
	ticket := removed(number(7), byTimeToLive, "ticket#1", `"session":{"S":"x"},"expires":{"N":"1"}`)
	records := []string{
		ticket, removed(number(8), byAProgram, s.Session, sessionImage(s)), removed(number(9), byAProgram, third.Session, sessionImage(third)),
	}
	d.refuse = errors.New("no right")
	if got := d.stream(records...); got != from8 {
		t.Errorf("the gateway refuses: %s, want the batch again from record 8", got)
	}
	d.refuse = nil
	d.took("a")
	if got := d.stream(records...); got != allDone || !cmp.Equal(d.closed, []string{"a", "c"}) {
		t.Errorf("%s, closed %v, want the connections of both sessions, and no other", got, d.closed)
	}
	if bye := decode[protocol.Disconnect](t, d.took("a")[0]); bye.Code != protocol.SessionRevoked {
		t.Errorf("advice %+v, want session_revoked", bye)
	}
	if got := d.stream(records...); got != allDone || len(d.closed) != 2 {
		t.Errorf("again: %s, closed %v, want nothing done", got, d.closed)
	}
}

// The time to live may delete a row before the sweep has come, at the earliest
// when its session has ended.
func TestTheTimeToLiveClosesWhatIsStillOpen(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	d.now = s.Expires
	if got := d.stream(removed(number(1), byTimeToLive, s.Session, sessionImage(s))); got != allDone || !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("%s, closed %v, want the one connection", got, d.closed)
	}
	if bye := decode[protocol.Disconnect](t, d.took("a")[0]); bye.Code != protocol.SessionExpired || bye.Reconnect != protocol.Backoff {
		t.Errorf("advice %+v, want session_expired and backoff", bye)
	}
}

// A batch that takes too long goes on from where it got to.
func TestRecordsThatComeTooLate(t *testing.T) {
	d := setup(t)
	s, other := d.signIn("ada"), d.signIn("bob")
	d.join(s, "a")
	d.join(other, "b")
	ctx := hurried{t.Context(), new(atomic.Int64)}
	ctx.left.Store(int64(50 * time.Second))
	d.deps.Gateway = meanwhile{d, func() { ctx.left.Store(int64(4 * time.Second)) }}
	records := removed(number(7), byAProgram, s.Session, sessionImage(s)) + "," + removed(number(8), byAProgram, other.Session, sessionImage(other))
	got, err := handler.NewSweep(d.deps).Handle(ctx, []byte(`{"Records":[`+records+`]}`))
	if answer, _ := json.Marshal(got); err != nil || string(answer) != from8 || !cmp.Equal(d.closed, []string{"a"}) {
		t.Errorf("%s, %v, closed %v, want the first done and the batch again from record 8", answer, err, d.closed)
	}
}

// What a revocation deletes itself comes by the stream, too, when its sockets are
// closed already; so do the marks that end tokens of others.
func TestRecordsThatCloseNothing(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	d.join(s, "a")
	revoked := d.signIn("bob")
	d.sessions(fmt.Sprintf(`{"op":"revoke","session":%q}`, revoked.Session))
	image := sessionImage(s)
	for name, record := range map[string]string{
		"revoked":  removed(number(1), byAProgram, revoked.Session, sessionImage(revoked)+`,"revoked":{"BOOL":true}`),
		"mark":     removed(number(1), byTimeToLive, "user.YWRh", image),
		"inserted": strings.Replace(removed(number(1), byAProgram, s.Session, image), "REMOVE", "INSERT", 1),
		"modified": strings.Replace(removed(number(1), byAProgram, s.Session, image), "REMOVE", "MODIFY", 1),
		"odd":      removed(number(1), byAProgram, s.Session, `"user":{"N":"1"}`),
	} {
		if got := d.stream(record); got != allDone || len(d.closed) != 0 {
			t.Errorf("%s: %s, closed %v, want nothing closed", name, got, d.closed)
		}
	}
}
