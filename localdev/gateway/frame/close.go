package frame

import (
	"fmt"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// CloseError is a breach of the protocol or of a limit; Code is the status
// code of the close frame that answers it (RFC 6455 §7.4.1).
type CloseError struct {
	Code   ws.StatusCode
	Reason string // for the log; at most 123 bytes
}

// Error tells code and reason.
func (e *CloseError) Error() string { return fmt.Sprintf("close %d: %s", e.Code, e.Reason) }

func breach(code ws.StatusCode, reason string) *CloseError {
	return &CloseError{Code: code, Reason: reason}
}

// ParseClose reads the payload of a close frame. An empty payload is code 1005,
// which stands for "no code was sent". A payload that RFC 6455 §5.5.1 and §7.4
// do not allow is a *CloseError with 1002, a reason that is not UTF-8 one with
// 1007.
func ParseClose(payload []byte) (ws.StatusCode, string, error) {
	if len(payload) == 0 {
		return ws.StatusNoStatusRcvd, "", nil
	}
	if len(payload) == 1 {
		return 0, "", breach(ws.StatusProtocolError, "close payload of one byte")
	}
	code, reason := ws.ParseCloseFrameData(payload)
	if !sendable(code) {
		return 0, "", breach(ws.StatusProtocolError, "close code not allowed")
	}
	if !utf8.ValidString(reason) {
		return 0, "", breach(ws.StatusInvalidFramePayloadData, "close reason is not UTF-8")
	}
	return code, reason, nil
}

// sendable reports whether a peer may put the code into a close frame:
// registered codes (1012 to 1014 were registered after the RFC), and the ranges
// for libraries and applications.
func sendable(code ws.StatusCode) bool {
	switch {
	case code >= 3000 && code <= 4999:
		return true
	case code >= 1012 && code <= 1014:
		return true
	}
	return code.IsProtocolDefined() && !code.IsProtocolReserved()
}
