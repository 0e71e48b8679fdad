package protocol_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"bellhop/shared/protocol"
)

var benchEvent = json.RawMessage(`{"specversion":"1.0","id":"01JB8Q6T3WZ5N6Q4C3D2B1A0XY","source":"https://shop.example.com/orders",` +
	`"type":"order.shipped","subject":"orders/4711","time":"2026-03-01T12:00:00.000Z","data":{"title":"Your order is on its way",` +
	`"body":"Two parcels left our warehouse this morning, and should be with you on Thursday.","tag":"order-4711",` +
	`"icon":"/static/img/parcel.png","data":{"url":"https://shop.example.com/orders/4711"}}}`)

func BenchmarkEncodeNotification(b *testing.B) {
	n := &protocol.Notification{
		Epoch: "01JB8Q6T3WZ5N6Q4C3D2B1A0XY", Offset: 4711, Event: benchEvent, Counts: &protocol.Counts{Unread: 12, Unseen: 3},
	}
	b.ReportAllocs()
	for b.Loop() {
		protocol.Encode(n)
	}
}

func BenchmarkEncodeWelcome(b *testing.B) {
	for _, items := range []int{0, 50} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			w := &protocol.Welcome{ID: "1", User: "ada", Epoch: "01JB8Q6T3WZ5N6Q4C3D2B1A0XY", Expires: time.Unix(0, 0).UTC(), Items: []protocol.Item{}}
			for i := range items {
				w.Items = append(w.Items, protocol.Item{Offset: int64(i + 1), Event: benchEvent})
			}
			b.ReportAllocs()
			for b.Loop() {
				protocol.Encode(w)
			}
		})
	}
}

func BenchmarkDecodeClient(b *testing.B) {
	frame := []byte(`{"type":"mark","id":"17","state":"read","items":[4711,4712]}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := protocol.DecodeClient(frame); err != nil {
			b.Fatal(err)
		}
	}
}
