package gateway

import (
	"strconv"
	"strings"
	"time"

	"bellhop/localdev/gateway/integration"
)

// outcome is what came of a request, as the access log tells it.
type outcome struct {
	status  int
	message string // of the gateway's own answer
	// Of the integration; status 0: it was not asked.
	integrationStatus int
	integrationError  string
	latency           time.Duration
	// Of the authorizer; status 0: it was not asked.
	authorizerStatus int
	authorizerError  string
}

// asked notes what an integration answered.
func (o *outcome) asked(a integration.Answer, err error, took time.Duration) {
	o.latency, o.integrationStatus = took, a.Status
	if err != nil {
		o.integrationStatus, o.integrationError = 500, err.Error()
	}
}

// access writes a line of the access log. Names are those of "Set up logging for
// WebSocket APIs" of the API Gateway Developer Guide.
func (g *Gateway) access(m *moment, status int, message string) {
	if g.accessLog == nil {
		return
	}
	m.outcome.status, m.outcome.message = status, message
	g.opts.AccessLog(g.accessLog.Line(func(name string) string {
		if value := m.outcome.variable(strings.TrimPrefix(name, "context."), m.latency); value != "" {
			return value
		}
		return g.variable(m, name)
	}))
}

// variable is what the outcome knows of a name, "" for nothing.
func (o *outcome) variable(name string, authorizerLatency int64) string {
	switch name {
	case "status":
		return strconv.Itoa(o.status)
	case "error.message":
		return o.message
	case "error.messageString":
		if o.message == "" {
			return ""
		}
		return strconv.Quote(o.message)
	case "integrationErrorMessage", "integration.error":
		return o.integrationError
	case "integrationLatency", "integration.latency":
		return unlessZero(o.integrationStatus, o.latency.Milliseconds())
	case "integrationStatus", "integration.status", "integration.integrationStatus":
		return unlessZero(o.integrationStatus, int64(o.integrationStatus))
	case "authorizer.status", "authorizer.integrationStatus":
		return unlessZero(o.authorizerStatus, int64(o.authorizerStatus))
	case "authorizer.latency", "authorizer.integrationLatency":
		return unlessZero(o.authorizerStatus, authorizerLatency)
	case "authorizer.error":
		return o.authorizerError
	}
	return ""
}

// unlessZero gives a number, "" where the status says that there is none.
func unlessZero(status int, number int64) string {
	if status == 0 {
		return ""
	}
	return strconv.FormatInt(number, 10)
}
