package handler_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/shared/config"
	"bellhop/shared/handler"
	"bellhop/shared/store/dynamostore"
	"bellhop/shared/store/dynamotest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(dynamotest.Main{M: m}) }

// metered is a desk over DynamoDB whose requests and capacity are counted.
func metered(t *testing.T) (*desk, *dynamotest.Faults) {
	t.Helper()
	cfg, meter := dynamotest.Config(t), dynamotest.NewFaults(nil)
	cfg.HTTPClient = meter
	client := dynamodb.NewFromConfig(cfg, dynamodb.WithAPIOptions(askCapacity))
	id := rand.Text()
	tables := dynamostore.Tables{Inbox: "inbox-" + id, Connections: "connections-" + id, Sessions: "sessions-" + id}
	if err := dynamostore.CreateTables(t.Context(), client, tables); err != nil {
		t.Fatal(err)
	}
	return over(t, dynamostore.New(client, tables)), meter
}

// askCapacity lets every answer tell what it consumed.
func askCapacity(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("AskCapacity", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		const total = types.ReturnConsumedCapacityTotal
		switch p := in.Parameters.(type) {
		case *dynamodb.GetItemInput:
			p.ReturnConsumedCapacity = total
		case *dynamodb.BatchGetItemInput:
			p.ReturnConsumedCapacity = total
		case *dynamodb.QueryInput:
			p.ReturnConsumedCapacity = total
		case *dynamodb.PutItemInput:
			p.ReturnConsumedCapacity = total
		case *dynamodb.UpdateItemInput:
			p.ReturnConsumedCapacity = total
		case *dynamodb.DeleteItemInput:
			p.ReturnConsumedCapacity = total
		case *dynamodb.TransactWriteItemsInput:
			p.ReturnConsumedCapacity = total
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}

// bill is what was asked of DynamoDB since the last look, as README.md tables it:
// requests by operation, then read and write units.
func bill(meter *dynamotest.Faults) string {
	calls := meter.Calls()
	var words []string
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		words = append(words, strings.TrimPrefix(fmt.Sprint(calls[operation], " ", operation), "1 "))
	}
	total := meter.Total()
	meter.Reset()
	return fmt.Sprintf("%s | %g | %g", strings.Join(words, ", "), total.Read, total.Write)
}

// bills reads a table of what each call costs from README.md, under a heading, by
// the call.
func bills(t *testing.T, heading string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), heading+"\n")
	_, table, _ := strings.Cut(section, "|---|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	found := map[string]string{}
	for line := range strings.Lines(table) {
		call, cost, _ := strings.Cut(strings.Trim(strings.TrimSpace(line), "| "), " | ")
		found[call] = cost
	}
	return found
}

// TestCost says what each call costs on DynamoDB: one user with two devices, 20
// unread notifications of about 400 bytes in the log, and no request in the second
// before. README.md has the costs.
func TestCost(t *testing.T) {
	d, meter := metered(t)
	settings, err := config.Read(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	d.deps.Config.Rates, d.deps.Config.MaxConnections = settings.Rates, settings.MaxConnections
	d.connected = d.now
	s, short := d.signInFor("ada", 14*24*time.Hour), d.signIn("ada")
	d.join(s, "a")
	d.join(s, "b")
	request := func(id string) string {
		return fmt.Sprintf(`{"users":["ada"],"notification":{"source":"shop","type":"order.shipped","id":%q,"data":{"title":"Your order is on its way","body":%q}}}`, id, strings.Repeat("x", 200))
	}
	for i := range 20 {
		d.one(request(fmt.Sprint("n", i)))
	}
	epoch := d.one(request("n0")).Epoch
	hello := func(offset int) string {
		return fmt.Sprintf(`{"type":"hello","id":"1","epoch":%q,"offset":%d}`, epoch, offset)
	}
	frame := func(text string) func() { return func() { d.send(s, "a", text) } }
	publish := func(text string) func() { return func() { d.one(text) } }
	connect := func(s handler.Created) func() { return func() { d.connect(s, "c") } }
	disconnect := func() { d.disconnect(s, "c") }
	bearer := fmt.Sprintf(`"headers":{"authorization":"Bearer %s"`, s.Token)
	tag := d.request("GET /notifications", bearer+"}").Headers["etag"]
	meter.Reset()
	held(t, d, meter, "### What a call costs", []billed{
		{"`hello`, nothing missed", frame(hello(20))},
		{"`hello`, 5 missed", frame(hello(15))},
		{"`hello` for the newest page", frame(`{"type":"hello","id":"1"}`)},
		{"`list`, 20 items", frame(`{"type":"list","id":"1"}`)},
		// A PutItem whose condition fails costs a unit, too, which no answer tells.
		{"`list`, twice at once", func() {
			d.send(s, "a", `{"type":"list","id":"1"}`)
			d.send(s, "a", `{"type":"list","id":"2"}`)
		}},
		{"`GET /notifications`", func() { d.http("GET /notifications", bearer+"}") }},
		{"`GET /notifications`, unchanged (304)", func() { d.request("GET /notifications", bearer+fmt.Sprintf(`,"if-none-match":%q}`, tag)) }},
		{"the badge alone", func() {
			head, _ := d.log.Head(t.Context(), "ada")
			meter.Reset()
			_, _ = d.log.Counts(t.Context(), "ada", head)
		}},
		{"publish to one user", publish(request("m1"))},
		{"publish again, a duplicate", publish(request("m1"))},
		{"publish with a collapse key", publish(`{"users":["ada"],"notification":{"source":"s","type":"t","id":"c","collapsekey":"k","data":{"title":"One"}}}`)},
		{"publish in place of an older one", publish(`{"users":["ada"],"notification":{"source":"s","type":"t","id":"d","collapsekey":"k","data":{"title":"Two"}}}`)},
		{"withdraw", publish(`{"op":"withdraw","users":["ada"],"source":"s","id":"d"}`)},
		{"mark one", frame(`{"type":"mark","id":"1","state":"read","items":[3]}`)},
		{"mark all through an offset", frame(`{"type":"mark","id":"1","state":"read","through":20}`)},
		{"publish live-only", publish(strings.Replace(request("l"), `"users"`, `"store":false,"users"`, 1))},
		{"authorizer", func() {
			d.authorize(`"Origin":["https://example.com"],"Authorization":["Bearer ` + s.Token + `"]`)
		}},
		{"`$connect`", connect(s)},
		{"`$disconnect`", disconnect},
		{"`$connect`, the session ends within two hours", connect(short)},
		{"`$disconnect`, the same", disconnect},
	})
}

type billed struct {
	name string
	do   func()
}

// held does the calls, each a second after the one before, and holds what they
// cost against the table in README.md: each has a row, and each row a call.
func held(t *testing.T, d *desk, meter *dynamotest.Faults, heading string, calls []billed) {
	t.Helper()
	want := bills(t, heading)
	for _, c := range calls {
		d.now = d.now.Add(time.Second)
		c.do()
		if got := bill(meter); got != want[c.name] {
			t.Errorf("%s: got %q, README.md says %q", c.name, got, want[c.name])
		}
		delete(want, c.name)
	}
	for name := range want {
		t.Errorf("README.md says what %q costs, and no test does it", name)
	}
}
