package handler

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"bellhop/shared/fault"
	"bellhop/shared/inbox"
	"bellhop/shared/protocol"

	"github.com/aws/aws-lambda-go/events"
)

// Notifications answers GET /notifications. Next is the value of before for
// the next page.
type Notifications struct {
	User   string `json:"user"`
	Epoch  string `json:"epoch"`
	Offset int64  `json:"offset"`
	protocol.Counts
	Items []protocol.Item `json:"items"`
	Next  int64           `json:"next,omitempty"`
}

// list answers 304 where the client's entity tag still holds (RFC 9110
// §13.1.2), by one read of the head.
func (h *Inbox) list(ctx context.Context, user string, e events.APIGatewayV2HTTPRequest) (reply, error) {
	ask, err := readQuery(e.QueryStringParameters)
	if err != nil {
		return reply{}, err
	}
	if tags, asks := headerValue(e.Headers, "if-none-match"); asks {
		head, err := h.Log.Head(ctx, user)
		if err != nil {
			return reply{}, err
		}
		if tag := matching(tags, head, h.Now()); tag != "" {
			return reply{status: http.StatusNotModified, tag: tag}, nil
		}
	}
	page, err := h.Log.List(ctx, user, *ask)
	if err != nil {
		return reply{}, err
	}
	counts, until, err := h.Log.CountsUntil(ctx, user, page.Head)
	if err != nil {
		return reply{}, err
	}
	answer := Notifications{User: user, Epoch: page.Head.Epoch, Offset: page.Head.Offset, Counts: counts, Items: page.Items}
	if page.More {
		answer.Next = page.Items[len(page.Items)-1].Offset
	}
	r := reply{status: http.StatusOK, body: answer}
	if page.Whole {
		r.tag = entityTag(page.Head, inbox.Earlier(page.Until, until))
	}
	return r, nil
}

// entityTag names what a page shows: the log's state, and until when that holds
// by itself, in seconds since 1970; 0: for ever.
func entityTag(head inbox.Head, until time.Time) string {
	seconds := int64(0)
	if !until.IsZero() {
		seconds = until.Unix()
	}
	return tagPrefix(head) + strconv.FormatInt(seconds, 10) + `"`
}

func tagPrefix(head inbox.Head) string {
	return `"` + head.Epoch + "-" + strconv.FormatInt(head.Offset, 10) + "-"
}

// matching finds the entity tag, among those of an If-None-Match, that the log
// still stands for.
func matching(tags string, head inbox.Head, now time.Time) string {
	for tag := range strings.SplitSeq(tags, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		rest, found := strings.CutPrefix(tag, tagPrefix(head))
		until, err := strconv.ParseInt(strings.TrimSuffix(rest, `"`), 10, 64)
		if found && err == nil && (until == 0 || now.Unix() < until) {
			return tag
		}
	}
	return ""
}

// readQuery reads before, limit, unread, archived and type as the frame list
// does.
func readQuery(query map[string]string) (*protocol.List, error) {
	var faults fault.Faults
	o := fault.Parse([]byte("{}"), &faults)
	for _, name := range []string{"before", "limit", "unread", "archived"} {
		if value := query[name]; value != "" {
			o.Fields[name] = json.RawMessage(value)
		}
	}
	ask := protocol.ReadList(o, "")
	ask.Filter.Unread, ask.Filter.Archived = o.Bool("unread", false), o.Bool("archived", false)
	if ask.Filter.Type = query["type"]; len(ask.Filter.Type) > 256 {
		o.FaultLimit("type", fault.MaxLength, 256)
	}
	return ask, faults.Err()
}
