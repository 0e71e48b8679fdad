package notification_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bellhop/shared/fault"
	"bellhop/shared/notification"
	"bellhop/shared/protocol"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)

func defaults() notification.Defaults {
	return notification.Defaults{Now: now, NewID: func() string { return "01JNEW" }}
}

const (
	least = `{"source":"shop","type":"order.shipped","data":{"title":"On its way"}}`
	most  = `{"zone":"eu","data":{"title":"On its way","tag":"o-17","actions":[{"action":"track","title":"Track it"}],
		"body":"Two parcels, \"fragile\" { [ , : ] }"}, "collapsekey":"order/17","urgency":"high",
		"expirytime":"2026-03-02T00:00:00+01:00","dataschema":"https://schemas.example.com/order.json",
		"datacontenttype":"application/json","time":"2026-03-01T11:59:59.5Z","subject":"orders\/17","type":"order.shipped",
		"source":"https://shop.example.com/orders?x=%20#y","id":"a-1","specversion":"1.0","correlationid":"c\u002d9",
		"attempt":-3,"backup":false,"note":"a \"b\" \\ ü","gone":null}`
)

func mustParse(t *testing.T, input string) notification.Notification {
	t.Helper()
	n, err := notification.Parse([]byte(input), defaults())
	if err != nil {
		t.Fatalf("Parse(%s): %v", input, err)
	}
	return n
}

func TestParseEncodesInOneForm(t *testing.T) {
	for input, want := range map[string]string{
		least: `{"specversion":"1.0","id":"01JNEW","source":"shop","type":"order.shipped",` +
			`"time":"2026-03-01T12:00:00.123Z","data":{"title":"On its way"}}`,
		most: `{"specversion":"1.0","id":"a-1","source":"https://shop.example.com/orders?x=%20#y","type":"order.shipped",` +
			`"subject":"orders/17","time":"2026-03-01T11:59:59.5Z","datacontenttype":"application/json",` +
			`"dataschema":"https://schemas.example.com/order.json","expirytime":"2026-03-02T00:00:00+01:00","urgency":"high",` +
			`"collapsekey":"order/17","correlationid":"c-9","attempt":-3,"backup":false,"note":"a \"b\" \\ ü","zone":"eu",` +
			`"data":{"title":"On its way","tag":"o-17","actions":[{"action":"track","title":"Track it"}],` +
			`"body":"Two parcels, \"fragile\" { [ , : ] }"}}`,
	} {
		if diff := cmp.Diff(want, string(mustParse(t, input).Event)); diff != "" {
			t.Errorf("Event (-want +got):\n%s", diff)
		}
	}
}

func TestParseFillsTheNotification(t *testing.T) {
	got := mustParse(t, most)
	want := notification.Notification{
		Source: "https://shop.example.com/orders?x=%20#y", ID: "a-1", Type: "order.shipped", CollapseKey: "order/17",
		Urgency: notification.High,
		Time:    time.Date(2026, 3, 1, 11, 59, 59, 500e6, time.UTC), Expires: time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC),
		Hash: got.Hash, Event: got.Event,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("all given (-want +got):\n%s", diff)
	}
	got = mustParse(t, least)
	want = notification.Notification{
		Source: "shop", ID: "01JNEW", Type: "order.shipped", Urgency: notification.Normal, Time: now.Truncate(time.Millisecond),
		Hash: got.Hash, Event: got.Event,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("all filled in (-want +got):\n%s", diff)
	}
}

func TestParseNamesEveryFault(t *testing.T) {
	one := func(field, rule string, limit ...int64) fault.Faults {
		f := fault.Fault{Field: field, Rule: rule}
		if limit != nil {
			f.Limit = limit[0]
		}
		return fault.Faults{f}
	}
	long := strings.Repeat("x", 2049)
	for attribute, want := range map[string]fault.Faults{
		`"source":null`:                       one("source", fault.Required),
		`"source":""`:                         one("source", fault.Required),
		`"source":1`:                          one("source", fault.NotString),
		`"source":"a b"`:                      one("source", fault.URIRef),
		`"source":"a%2"`:                      one("source", fault.URIRef),
		`"source":"?%zz"`:                     one("source", fault.URIRef),
		`"source":"1a:b"`:                     one("source", fault.URIRef),
		`"source":"büro"`:                     one("source", fault.URIRef),
		`"source":"` + long + `"`:             one("source", fault.MaxLength, 2048),
		`"type":null`:                         one("type", fault.Required),
		`"type":""`:                           one("type", fault.Required),
		`"type":[]`:                           one("type", fault.NotString),
		`"type":"a\u0000"`:                    one("type", fault.Control),
		`"type":"` + long[:257] + `"`:         one("type", fault.MaxLength, 256),
		`"data":null`:                         one("data", fault.Required),
		`"data":""`:                           one("data", fault.Required),
		`"data":"x"`:                          one("data", fault.NotObject),
		`"data":[1]`:                          one("data", fault.NotObject),
		`"data":{"title":7}`:                  one("data.title", fault.NotString),
		`"data":{"a":1,"t\u0069tle":{}}`:      one("data.title", fault.NotString),
		`"data_base64":"eA=="`:                one("data_base64", fault.Unsupported),
		`"specversion":"0.3"`:                 one("specversion", fault.OneOf),
		`"specversion":1`:                     one("specversion", fault.NotString),
		`"specversion":""`:                    one("specversion", fault.Required),
		`"id":""`:                             one("id", fault.Required),
		`"id":5`:                              one("id", fault.NotString),
		`"id":"\u0085"`:                       one("id", fault.Control),
		`"id":"` + long[:257] + `"`:           one("id", fault.MaxLength, 256),
		`"subject":""`:                        one("subject", fault.Required),
		`"subject":{}`:                        one("subject", fault.NotString),
		`"subject":"\n"`:                      one("subject", fault.Control),
		`"subject":"` + long + `"`:            one("subject", fault.MaxLength, 2048),
		`"time":""`:                           one("time", fault.Required),
		`"time":1700000000`:                   one("time", fault.NotString),
		`"time":"2026-03-01"`:                 one("time", fault.Timestamp),
		`"time":"2026-03-01T1:00:00Z"`:        one("time", fault.Timestamp),
		`"time":"2026-03-01T01:00:00,5Z"`:     one("time", fault.Timestamp),
		`"time":"2026-03-01T01:00:00+24:00"`:  one("time", fault.Timestamp),
		`"time":"2026-03-01T01:00:00+01:60"`:  one("time", fault.Timestamp),
		`"time":"2026-02-30T00:00:00Z"`:       one("time", fault.Timestamp),
		`"datacontenttype":"text/plain"`:      one("datacontenttype", fault.OneOf),
		`"datacontenttype":""`:                one("datacontenttype", fault.Required),
		`"dataschema":"schema.json"`:          one("dataschema", fault.URI),
		`"dataschema":"https://x y/"`:         one("dataschema", fault.URI),
		`"dataschema":""`:                     one("dataschema", fault.Required),
		`"expirytime":"soon"`:                 one("expirytime", fault.Timestamp),
		`"expirytime":"2026-03-01T11:59:59Z"`: one("expirytime", fault.Future),
		`"expirytime":"2026-03-01T12:00:00.123456789Z"`: one("expirytime", fault.Future),
		`"urgency":"urgent"`:                            one("urgency", fault.OneOf),
		`"urgency":"High"`:                              one("urgency", fault.OneOf),
		`"urgency":""`:                                  one("urgency", fault.Required),
		`"collapsekey":""`:                              one("collapsekey", fault.Required),
		`"collapsekey":true`:                            one("collapsekey", fault.NotString),
		`"collapsekey":"` + long[:129] + `"`:            one("collapsekey", fault.MaxLength, 128),
		`"correlationid":""`:                            one("correlationid", fault.Required),
		`"correlationid":"` + long[:257] + `"`:          one("correlationid", fault.MaxLength, 256),
		`"ext_a":1`:                                     one("ext_a", fault.Name),
		`"extA":1`:                                      one("extA", fault.Name),
		`"":"x"`:                                        one("", fault.Name),
		`"` + long[:21] + `":1`:                         one(long[:21], fault.Name),
		`"ext":{}`:                                      one("ext", fault.Scalar),
		`"ext":[]`:                                      one("ext", fault.Scalar),
		`"ext":1.5`:                                     one("ext", fault.Scalar),
		`"ext":1e3`:                                     one("ext", fault.Scalar),
		`"ext":2147483648`:                              one("ext", fault.Scalar),
		`"ext":"a\tb"`:                                  one("ext", fault.Control),
		`"ext":"` + long + `"`:                          one("ext", fault.MaxLength, 2048),
		`"data":{"a":"` + "\xff" + `"}`:                 one("", fault.Syntax),
		`"data":{"a":"` + strings.Repeat(long, 16) + `"}`: one("", fault.MaxLength, protocol.MaxEvent),
	} {
		input := strings.TrimSuffix(least, "}") + "," + attribute + "}"
		n, err := notification.Parse([]byte(input), defaults())
		var got fault.Faults
		if !errors.As(err, &got) {
			t.Errorf("Parse with %.60s: error %v, want faults", attribute, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse with %.60s: faults (-want +got):\n%s", attribute, diff)
		}
		if n.Event != nil {
			t.Errorf("Parse with %.60s: Event %s beside faults, want none", attribute, n.Event)
		}
	}
}

func TestParseNamesAllFaultsTogether(t *testing.T) {
	_, err := notification.Parse([]byte(`{"specversion":"2","type":7,"urgency":"x","Zone":1,"alt":[]}`), defaults())
	want := fault.Faults{
		{Field: "source", Rule: fault.Required},
		{Field: "data", Rule: fault.Required},
		{Field: "type", Rule: fault.NotString},
		{Field: "urgency", Rule: fault.OneOf},
		{Field: "specversion", Rule: fault.OneOf},
		{Field: "Zone", Rule: fault.Name},
		{Field: "alt", Rule: fault.Scalar},
	}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
	for input, rule := range map[string]string{`{`: fault.Syntax, `[]`: fault.NotObject, `null`: fault.NotObject} {
		_, err := notification.Parse([]byte(input), defaults())
		if diff := cmp.Diff(error(fault.Faults{{Rule: rule}}), err); diff != "" {
			t.Errorf("Parse(%s) (-want +got):\n%s", input, diff)
		}
	}
}

func TestReadNamesFaultsByTheirPathInTheRequest(t *testing.T) {
	for input, want := range map[string]fault.Fault{
		`{"source":"shop","data":{}}`:                                                   {Field: "notification.type", Rule: fault.Required},
		`{"source":"shop","type":"t","data":{"title":1}}`:                               {Field: "notification.data.title", Rule: fault.NotString},
		`{"source":"shop","type":"t","data":{"x":"` + strings.Repeat("y", 32e3) + `"}}`: {Field: "notification", Rule: fault.MaxLength, Limit: protocol.MaxEvent},
		`{` + strings.Repeat(` `, 9) + `"a":1` + manyAttributes(64) + `}`:               {Field: "notification", Rule: fault.MaxItems, Limit: 64},
		`[]`: {Field: "notification", Rule: fault.NotObject},
	} {
		var faults fault.Faults
		notification.Read(fault.Parse([]byte(`{"notification":`+input+`}`), &faults).Object("notification"), defaults())
		if diff := cmp.Diff(fault.Faults{want}, faults); diff != "" {
			t.Errorf("Read(%.60s): faults (-want +got):\n%s", input, diff)
		}
	}
}

func manyAttributes(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(`,"x` + strings.Repeat("y", i%10) + string(rune('a'+i%26)) + string(rune('a'+i/26)) + `":1`)
	}
	return b.String()
}

func TestAnEventAtTheLimitsPasses(t *testing.T) {
	encoded := len(mustParse(t, strings.Replace(least, "}}", `,"pad":""}}`, 1)).Event)
	pad := strings.Repeat("x", protocol.MaxEvent-encoded)
	n := mustParse(t, strings.Replace(least, "}}", strings.Repeat(" ", 2000)+`,"pad":"`+pad+`"}}`, 1))
	if len(n.Event) != protocol.MaxEvent {
		t.Errorf("Event has %d bytes, want %d", len(n.Event), protocol.MaxEvent)
	}
	frame := protocol.Encode(&protocol.Notification{
		Epoch: strings.Repeat("e", protocol.MaxEpoch), Offset: fault.MaxInteger, Event: n.Event, Counts: &protocol.Counts{Unread: 100, Unseen: 100},
	})
	if len(frame) > protocol.MaxFrame {
		t.Errorf("its frame has %d bytes, want at most %d", len(frame), protocol.MaxFrame)
	}
	mustParse(t, strings.TrimSuffix(least, "}")+`,"abcdefghijklmnopq789":-2147483648,"e":"","collapsekey":"`+pad[:128]+`","id":"`+pad[:256]+`"}`)
}

func TestExpiredAt(t *testing.T) {
	at := now.Add(time.Second)
	n := notification.Notification{Expires: at}
	if n.ExpiredAt(now) || !n.ExpiredAt(at) || !n.ExpiredAt(at.Add(1)) {
		t.Errorf("ExpiredAt is wrong around %v: want false before it, true from it on", at)
	}
	if (notification.Notification{}).ExpiredAt(at) {
		t.Error("ExpiredAt of one that never expires = true, want false")
	}
}
