package service_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bellhop/localdev/client"
	"bellhop/shared/handler"

	awslambda "github.com/aws/aws-sdk-go-v2/service/lambda"
)

var seedFlag = flag.Uint64("kill.seed", 0, "seed of the moments at which the kill test cuts; 0 takes a random one")

const (
	kills      = 100
	published  = 1000
	publishers = 4
	maxLife    = 12 * time.Millisecond // of a connection
)

// TestKill is the product's promise: a device whose connection is cut 100 times
// while 1,000 notifications are published has each of them once, in order.
func TestKill(t *testing.T) {
	for name, publish := range map[string]func(*env, string) (handler.Answer, error){
		"InProcess":   (*env).publishInProcess,
		"ByTheAWSSDK": (*env).publishBySDK,
	} {
		t.Run(name, func(t *testing.T) { killTest(t, publish) })
	}
}

func killTest(t *testing.T, publish func(*env, string) (handler.Answer, error)) {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("seed %d: go test -run %s -args -kill.seed=%d", seed, t.Name(), seed)
	e := start(t, unlimited())
	v := newVictim(e, seed)

	// A cut lets the publishers go on to the next part of the work, so that
	// cuts and notifications are spread over each other.
	var done atomic.Int64
	turn := make(chan struct{}, kills)
	var wg sync.WaitGroup
	for range publishers {
		wg.Go(func() {
			for n := done.Add(1); n <= published; n = done.Add(1) {
				if n%(published/kills) == 0 {
					<-turn
				}
				answer, err := publish(e, order("ada", fmt.Sprint(n), fmt.Sprintf(`,"id":"%d"`, n)))
				if err != nil || answer.Error != nil || answer.Results[0].Outcome == handler.Failed {
					t.Errorf("publish %d: %+v, %v", n, answer, err)
				}
			}
		})
	}
	for range kills {
		turn <- struct{}{}
		v.live(t)
	}
	wg.Wait()
	v.finish(t)
	v.check(t)
}

func (e *env) publishInProcess(request string) (answer handler.Answer, err error) {
	out, err := e.svc.Invoker().Invoke(context.Background(), "bellhop-publish", []byte(request))
	if err == nil {
		err = json.Unmarshal(out, &answer)
	}
	return answer, err
}

func (e *env) publishBySDK(request string) (answer handler.Answer, err error) {
	name := "bellhop-publish"
	out, err := e.lambda.Invoke(context.Background(), &awslambda.InvokeInput{FunctionName: &name, Payload: []byte(request)})
	if err == nil {
		err = json.Unmarshal(out.Payload, &answer)
	}
	return answer, err
}

// victim is a device whose TCP connections are cut.
type victim struct {
	e       *env
	random  *rand.Rand
	options client.Options
	got     []int64        // offsets of the notifications, over all connections
	ids     map[string]int // how often each came
	cut     chan struct{}  // one was cut
	want    int            // how many notifications are published
	maxLife time.Duration
	faulty  bool // handshakes may be refused, hellos fail
}

// newVictim has an empty log, and its position in it.
func newVictim(e *env, seed uint64) *victim {
	v := &victim{e: e, random: rand.New(rand.NewPCG(seed, seed)), ids: map[string]int{}, cut: make(chan struct{}, 1), want: published, maxLife: maxLife}
	d := e.connect("ada")
	v.options = asPage(e.signIn("ada").Token)
	v.options.Epoch = d.Position().Epoch
	d.Close()
	return v
}

// dial makes a TCP connection that ends after a while, wherever the client is by
// then: every other time with a reset, so that what is on its way is lost on
// both sides.
func (v *victim) dial(after time.Duration, reset bool) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		time.AfterFunc(after, func() {
			if reset {
				_ = conn.(*net.TCPConn).SetLinger(0) // a TCP connection is asked for
			}
			_ = conn.Close()
			v.cut <- struct{}{}
		})
		return conn, nil
	}
}

// live is one life: connect, take what comes, be cut.
func (v *victim) live(t *testing.T) {
	o := v.options
	after, reset := time.Duration(v.random.Int64N(int64(v.maxLife))), v.random.IntN(2) == 0
	o.HTTPClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: v.dial(after, reset)}}
	c, err := client.Dial(within(t), v.e.socketURL(), o)
	if refused := (*client.Refused)(nil); errors.As(err, &refused) && !v.faulty {
		t.Fatalf("dial: %v", err)
	}
	if err == nil {
		v.takeUntilCut(t, c)
		c.Abort()
	}
	<-v.cut
}

func (v *victim) takeUntilCut(t *testing.T, c *client.Client) {
	for ctx := within(t); ; {
		change, err := c.Next(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			t.Fatal("the connection does not end")
		}
		if err != nil {
			v.options.Epoch, v.options.Offset = c.Position().Epoch, c.Position().Offset
			return
		}
		v.take(t, change)
	}
}

// finish lives once more, until everything has come.
func (v *victim) finish(t *testing.T) {
	c, err := client.Dial(within(t), v.e.socketURL(), v.options)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for len(v.got) < v.want {
		change, err := c.Next(within(t))
		if err != nil {
			t.Errorf("got %d of %d notifications, then: %v", len(v.got), v.want, err)
			return
		}
		v.take(t, change)
	}
}

func (v *victim) take(t *testing.T, c client.Change) {
	if c.Updated != nil && c.Updated.Offset <= int64(len(v.got)) {
		return // a welcome also told what frames had told meanwhile
	}
	if c.Failure != nil && v.faulty {
		return
	}
	if c.Notification == nil {
		t.Errorf("got %+v, want notifications alone", c)
		return
	}
	v.got = append(v.got, c.Notification.Offset)
	v.ids[title(t, c.Notification.Event)]++
}

// check wants each of the notifications once, and the log's own order.
func (v *victim) check(t *testing.T) {
	for n := 1; n <= v.want; n++ {
		if times := v.ids[fmt.Sprint(n)]; times != 1 {
			t.Errorf("notification %d came %d times, want once", n, times)
		}
	}
	for i, offset := range v.got {
		if offset != int64(i+1) {
			t.Fatalf("notification %d has offset %d, want %d", i, offset, i+1)
		}
	}
}
