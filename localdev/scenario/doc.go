// Package scenario plays scripts against a running Bellhop, in one process, as
// built functions, or deployed. A script reads like the protocol:
//
//	# a client that drops gets what it missed, once
//	ann connect session=ann
//	ann > {"type":"hello","id":"1"}
//	ann < {"type":"welcome","epoch":$epoch,"offset":0,"items":[],…}
//	ann drop
//	publish users=ann {"source":"shop","type":"order.shipped","data":{}}   # → stored
//	ann connect session=ann
//	ann > {"type":"hello","id":"2","epoch":$epoch,"offset":0}
//	ann < {"type":"welcome","offset":1,"recovered":true,"items":[{"offset":1,…}],…}
//	ann < nothing
//
// # Lines
//
//	<device> connect session=<user>[/<n>] [ttl=<seconds>] [origin=<url>]   opens a socket; # → 403 expects that status instead of 101
//	<device> > <frame>                                     sends a frame
//	<device> >> <text>                                     sends the rest of the line as it stands
//	<device> repeat <frame> until <pattern>                sends the frame until this is what comes next
//	<device> < <pattern>                                   expects this to be the next frame
//	<device> < nothing                                     expects that nothing has come: a ping's pong is next
//	<device> closed                                        expects that the service closes the socket next
//	<device> drop                                          closes the socket, from the client's side
//	publish users=<user>[,<user>] [store=false] <notification>
//	withdraw users=<user>[,<user>] {"source":…,"id":…}
//	revoke session=<user>[/<n>] | user=<user>
//	renew session=<user>[/<n>] ttl=<seconds>
//	elapse session=<user>[/<n>]                            waits for the end that the session was made with
//	sweep                                                  does what a schedule does each minute
//	settings <parameter>=<value> …                         of the template: the target is to have them
//
// A session is made when it is first named, for an hour unless ttl says otherwise;
// what stands before its "/" is the user. Publish, withdraw and revoke may say what
// they expect in a trailing comment, "# →" and a summary for each user, in their
// order: outcome, devices reached, and "duplicate" or an error's code, as in
// "# → live 2, stored duplicate, failed conflict"; "refused invalid_request" for a
// request that is wrong in form; "# → 1" for sessions revoked. Without one, publish
// expects no failure. Of renew it is "renewed" or an error's code; without one,
// "renewed".
//
// A pattern is JSON in which … as the last member or element allows for more, …
// in the place of a value stands for any, and $name takes the value that it
// meets first and must meet it again from then on. In frames and notifications
// to send $name is the value that it took.
//
// # Promises
//
// Nothing sleeps, but for elapse: each step has happened when the next begins.
// That a client has gone is known to the gateway before drop is over, since it
// answers the close frame. A script begins with users who have no log: give each
// a service of its own.
//
// # Errors
//
// Every error names file and line. Parse reports all faults of a script
// together.
//
// Read next: testdata/*.txt, then script.go, value.go, step.go and play.go.
package scenario
