package service

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"bellhop/localdev/gateway"
	"bellhop/localdev/inspector"
	"bellhop/localdev/lambda"
	"bellhop/localdev/observe"

	"github.com/valyala/fasthttp"
)

// echo is a function that costs nothing, so that what stands before it shows.
type echo struct{}

func (echo) Invoke(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }

// BenchmarkInvoke tells what the inspector costs an invocation: with nobody to
// tell, with an inspector of which no page is open, and with one open page.
func BenchmarkInvoke(b *testing.B) {
	b.Run("NoneWired", func(b *testing.B) { invokes(b, nil) })
	b.Run("NoPageOpen", func(b *testing.B) {
		hub := &observe.Hub{}
		inspector.New(hub)
		invokes(b, hub)
	})
	b.Run("OnePageOpen", func(b *testing.B) {
		hub := &observe.Hub{}
		openPage(b, inspector.New(hub))
		invokes(b, hub)
	})
}

func invokes(b *testing.B, hub *observe.Hub) {
	b.ReportAllocs()
	var next lambda.Runner = &watched{watching: watching{observe: hub}, name: "echo", next: echo{}}
	payload := []byte(`{"requestContext":{"routeKey":"hello","connectionId":"Zk3TqcW1IAMCJ2w="},"body":"{\"type\":\"hello\"}"}`)
	for b.Loop() {
		if _, err := next.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
		}
	}
}

// openPage reads the stream as a page does, until the benchmark ends.
func openPage(b *testing.B, i *inspector.Inspector) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &fasthttp.Server{Handler: i.Serve}
	gateway.Configure(server)
	go func() { _ = server.Serve(ln) }()
	res, err := http.Get("http://" + ln.Addr().String() + inspector.Path + "/events")
	if err != nil {
		b.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(io.Discard, res.Body)
	}()
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := i.Close(ctx); err != nil {
			b.Error(err)
		}
		<-read
		_ = res.Body.Close()
		if err := server.ShutdownWithContext(ctx); err != nil {
			b.Error(err)
		}
	})
}
