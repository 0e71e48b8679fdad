package inspector

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"bellhop/localdev/inspector/mask"
	"bellhop/localdev/observe"

	"github.com/valyala/fasthttp"
)

const (
	rowText   = 2 << 10   // bytes of a payload that go with a row
	eventText = 512 << 10 // and with an event
)

// row is an event as the page sees it, masked.
type row struct {
	ID string `json:"id"`
	observe.Event
	Text string `json:"text"`          // the payload, or its beginning
	Cut  bool   `json:"cut,omitempty"` // Text is only the beginning
}

// row makes the row of an event.
func (i *Inspector) row(e *observe.Event) row {
	return i.shown(e, mask.Text(string(e.Payload)), rowText)
}

// whole makes the row of an event with all of its payload, JSON in lines.
func (i *Inspector) whole(e *observe.Event) row {
	text := mask.Text(string(e.Payload))
	var lines bytes.Buffer
	if json.Indent(&lines, []byte(text), "", "  ") == nil {
		text = lines.String()
	}
	return i.shown(e, text, eventText)
}

func (i *Inspector) shown(e *observe.Event, text string, limit int) row {
	r := row{ID: i.idOf(e.Seq), Event: *e}
	r.User, r.Detail, r.Error = mask.Text(e.User), mask.Text(e.Detail), mask.Text(e.Error)
	r.Text, r.Cut = cut(text, limit)
	return r
}

// cut shortens a text to so many bytes, between two characters.
func cut(text string, limit int) (string, bool) {
	if len(text) <= limit {
		return text, false
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit], true
}

// event answers with one event, or with what a function was given.
func (i *Inspector) event(ctx *fasthttp.RequestCtx, path string) {
	rest, ok := strings.CutPrefix(path, Path+"/events/")
	id, payload := strings.CutSuffix(rest, "/payload")
	seq, known := i.seqOf(id)
	e, kept := i.recorder.Find(seq)
	switch {
	case !ok || !known || payload && kept && e.Kind != observe.InvokeStart:
		refuse(ctx, fasthttp.StatusNotFound, "Not Found")
	case !kept:
		refuse(ctx, fasthttp.StatusNotFound, "this event is kept no more")
	case payload:
		save(ctx, &e)
	default:
		answer(ctx, i.whole(&e))
	}
}

// save answers with the exact payload of an invocation, as a file.
func save(ctx *fasthttp.RequestCtx, e *observe.Event) {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", r) {
			return r
		}
		return '-'
	}, e.Function)
	ctx.Response.Header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%d.json"`, name, e.Seq))
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.SetContentType("application/json")
	ctx.SetBody(e.Payload)
}

func answer(ctx *fasthttp.RequestCtx, v any) {
	body, err := json.Marshal(v)
	if err != nil { // rows always marshal
		body = []byte("{}")
	}
	ctx.Response.Header.Set("Cache-Control", "no-store")
	ctx.SetContentType("application/json")
	ctx.SetBody(body)
}

func refuse(ctx *fasthttp.RequestCtx, status int, message string) {
	answer(ctx, map[string]string{"message": message})
	ctx.SetStatusCode(status)
}
