package hosts

import (
	"maps"
	"os"
	"slices"
	"strings"
)

// systemRoots are where systems keep the certificates that they trust, in the
// order in which Go looks for them.
var systemRoots = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, Amazon Linux
	"/etc/ssl/ca-bundle.pem",                            // openSUSE
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL
	"/etc/ssl/cert.pem",                                 // Alpine, macOS
}

// bundleOf is what the system trusts, and the authority. The variables that name
// a bundle replace the system's, so a bundle of the authority alone would cut a
// function off from all other hosts.
func bundleOf(authority []byte) []byte {
	for _, path := range systemRoots {
		if roots, err := os.ReadFile(path); err == nil {
			return append(append(roots, '\n'), authority...)
		}
	}
	return authority
}

// Environment is what a process needs so that the hosts lead here: HTTPS_PROXY
// for Go and Python, the certificates for all, and the variables of package
// nodejs.
func (f *Front) Environment() map[string]string {
	env := map[string]string{
		"HTTPS_PROXY": "http://" + f.Addr(), "https_proxy": "http://" + f.Addr(),
		"NO_PROXY": "localhost,127.0.0.1,::1", "no_proxy": "localhost,127.0.0.1,::1",
		"BELLHOP_HOSTS": strings.Join(slices.Sorted(maps.Keys(f.targets)), ","), "BELLHOP_HOSTS_AT": f.Addr(),
	}
	for _, name := range []string{"AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"} {
		env[name] = f.bundle
	}
	return env
}
