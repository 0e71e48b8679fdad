// Package accesslog renders the lines of an API's access log by the format that its
// stage has, a text with variables such as $context.requestId in it.
//
// A variable without a value is "-". Whatever a value holds, a line stays one line:
// control characters become spaces. Values are not quoted otherwise, as on AWS,
// where a user agent with a quote in it breaks a format that looks like JSON.
//
// A format has at most 3 KB, and names $context.requestId; another one is an error of
// [Parse], as it is on AWS. There are no other errors. A [Format] is safe for
// concurrent use. Source: "Set up logging for WebSocket APIs" of the API Gateway
// Developer Guide, and its quotas.
package accesslog

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

const maxFormat = 3 << 10

var variable = regexp.MustCompile(`\$context(?:\.[A-Za-z0-9_]+)+`)

// Format is a parsed format.
type Format struct{ text string }

// Parse checks a format; "" gives nil, which logs nothing.
func Parse(format string) (*Format, error) {
	switch {
	case format == "":
		return nil, nil
	case len(format) > maxFormat:
		return nil, fmt.Errorf("access log format: %d bytes, over %d", len(format), maxFormat)
	case !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId"):
		return nil, errors.New("access log format: $context.requestId is missing")
	}
	return &Format{text: format}, nil
}

// Line renders a line, without its end. vars looks a name up, such as
// "context.status".
func (f *Format) Line(vars func(name string) string) string {
	return variable.ReplaceAllStringFunc(f.text, func(name string) string {
		value := strings.Map(plain, vars(name[1:]))
		if value == "" {
			return "-"
		}
		return value
	})
}

// plain keeps line breaks and the like out.
func plain(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
