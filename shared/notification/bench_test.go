package notification_test

import (
	"testing"

	"bellhop/shared/fault"
	"bellhop/shared/notification"
)

// order is an event of about 450 bytes.
const order = `{"source":"https://shop.example.com/orders","type":"order.shipped","subject":"orders/4711",` +
	`"urgency":"high","collapsekey":"order/4711","expirytime":"2026-04-01T00:00:00Z",` +
	`"data":{"title":"Your order is on its way","body":"Two parcels left our warehouse this morning, and should be with you on Thursday.",` +
	`"tag":"order-4711","icon":"/static/img/parcel.png","data":{"url":"https://shop.example.com/orders/4711"},` +
	`"actions":[{"action":"track","title":"Track it"}]}}`

func BenchmarkRead(b *testing.B) {
	var faults fault.Faults
	o := fault.Parse([]byte(order), &faults)
	d := defaults()
	b.SetBytes(int64(len(order)))
	b.ReportAllocs()
	for b.Loop() {
		notification.Read(o, d)
	}
	if len(faults) > 0 {
		b.Fatal(faults)
	}
}

func BenchmarkParse(b *testing.B) {
	d := defaults()
	b.SetBytes(int64(len(order)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := notification.Parse([]byte(order), d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIDHash(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		notification.IDHash("https://shop.example.com/orders", "01JNEW")
	}
}
