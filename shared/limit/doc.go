// Package limit keeps what one user asks for within bounds: so many frames a
// second of each connection, and so many requests of the user, over all
// connections and the HTTP API together.
//
// Each limit is a token bucket as API Gateway's own throttling has it ("Throttle
// requests to your HTTP APIs", Amazon API Gateway Developer Guide): a burst at
// once, and a rate on average. It is kept as the generic cell rate algorithm (GCRA, ITU-T
// Recommendation I.371) keeps it, in one time: that at which the bucket is full
// again. A bucket that is full needs no state.
//
// What it promises:
//
//   - Of requests at the same moment a bucket admits its burst and no more,
//     however many functions count them, as long as each of these can write what
//     it counted within a few tries. One that cannot goes by the latest state that
//     it has read: while a bucket is empty, that is a refusal.
//   - A frame that a connection's bucket refuses costs the user's bucket nothing:
//     one device that floods does not silence the others.
//   - A refused frame costs its connection as much as an admitted one, so that
//     who goes on for another burst is known, as [Verdict.Flood].
//
// Limits: times are in microseconds, so a rate is at most [MaxRate] a second.
// The state of a user names at most [MaxTracked] connections.
//
// Errors: those of the [Store]. Whoever asks decides what they mean.
//
// Read next: rate.go for the arithmetic, limiter.go for how it is kept.
package limit
