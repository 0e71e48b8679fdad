// Package inbox is the log of a user: inbox, source of replays and badge at
// once.
//
// Every change of a log (an item appended, marked, withdrawn) takes the next
// offset; offsets have no holes, and n+1 is never visible before n. The epoch
// names the log's life: a log that was lost begins again under a new one, and
// old offsets mean nothing in it.
//
// # Promises
//
// Append stores each pair of source and id once in 24 hours. Resume gives a
// client every change after its offset, once, in order and in its latest
// state, or says that it cannot and gives the newest page instead. Counts are
// computed from the log, never stored, so that they cannot drift. An expired
// item is in no answer. Where a read sees only a part of the latest commit, Resume
// claims no offset within it.
//
// # Limits
//
// An event has at most 31 KiB. Counts stop at 100. A resume replays at most
// [MaxReplay] changes; every answer fits a frame of 32 KiB.
//
// # Concurrency
//
// Several writers of one log meet on its head: one wins, the others read again
// and retry with jittered pauses until ctx ends. Writers in one process take
// turns per user, so that they do not lose races to each other.
//
// Read next: table.go (what is stored), log.go, append.go, resume.go.
package inbox
