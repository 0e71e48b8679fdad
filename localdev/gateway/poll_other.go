//go:build !linux

package gateway

import "net"

// polling is nothing outside Linux: every connection has a goroutine there.
type polling struct{}

func newPolling() *polling { return &polling{} }

func (*polling) stop() {}

func (*polling) transport(c *conn, raw net.Conn) transport { return newStream(c, raw) }
