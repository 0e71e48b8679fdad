package notification

import (
	"crypto/sha256"
	"encoding/json"
	"time"
	"unicode/utf8"

	"bellhop/shared/fault"
	"bellhop/shared/protocol"
)

// toMillisecond is RFC 3339 with three digits of the second.
const toMillisecond = "2006-01-02T15:04:05.000Z07:00"

// event is a checked event as it was given. Absent attributes are "".
type event struct {
	id, source, kind, subject, time string
	dataContentType, dataSchema     string
	expiryTime, urgency             string
	collapseKey, correlationID      string
	extensions                      []extension
	data                            json.RawMessage

	at, expires time.Time // time and expiryTime
}

// complete fills in what is absent, and encodes the event.
func (e event) complete(d Defaults) Notification {
	hadID, hadTime, hadExpiry := e.id != "", e.time != "", e.expiryTime != ""
	if !hadID {
		e.id = d.NewID()
	}
	if !hadTime {
		e.at = d.Now.UTC().Truncate(time.Millisecond)
		e.time = e.at.Format(toMillisecond)
	}
	if !hadExpiry && d.TTL > 0 {
		e.expires = d.Now.UTC().Add(d.TTL).Truncate(time.Second)
		e.expiryTime = e.expires.Format(time.RFC3339)
	}
	urgency := Urgency(e.urgency)
	if urgency == "" {
		urgency = Normal
	}
	n := Notification{
		Source: e.source, ID: e.id, Type: e.kind, CollapseKey: e.collapseKey,
		Urgency: urgency, Time: e.at, Expires: e.expires,
	}
	n.Event, n.Hash = e.encode(filled{id: !hadID, time: !hadTime, expiryTime: !hadExpiry})
	return n
}

// filled says which attributes were absent and have been filled in.
type filled struct{ id, time, expiryTime bool }

// encode gives the event in its one form, and the hash of that form without
// what was filled in.
func (e event) encode(f filled) ([]byte, [32]byte) {
	h := sha256.New()
	b := append(make([]byte, 0, len(e.data)+512), `{"specversion":"1.0"`...)
	hashed := 0
	member := func(name, value string, filledIn bool) {
		if filledIn {
			h.Write(b[hashed:])
		}
		b = appendMember(b, name, value)
		if filledIn {
			hashed = len(b)
		}
	}
	member("id", e.id, f.id)
	member("source", e.source, false)
	member("type", e.kind, false)
	member("subject", e.subject, false)
	member("time", e.time, f.time)
	member("datacontenttype", e.dataContentType, false)
	member("dataschema", e.dataSchema, false)
	member("expirytime", e.expiryTime, f.expiryTime)
	b = e.appendRest(b)
	h.Write(b[hashed:])
	return b, [32]byte(h.Sum(nil))
}

func (e event) appendRest(b []byte) []byte {
	b = appendMember(b, "urgency", e.urgency)
	b = appendMember(b, "collapsekey", e.collapseKey)
	b = appendMember(b, "correlationid", e.correlationID)
	for _, x := range e.extensions {
		b = append(append(append(b, `,"`...), x.name...), `":`...)
		b = append(b, x.value...)
	}
	b = append(b, `,"data":`...)
	return append(appendCompact(b, e.data), '}')
}

// appendMember appends an attribute, unless it is absent.
func appendMember(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(append(append(b, `,"`...), name...), `":`...)
	return appendString(b, value)
}

// appendString appends a string that is valid UTF-8 and has no control
// characters: only two characters need an escape (RFC 8259 §7).
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(append(b, s[from:i]...), '\\')
			from = i
		}
	}
	return append(append(b, s[from:]...), '"')
}

// appendCompact appends valid JSON without the space around its tokens.
func appendCompact(b []byte, valid json.RawMessage) []byte {
	from := 0
	for i := 0; i < len(valid); i++ {
		switch valid[i] {
		case '"':
			i = endOfString(valid, i)
		case ' ', '\t', '\n', '\r':
			b = append(b, valid[from:i]...)
			from = i + 1
		}
	}
	return append(b, valid[from:]...)
}

// endOfString is the index of the quote that ends the string which begins at i.
func endOfString(valid json.RawMessage, i int) int {
	for i++; valid[i] != '"'; i++ {
		if valid[i] == '\\' {
			i++
		}
	}
	return i
}

// checkEncoded finds the faults that only the whole event shows. JSON is UTF-8
// (RFC 8259 §8.1), and a text frame that is not would cost the client its
// connection (RFC 6455 §8.1); encoding/json does not look inside of data.
func checkEncoded(o fault.Object, encoded []byte) {
	if len(encoded) > protocol.MaxEvent {
		o.FaultLimit("", fault.MaxLength, protocol.MaxEvent)
	}
	if !utf8.Valid(encoded) {
		o.Fault("", fault.Syntax)
	}
}
