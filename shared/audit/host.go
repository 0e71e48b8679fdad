package audit

import (
	"net/url"
	"strings"
)

// MaxHost is how many bytes of a host are kept: as long as a name can be (RFC
// 1035 §2.3.4: 255 octets), with a port.
const MaxHost = 261

// Host is what an entry tells of an Origin header's values: host and port of the
// first, "null" as it stands (RFC 6454 §7.1), "invalid" for what has no host, and
// nothing if there is none.
func Host(origins []string) string {
	if len(origins) == 0 {
		return ""
	}
	if origins[0] == "null" {
		return "null"
	}
	u, err := url.Parse(origins[0])
	if err != nil || u.Host == "" {
		return "invalid"
	}
	return strings.ToValidUTF8(u.Host[:min(len(u.Host), MaxHost)], "")
}
