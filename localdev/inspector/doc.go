// Package inspector serves a page that shows what happens in the local service
// while it happens: connections and handshakes that were refused, frames,
// invocations, pushes, faults. It exists on a developer's machine only.
//
// # Routes
//
//	GET /_inspector                       the page
//	GET /_inspector/static/…              its scripts, styles and pictures
//	GET /_inspector/events                what happens, as Server-Sent Events
//	GET /_inspector/events/{id}           one event whole, masked
//	GET /_inspector/events/{id}/payload   what a function was given, as it was
//
// The stream has two types of events: message, a [row] as JSON, and skipped, how
// many rows a page was too slow for. A page that comes back names the last row it
// had, in Last-Event-ID or ?after=, and gets what came since.
//
// # Promises
//
// While no page is open nobody listens, and the service pays an atomic load for
// each event. While one is open the latest events are kept, and each page reads
// them at its own pace: a slow one skips rows, and the service never waits for it.
// What was kept stays when the last page closes, so that a reload shows it again;
// what happened in between was not recorded, and a row says so.
//
// Credentials are masked in rows and events: see package mask. The payload is
// not, so that `sam local invoke -e` does with it what the function did.
//
// Only this machine may ask, by its own names (the router's guard), and no page of
// another site.
//
// # Limits
//
// 16 MiB of events are kept, 16 pages may be open at once (browsers open 6 to one
// host), a row has 2 KiB of its payload, an event 512 KiB. A page that takes
// nothing for 30 s is let go.
//
// # Errors
//
// {"message": …} with 403 (another machine or site), 404 (no such event, or kept no
// more), 405, 503 (too many pages, or closing).
//
// Read next: inspector.go, stream.go and row.go; for the page static/app.js.
package inspector
