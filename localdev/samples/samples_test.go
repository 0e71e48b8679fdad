package samples_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bellhop/localdev/inspector/inspectortest"
	"bellhop/localdev/lambda/runtime/build"
	"bellhop/localdev/observe"
	"bellhop/localdev/service"
	"bellhop/shared/store/dynamotest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/coder/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(
		dynamotest.Main{M: m},
		// fasthttp renders the Date header in the background for good, and its
		// worker pools notice up to 10 s late that they were stopped.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	)
}

// The dialogue is the same in every language.

func TestChat_Node(t *testing.T) { play(t, "node", "") }

func TestChat_Python(t *testing.T) { play(t, "python", "") }

func TestChat_Go(t *testing.T) {
	dir := t.TempDir()
	if err := build.Functions(dir, "./testdata/go/..."); err != nil {
		t.Fatal(err)
	}
	play(t, "go", dir)
}

// gone is the id of a connection that has never been.
const gone = "Zk3TqcW1IAMCJ2w="

func play(t *testing.T, language, binaries string) {
	t.Parallel()
	engine := dynamotest.Start(t, dynamotest.Options{})
	s := serve(t, service.Options{Template: filepath.Join("testdata", language, "template.yaml"), Binaries: binaries, DynamoDB: engine.URL()})
	room := room{t: t, client: dynamodb.NewFromConfig(engine.Config())}
	seen := inspectortest.Open(t, "http://"+s.addr, "")

	ada, grace := s.dial("prod"), s.dial("prod")
	if got := room.who(); len(got) != 2 {
		t.Fatalf("connections in the table: got %v, want two", got)
	}
	room.add(gone)
	ada.say("hello")
	first, second := ada.hear(), grace.hear()
	if first.Text != "hello" || first != second || !slices.Contains(room.who(), first.From) {
		t.Errorf("heard: got %+v and %+v, want hello twice, from one who is there", first, second)
	}
	ada.say("are you there?")
	if got := grace.hear(); got.Text != "are you there?" {
		t.Errorf("heard: got %+v, want the second message", got)
	}
	room.await(2) // the function has deleted the one that is gone
	grace.leave()
	room.await(1)
	ada.hear()
	ada.say("alone")
	if got := ada.hear(); got.Text != "alone" {
		t.Errorf("heard: got %+v, want alone", got)
	}
	inspected(seen)
}

// inspected is what the inspector tells of a message in a template of others: the
// frame, the function, and the push that the function's own SDK asked for.
func inspected(seen *inspectortest.Stream) {
	frame := seen.Until(func(r inspectortest.Row) bool { return r.Kind == observe.FrameIn && strings.Contains(r.Text, "hello") })
	began := seen.Until(func(r inspectortest.Row) bool {
		return r.Kind == observe.InvokeStart && r.Connection == frame.Connection
	})
	seen.Until(func(r inspectortest.Row) bool {
		return r.Kind == observe.Push && r.Connection == gone && r.Status == 410
	})
	seen.Until(func(r inspectortest.Row) bool { return r.Kind == observe.InvokeEnd && r.RequestID == began.RequestID })
	seen.Until(func(r inspectortest.Row) bool {
		return r.Kind == observe.Push && r.Status == 200 && strings.Contains(r.Text, "alone")
	})
}

// room is the chat's table.
type room struct {
	t      *testing.T
	client *dynamodb.Client
}

const table = "bellhop-Connections"

func (r room) who() []string {
	r.t.Helper()
	out, err := r.client.Scan(r.t.Context(), &dynamodb.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, item := range out.Items {
		all = append(all, item["connection"].(*types.AttributeValueMemberS).Value)
	}
	return all
}

func (r room) add(connection string) {
	r.t.Helper()
	_, err := r.client.PutItem(r.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: map[string]types.AttributeValue{
		"room": &types.AttributeValueMemberS{Value: "lobby"}, "connection": &types.AttributeValueMemberS{Value: connection},
	}})
	if err != nil {
		r.t.Fatal(err)
	}
}

// await waits until so many are there: a table gives no signal.
func (r room) await(want int) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	for len(r.who()) != want {
		if ctx.Err() != nil {
			r.t.Fatalf("connections in the table: got %v, want %d", r.who(), want)
		}
	}
}

// message is what the chat says.
type message struct{ From, Text string }

func (d device) say(text string) {
	d.t.Helper()
	frame, err := json.Marshal(map[string]string{"action": "send", "text": text})
	if err != nil {
		d.t.Fatal(err)
	}
	if err := d.conn.Write(d.ctx, websocket.MessageText, frame); err != nil {
		d.t.Fatal(err)
	}
}

func (d device) hear() message {
	d.t.Helper()
	_, frame, err := d.conn.Read(d.ctx)
	if err != nil {
		d.t.Fatalf("hear: %v", err)
	}
	var m message
	if err := json.Unmarshal(frame, &m); err != nil || m.Text == "" {
		d.t.Fatalf("hear: got %s, want a message", frame)
	}
	return m
}
