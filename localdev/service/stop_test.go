package service_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"bellhop/localdev/service"
	"bellhop/shared/handler"
	"bellhop/shared/protocol"

	"github.com/coder/websocket"
)

func TestClose_Within2SecondsWithOpenSockets(t *testing.T) {
	e := start(t, service.Options{})
	var devices []device
	for range 20 {
		devices = append(devices, e.connect("ada"))
	}
	silent := e.raw(t, e.signIn("grace").Token) // never reads, never answers the close
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	closed := make(chan error, 1)
	svc := e.svc
	e.svc = nil
	go func() { closed <- svc.Close(ctx) }()
	for _, d := range devices {
		if err := d.wantEnd(); websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Errorf("end: got %v, want close code 1001", err)
		}
	}
	if err := <-closed; err != nil {
		t.Logf("Close with a client that never answers: %v", err)
	}
	if took := time.Since(began); took > 2500*time.Millisecond {
		t.Errorf("Close took %v, want about 2s at most", took)
	}
	if err := <-e.served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	_ = silent.CloseNow()
}

// Who closes at once may do so before Serve has begun.
func TestClose_BeforeServe(t *testing.T) {
	svc, err := service.New(service.Options{Template: "../../template.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.Close(within(t)); err != nil {
		t.Errorf("Close: %v", err)
	}
	served := make(chan error, 1)
	go func() { served <- svc.Serve(ln) }()
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	case <-within(t).Done():
		t.Fatal("Serve does not end")
	}
	if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the listener: %v, want it closed", err)
	}
}

func TestRestart_FindsTheInboxAsItWas(t *testing.T) {
	data := t.TempDir()
	e := start(t, service.Options{Data: data})
	session := e.signIn("ada")
	d := e.dial(asPage(session.Token))
	d.next()
	for _, name := range []string{"one", "two", "three"} {
		e.publish(order("ada", name, `,"id":"`+name+`"`))
		d.wantTitle(name)
	}
	if _, err := d.Mark(within(t), protocol.Mark{State: protocol.Read, Items: []int64{2}}); err != nil {
		t.Fatal(err)
	}
	before := d.Position()
	e.stop()

	e = start(t, service.Options{Data: data})
	o := asPage(session.Token) // the session lives on
	o.Epoch, o.Offset = before.Epoch, before.Offset
	d = e.dial(o)
	w := d.Welcome()
	if !w.Recovered || w.Epoch != before.Epoch || w.Offset != 4 || w.Unread != 2 || len(w.Items) != 1 || !w.Items[0].Read {
		t.Errorf("welcome: got %+v, want item 2 read, offset 4 of epoch %s, 2 unread", w, before.Epoch)
	}
	page, err := d.List(within(t), protocol.List{})
	if err != nil || len(page.Items) != 3 || !page.Items[1].Read || page.Items[0].Read || title(t, page.Items[2].Event) != "one" {
		t.Errorf("list: got %+v, %v, want three, two of them unread", page, err)
	}
	if r := e.publish(order("ada", "three", `,"id":"three"`))[0]; !r.Duplicate || r.Offset != 3 {
		t.Errorf("published again: got %+v, want a duplicate of offset 3", r)
	}
	if r := e.publish(order("ada", "four", ""))[0]; r.Offset != 5 || r.Epoch != before.Epoch || r.Outcome != handler.Live {
		t.Errorf("published: got %+v, want offset 5 of the same epoch", r)
	}
}
