// Package hosts leads the host names that an API has on AWS back to this machine,
// for processes whose code builds such an address itself:
//
//	https://{apiId}.execute-api.{region}.amazonaws.com/{stage}
//
// and those of services with a local endpoint, for SDKs too old to know the
// AWS_ENDPOINT_URL variables.
//
// A [Front] is one loopback port that speaks two ways: TLS for one of its hosts, as
// if it were that host, and HTTP CONNECT, as HTTPS_PROXY asks for. What arrives for
// its hosts goes on, decrypted, to the local service. [Front.Environment] is what a
// process needs to see: variables that Go, Python and the AWS SDKs heed. Node.js
// heeds no proxy; package nodejs has a module for it.
//
// # Promises
//
// Only the Front's own hosts are answered for. CONNECT to any other host is passed
// on as it is, end to end, so that a function reaches what it would reach on AWS;
// Options.Offline refuses it instead. TLS for any other host fails.
//
// Certificates come from an authority of this machine, made at the first start and
// kept in the data folder, its key readable by the owner alone (0600). It signs for
// the Front's hosts alone, each time for a day, and is in no trust store: nothing
// but the processes that get Environment trusts it.
//
// # Limits
//
// A handshake or a CONNECT has 10 s. A proxy of the developer's own is not used
// for what is passed on.
//
// # Errors
//
// A key that cannot be read is an error that names its file; deleting the folder
// makes a new authority. An unreachable host is status 502, a refused one 403.
//
// Read next: front.go, then authority.go and environment.go.
package hosts
