// Package origin is the allow-list of web origins whose pages may open a
// socket. It decides as Django Channels' AllowedHostsOriginValidator does, so
// that a site's ALLOWED_HOSTS can move here as it is.
//
// A pattern is one of
//
//	example.com                  this host, any scheme, any port
//	.example.com                 this host and all below it
//	https://example.com          this host, this scheme, its default port
//	https://.example.com:8443    a scheme and a port for a host and all below it
//	*                            everything, even a request without an origin
//
// Letters' case does not matter. What comes after the host (a path, a query)
// is ignored, in patterns and in origins. http and ws mean port 80, https and
// wss mean 443; no other scheme has a default. An empty list allows nothing.
//
// A port counts only where the pattern has a scheme, and what looks like a
// scheme is one: "localhost:8000" is the scheme "localhost" without a host, and
// matches nothing, while "127.0.0.1:8000" is that host with any port. Write
// http://localhost:8000.
//
// Patterns are tried in their order, and the first that matches ends the
// search. Where the original raises an exception, which breaks the handshake
// off, this package refuses: an origin with a broken address in brackets is
// refused by every list, and one with a port that is no number from 0 to 65535
// is refused as soon as a pattern with a scheme looks at it. A pattern on which
// the original would raise at every request is an error of Parse.
//
// Two differences, both on the side of refusing. Python's releases disagree
// about text around brackets (http://a[::1], http://[::1]a, http://[::1]@a) and
// about what may stand in them; here it is refused, as in the newest. And a
// pattern with a letter beyond Latin-1 just matches nothing, where the original
// raises on some: browsers send such names in Punycode.
//
// Sources: channels/security/websocket.py (4.3), django/utils/http.py (5.2),
// Python's urllib.parse; RFC 6454 for the header. The tests hold every verdict
// against the original.
//
// Read next: list.go, then url.go for how a URL is read.
package origin
