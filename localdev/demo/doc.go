// Package demo serves the demo page: sign in as one of a few users, publish,
// and see the bell ring in every tab. It exists on a developer's machine only.
//
// The page is plain ES modules in static/, which are part of the binary. What
// it asks of the server here is what a site would do for itself: make a session
// when a user signs in, revoke it when the user signs out, and publish. All
// three invoke the functions that a backend invokes.
//
// # Routes
//
//	GET  /                 the page
//	GET  /demo/static/…    its scripts, styles and pictures
//	GET  /demo/me          {"users", "user", "publishFunction"}
//	POST /demo/sign-in     {"user": "ada"}: sets the session cookie
//	POST /demo/sign-out    {}: revokes the session and clears the cookie
//	POST /demo/publish     a request of PublishFunction, whose answer is passed on
//
// # Promises
//
// Nothing but the page itself can use the POST routes from a browser: they take
// JSON only, and only from a page of the same origin. The session cookie is
// out of reach of scripts (HttpOnly, SameSite=Lax); who is signed in stands in
// a second one. The page loads nothing from elsewhere, and its
// Content-Security-Policy forbids it to. Tokens are never logged.
//
// Anybody may sign in as anybody: this is no place for real users.
//
// # Limits
//
// A body is at most 256 KB, a call takes at most 30 s. A browser has one
// session: signing in revokes the one before.
//
// # Errors
//
// {"error": {"code", "message", "temporary"}} with the codes of
// bellhop/shared/protocol and their HTTP status.
//
// Read demo.go first, then session.go; for the page static/bellhop.js.
package demo
