package main

import (
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"

	"bellhop/localdev/service"
)

// announce says what runs, and where.
func announce(out io.Writer, addr *net.TCPAddr, s service.Summary) {
	host := addr.IP.String()
	if addr.IP.IsLoopback() || addr.IP.IsUnspecified() {
		host = "localhost"
	}
	at := net.JoinHostPort(host, strconv.Itoa(addr.Port))
	if s.Ours {
		announceBellhop(out, at, s)
	} else {
		announceTemplate(out, at, s)
	}
	fmt.Fprint(out, "\nCtrl-C stops it.\n")
}

func announceBellhop(out io.Writer, at string, s service.Summary) {
	fmt.Fprintf(out, `Bellhop runs. Its functions run %s; its inboxes are kept in %s.

  demo page and HTTP API   http://%s
  WebSocket                ws://%s%s
  Lambda and @connections  --endpoint-url http://%s

Open the page, sign in as ada, and ring her bell from another terminal:

  curl -s http://%s/2015-03-31/functions/bellhop-publish/invocations \
    -d '{"users":["ada"],"notification":{"source":"shell","type":"greeting","data":{"title":"Hello, Ada"}}}'
`, s.Ways, s.Kept, at, at, service.SocketPath, at, at)
}

func announceTemplate(out io.Writer, at string, s service.Summary) {
	fmt.Fprintf(out, "%s runs. Its functions run %s", s.Template, s.Ways)
	if s.Kept != "" {
		fmt.Fprintf(out, "; its tables are in %s", s.Kept)
	}
	fmt.Fprint(out, ".\n\n")
	for _, socket := range s.Sockets {
		address := at + "/" + socket.Path
		if _, port, err := net.SplitHostPort(at); err == nil && socket.Domain != "" {
			address = socket.Domain + ".localhost:" + port + "/" + socket.Path
		}
		fmt.Fprintf(out, "  WebSocket                ws://%s   %s\n", address, socket.API)
	}
	fmt.Fprintf(out, "  Lambda and @connections  --endpoint-url http://%s\n  functions                %s\n", at, strings.Join(s.Functions, ", "))
}
