package handler_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bellhop/shared/fault"
	"bellhop/shared/handler"
	"bellhop/shared/session/jwt"

	"github.com/aws/aws-lambda-go/events"
)

func (d *desk) effectOf(e handler.Handshake) string {
	d.t.Helper()
	got, err := handler.NewAuthorize(d.deps).Handle(d.t.Context(), e)
	if err != nil {
		d.t.Fatal(err)
	}
	return got.PolicyDocument.Statement[0].Effect
}

func TestAttack_TicketPast30Seconds(t *testing.T) {
	d := setup(t)
	s := d.signIn("ada")
	for after, want := range map[time.Duration]string{29 * time.Second: "Allow", 30 * time.Second: "Deny", time.Hour: "Deny"} {
		began := d.now
		response, err := handler.NewInbox(d.deps, d.log).Handle(t.Context(), events.APIGatewayV2HTTPRequest{
			RouteKey: "POST /tickets", Headers: map[string]string{"authorization": "Bearer " + s.Token},
		})
		var ticket handler.Ticket
		if err != nil || json.Unmarshal([]byte(response.Body), &ticket) != nil || response.StatusCode != 201 {
			t.Fatalf("POST /tickets: %+v, %v, want 201", response, err)
		}
		d.now = began.Add(after)
		e := handler.Handshake{
			MethodArn: arn, Headers: handler.HandshakeHeaders{Origin: []string{"https://example.com"}},
			Query: map[string]string{"ticket": ticket.Ticket},
		}
		if got := d.effectOf(e); got != want {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
		d.now = began
		if got := d.effectOf(e); got != "Deny" {
			t.Errorf("a second time: %s, want Deny", got)
		}
		if strings.Contains(d.out.String(), ticket.Ticket) {
			t.Error("the log holds a ticket")
		}
	}
}

// An issuer that cannot be reached is a passing fault: the gateway answers 500,
// and the client comes back; a refusal would sign it out.
func TestAuthorizeFailsWhileTheIssuerIsAway(t *testing.T) {
	d := setup(t)
	d.deps.Config.JWT = jwt.Settings{Issuer: "http://127.0.0.1:1", Audience: "bell"}
	const token = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.YQ"
	e := handler.Handshake{
		MethodArn: arn, Headers: handler.HandshakeHeaders{Origin: []string{"https://example.com"}, Authorization: []string{"Bearer " + token}},
	}
	if got, err := handler.NewAuthorize(d.deps).Handle(t.Context(), e); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("%+v, %v, want an error without the token", got, err)
	}
	response, err := handler.NewInbox(d.deps, d.log).Handle(t.Context(), events.APIGatewayV2HTTPRequest{
		RouteKey: "GET /notifications", Headers: map[string]string{"authorization": "Bearer " + token},
	})
	if err != nil || response.StatusCode != 503 || strings.Contains(response.Body, "127.0.0.1") {
		t.Errorf("HTTP: %d %s, %v, want 503 and no internals", response.StatusCode, response.Body, err)
	}
}

func TestTTLHasOneFault(t *testing.T) {
	d := setup(t)
	for ttl, rule := range map[string]string{
		`"an hour"`: fault.NotInteger, `1.5`: fault.NotInteger, `true`: fault.NotInteger, `-1`: fault.NotInteger,
		`0`: fault.Min, `31536001`: fault.Max,
	} {
		got, err := handler.NewSessions(d.deps).Handle(t.Context(), json.RawMessage(`{"op":"create","user":"ada","ttl":`+ttl+`}`))
		refused, ok := got.(handler.Refused)
		if err != nil || !ok || len(refused.Error.Faults) != 1 || refused.Error.Faults[0].Field != "ttl" || refused.Error.Faults[0].Rule != rule {
			t.Errorf("ttl %s: %+v, %v, want one fault %q", ttl, got, err, rule)
		}
	}
}
