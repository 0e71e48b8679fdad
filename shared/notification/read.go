package notification

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bellhop/shared/fault"
)

// Read reads an event that is an object within a request. The faults that it
// finds are added to the request's, with the object's path; if there are any,
// the notification is the zero one.
func Read(o fault.Object, d Defaults) Notification {
	if o.Fields == nil {
		return Notification{} // no object, which is a fault already
	}
	before := o.Faults()
	if len(o.Fields) > MaxAttributes {
		o.FaultLimit("", fault.MaxItems, MaxAttributes)
		return Notification{}
	}
	r := reader{Object: o}
	e := r.event(d)
	if o.Faults() > before {
		return Notification{}
	}
	n := e.complete(d)
	if checkEncoded(o, n.Event); o.Faults() > before {
		return Notification{}
	}
	return n
}

// reader reads attributes.
type reader struct{ fault.Object }

func (r reader) event(d Defaults) event {
	r.Require("source", "type", "data")
	e := event{
		id:              r.text("id", MaxID),
		source:          r.uri("source", false),
		kind:            r.text("type", MaxType),
		subject:         r.text("subject", MaxText),
		dataContentType: r.word("datacontenttype", "application/json"),
		dataSchema:      r.uri("dataschema", true),
		urgency:         r.word("urgency", string(VeryLow), string(Low), string(Normal), string(High)),
		collapseKey:     r.text("collapsekey", MaxCollapse),
		correlationID:   r.text("correlationid", MaxID),
	}
	r.word("specversion", "1.0")
	e.time, e.at = r.time("time")
	e.expiryTime, e.expires = r.time("expirytime")
	if !e.expires.IsZero() && !e.expires.After(d.Now) {
		r.Fault("expirytime", fault.Future)
	}
	e.extensions = r.extensions()
	e.data = r.data()
	return e
}

// text reads an attribute that is a string; "" stands for absent alone.
func (r reader) text(name string, limit int) string {
	if string(r.Fields[name]) == `""` {
		if name != "source" && name != "type" { // those are required anyway
			r.Fault(name, fault.Required)
		}
		return ""
	}
	return r.printable(name, limit)
}

// printable reads a string without control characters.
func (r reader) printable(name string, limit int) string {
	s := r.String(name, limit)
	if strings.IndexFunc(s, unicode.IsControl) >= 0 {
		r.Fault(name, fault.Control)
		return ""
	}
	return s
}

func (r reader) word(name string, words ...string) string {
	s := r.text(name, 64)
	if s != "" && !slices.Contains(words, s) {
		r.Fault(name, fault.OneOf)
	}
	return s
}

// time gives the attribute as it is written, too.
func (r reader) time(name string) (string, time.Time) {
	s := r.text(name, 64)
	if s == "" {
		return "", time.Time{}
	}
	t, ok := fault.ParseTime(s)
	if !ok {
		r.Fault(name, fault.Timestamp)
		return "", time.Time{}
	}
	return s, t.UTC()
}

// uri reads a URI reference (RFC 3986 §4.1), or an absolute one (§4.3).
func (r reader) uri(name string, absolute bool) string {
	s := r.text(name, MaxText)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	rule := fault.URIRef
	if absolute {
		rule = fault.URI
	}
	if err != nil || !uriCharacters(s) || absolute && !u.IsAbs() {
		r.Fault(name, rule)
	}
	return s
}

// uriCharacters says whether s holds no byte but those of RFC 3986 §2, and
// each percent sign begins an octet; url.Parse lets more pass.
func uriCharacters(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '%' && i+2 < len(s) && hex(s[i+1]) && hex(s[i+2]):
			i += 2
		case c == '%' || strings.IndexByte("-._~:/?#[]@!$&'()*+,;=", c) < 0:
			return false
		}
	}
	return true
}

func hex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// extension is an attribute that is not of the package comment's list, with
// its value in JSON.
type extension struct {
	name  string
	value []byte
}

func (r reader) extensions() []extension {
	var found []extension
	for name := range r.Fields {
		if !known(name) && r.Has(name) {
			found = append(found, extension{name: name})
		}
	}
	slices.SortFunc(found, func(a, b extension) int { return strings.Compare(a.name, b.name) })
	for i := range found {
		found[i].value = r.extension(found[i].name)
	}
	return found
}

func known(name string) bool {
	switch name {
	case "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
		"expirytime", "urgency", "collapsekey", "correlationid", "data":
		return true
	}
	return false
}

func (r reader) extension(name string) []byte {
	switch {
	case name == "data_base64":
		r.Fault(name, fault.Unsupported)
		return nil
	case !legalName(name):
		r.Fault(name, fault.Name)
		return nil
	}
	raw := r.Fields[name]
	switch raw[0] {
	case '"':
		return appendString(nil, r.printable(name, MaxText))
	case 't', 'f':
		return raw
	}
	n, err := strconv.ParseInt(string(raw), 10, 32) // CloudEvents §3.1: integers of 32 bits
	if err != nil {
		r.Fault(name, fault.Scalar)
	}
	return strconv.AppendInt(nil, n, 10)
}

func legalName(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return name != "" && len(name) <= MaxName
}

// data is the raw object, whose title must be a string.
func (r reader) data() json.RawMessage {
	if !r.Has("data") || string(r.Fields["data"]) == `""` {
		return nil // a fault already
	}
	r.Member("data", "title").String("title", len(r.Fields["data"]))
	return r.Fields["data"]
}
