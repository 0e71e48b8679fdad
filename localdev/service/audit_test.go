package service_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bellhop/localdev/client"
	"bellhop/localdev/service"
	"bellhop/shared/audit"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

// journal is all that a service logs.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// entries are the audit's lines, sorted: function, event, reason, user, and the
// other keys.
func (j *journal) entries(t *testing.T) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(j.text()) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatalf("log line %s: %v", line, err)
		}
		if fields[slog.MessageKey] != audit.Message {
			continue
		}
		words := []any{}
		for _, key := range []string{"function", audit.KeyEvent, audit.KeyReason, audit.KeyUser} {
			if word, ok := fields[key]; ok {
				words = append(words, word)
			}
			delete(fields, key)
		}
		for _, key := range []string{slog.TimeKey, slog.LevelKey, slog.MessageKey} {
			delete(fields, key)
		}
		keys := slices.Sorted(maps.Keys(fields))
		list = append(list, fmt.Sprint(strings.TrimSuffix(fmt.Sprintln(words...), "\n"), " ", keys))
	}
	slices.Sort(list)
	return list
}

// spellings are the ways in which a secret could stand in a log: as it is,
// escaped for a URL, for JSON, in hexadecimal, and in base64 at any place of a
// longer text.
func spellings(secret string) []string {
	quoted, _ := json.Marshal(secret)
	ways := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`), hex.EncodeToString([]byte(secret))}
	for before := range 3 {
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			text := e.EncodeToString(append(make([]byte, before), secret...))
			ways = append(ways, text[4*min(before, 1):len(text)-2]) // the ends depend on what is beside it
		}
	}
	return ways
}

// saga is a service, and what must not be in its log.
type saga struct {
	*env
	t        *testing.T
	provider *provider
	before   time.Time
	secrets  []string
	devices  []device
}

func (s *saga) keep(secret string) string {
	s.secrets = append(s.secrets, secret)
	return secret
}

func (s *saga) session(user, ttl string) handler.Created {
	s.t.Helper()
	var created handler.Created
	s.invoke("bellhop-sessions", `{"op":"create","user":"`+user+`","ttl":`+ttl+`}`, &created)
	s.keep(created.Token)
	return created
}

// jwt keeps the token and each of its parts that are not the same in all.
func (s *saga) jwt(user string) string {
	token := s.keep(s.provider.token(user, s.before))
	for _, part := range strings.Split(token, ".")[1:] {
		s.keep(part)
	}
	return token
}

func (s *saga) revoke(request string) { s.invoke("bellhop-sessions", request, new(handler.Revoked)) }

// open connects, and says hello.
func (s *saga) open(o client.Options) {
	d := s.dial(o)
	d.next()
	s.devices = append(s.devices, d)
}

// close closes what is open, and waits until the service has ended.
func (s *saga) close() {
	for _, d := range s.devices {
		d.Close()
	}
	s.stop()
}

// admitted connects ada in every way.
func (s *saga) admitted() handler.Created {
	ada := s.session("ada", "3600")
	for _, o := range []client.Options{
		asPage(ada.Token),
		{Bearer: ada.Token, Origin: page},
		{Protocol: ada.Token, Origin: page},
		{Ticket: s.keep(s.ticket(ada.Token)), Origin: page},
		{Bearer: s.jwt("ada"), Origin: page},
		asPage(s.keep(djangoCookie("s3cret", "ada", s.before))),
	} {
		s.open(o)
	}
	return ada
}

func (s *saga) refused(ada handler.Created) {
	const evil = "https://evil.test/private-page"
	s.keep("private-page")
	ticket := s.keep(s.ticket(ada.Token))
	s.open(client.Options{Ticket: ticket, Origin: page})
	forged := s.keep(s.jwt("ada") + "x")
	for _, o := range []client.Options{
		{Cookie: "sessionid=" + ada.Token, Origin: evil},
		{Origin: page},
		asPage(s.keep("no-such-token")),
		{Ticket: ticket, Origin: page},
		{Bearer: forged, Origin: page},
		asPage(s.keep(djangoCookie("another-key", "ada", s.before))),
	} {
		s.wantRefused(s.t, o)
	}
	s.request(s.t, call{method: "GET", path: "/notifications"})
	s.request(s.t, call{method: "GET", path: "/notifications", bearer: "no-such-token"})
	s.request(s.t, call{method: "POST", path: "/tickets", cookie: ada.Token, origin: evil})
}

// used publishes, marks and lists: no part of that is the audit's.
func (s *saga) used(ada handler.Created) {
	s.publish(order("ada", s.keep("a private title"), `,"id":"`+s.keep("a-private-id")+`"`))
	s.devices[0].wantTitle("a private title")
	c := s.raw(s.t, ada.Token)
	for _, frame := range []string{`{"type":"hello","id":"1"}`, `{"type":"mark","id":"` + s.keep("private-frame") + `","state":"read","items":[1]}`, `nonsense ` + s.keep("private-nonsense")} {
		_ = c.Write(within(s.t), websocket.MessageText, []byte(frame))
		_, _, _ = c.Read(within(s.t))
	}
	_ = c.CloseNow()
	s.request(s.t, call{method: "POST", path: "/notifications/mark", body: `{"state":"read","through":1,"x":"` + s.keep("private-field") + `"}`, bearer: ada.Token})
	s.revoke(`{"op":"renew","session":"` + ada.Session + `","ttl":7200}`)
}

// ended ends sessions by every means.
func (s *saga) ended() {
	one, two, three := s.session("bob", "3600"), s.session("bob", "3600"), s.session("bob", "3600")
	for _, b := range []handler.Created{one, two, three} {
		s.open(asPage(b.Token))
	}
	s.revoke(`{"op":"revoke","token":"` + one.Token + `"}`)
	s.revoke(`{"op":"revoke","session":"` + two.Session + `"}`)
	s.revoke(`{"op":"revoke","session":"` + two.Session + `"}`) // no such session any more
	record := `{"Records":[{"eventName":"REMOVE","dynamodb":{"SequenceNumber":"1","OldImage":{"id":{"S":%q},"user":{"S":"bob"},"expires":{"N":"%d"}}}}]}`
	s.invoke("bellhop-sweep", fmt.Sprintf(record, three.Session, three.Expires.Unix()), new(any))
	s.revoke(`{"op":"revoke","user":"ada"}`)
}

// crowd is more connections than the saga has of anybody else.
const crowd = 10

// limited opens one connection too many: the first makes room.
func (s *saga) limited() {
	dora := s.session("dora", "3600")
	for range crowd + 1 {
		s.open(asPage(dora.Token))
	}
}

// expired lets a session run out while it is connected.
func (s *saga) expired() {
	c := s.raw(s.t, s.session("cleo", "1").Token)
	for ctx := within(s.t); ; {
		if err := c.Write(ctx, websocket.MessageText, []byte(`{"type":"list","id":"1"}`)); err != nil {
			s.t.Fatal(err)
		}
		_, answer, err := c.Read(ctx)
		if err != nil {
			s.t.Fatal(err)
		}
		if bytes.Contains(answer, []byte(protocol.Unauthorized)) {
			break
		}
	}
	s.invoke("bellhop-sweep", `{}`, new(any))
	if _, advice, err := c.Read(within(s.t)); err != nil || !bytes.Contains(advice, []byte(protocol.SessionExpired)) {
		s.t.Errorf("after the session's end: got %s, %v, want the advice", advice, err)
	}
	if _, _, err := c.Read(within(s.t)); err == nil {
		s.t.Error("after the advice: the connection goes on")
	}
}

// TestAudit goes through everything that the audit is about, with every line of
// the whole service kept: each event is there, once, with its keys, and no
// secret is in any line.
func TestAudit(t *testing.T) {
	logs, p := &journal{}, newProvider(t)
	parameters := p.parameters()
	maps.Copy(parameters, map[string]string{"ConnectionRateLimit": "0", "UserRateLimit": "0", "MaxConnectionsPerUser": fmt.Sprint(crowd)})
	e := start(t, service.Options{
		Parameters: parameters, Logger: slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	s := &saga{env: e, t: t, provider: p, before: time.Now().Add(-time.Minute), secrets: []string{"s3cret"}}
	ada := s.admitted()
	s.refused(ada)
	s.used(ada)
	s.ended()
	s.expired()
	s.limited()
	s.close()
	want := append(slices.Repeat([]string{"bellhop-authorizer admitted cookie dora" + signedIn}, crowd+1), wantedEntries...)
	if diff := cmp.Diff(sorted(want), logs.entries(t)); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	for _, secret := range s.secrets {
		for _, spelling := range spellings(secret) {
			if strings.Contains(logs.text(), spelling) {
				t.Errorf("the log holds %q, which is the secret %q:\n%s", spelling, secret, logs.text())
			}
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

const (
	handshake = " [connection origin source_ip]"
	signedIn  = " [connection origin session source_ip]"
	frame     = " [connection session source_ip]"
)

var wantedEntries = []string{
	"bellhop-sessions created ada [session]",
	"bellhop-authorizer admitted cookie ada" + signedIn,
	"bellhop-authorizer admitted authorization ada" + signedIn,
	"bellhop-authorizer admitted subprotocol ada" + signedIn,
	"bellhop-authorizer admitted ticket ada" + signedIn,
	"bellhop-authorizer admitted authorization ada" + signedIn, // a JSON Web Token
	"bellhop-authorizer admitted cookie ada" + signedIn,        // of Django

	"bellhop-authorizer admitted ticket ada" + signedIn,
	"bellhop-authorizer refused origin" + handshake,
	"bellhop-authorizer refused no_credential" + handshake,
	"bellhop-authorizer refused no_session" + handshake, // token
	"bellhop-authorizer refused no_session" + handshake, // ticket, a second time
	"bellhop-authorizer refused no_session" + handshake, // JSON Web Token
	"bellhop-authorizer refused no_session" + handshake, // Django's cookie
	"bellhop-inbox refused no_credential [source_ip]",
	"bellhop-inbox refused no_session [source_ip]",
	"bellhop-inbox refused origin [origin source_ip]",

	"bellhop-authorizer admitted cookie ada" + signedIn,
	"bellhop-sessions renewed ada [session]",

	"bellhop-sessions created bob [session]",
	"bellhop-sessions created bob [session]",
	"bellhop-sessions created bob [session]",
	"bellhop-authorizer admitted cookie bob" + signedIn,
	"bellhop-authorizer admitted cookie bob" + signedIn,
	"bellhop-authorizer admitted cookie bob" + signedIn,
	"bellhop-sessions revoked token bob [closed session]",
	"bellhop-sessions revoked session bob [closed session]",
	"bellhop-sweep revoked deleted bob [closed session]",
	"bellhop-sessions revoked user ada [closed session]",
	"bellhop-sessions revoked user ada [closed]", // her tokens of others

	"bellhop-sessions created cleo [session]",
	"bellhop-authorizer admitted cookie cleo" + signedIn,
	"bellhop-message refused session_ended cleo" + frame,
	"bellhop-sweep expired cleo [connection session]",

	"bellhop-sessions created dora [session]",
	"bellhop-message limited connections dora [connection]",
}
