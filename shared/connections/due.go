package connections

import (
	"context"
	"hash/fnv"
	"time"
)

// Shards is into how many parts the rows of a minute are divided, so that many
// sessions that end at the same time are no single hot partition.
const Shards = 4

// Bucket is where the rows are found whose sessions end in one minute.
type Bucket struct {
	Minute int64 // since 1970
	Shard  int   // 0 to Shards-1
}

// Minute is the minute of a time, as a Bucket counts it.
func Minute(t time.Time) int64 { return t.Unix() / 60 }

// Bucket is where the row is found by its end; false for one without.
func (c Connection) Bucket() (Bucket, bool) {
	if c.Ends.IsZero() {
		return Bucket{}, false
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(c.ID)) // never fails
	return Bucket{Minute: Minute(c.Ends), Shard: int(h.Sum32() % Shards)}, true
}

// Lease is the right to sweep, from now on. Until is in whole seconds.
type Lease struct{ Now, Until time.Time }

// Schedule finds connections by the end of their sessions. Its methods are safe
// for concurrent use.
type Schedule interface {
	// Due gives the rows of a bucket whose Ends is not after now to visit, page
	// after page, until that returns an error. It may miss a change of the last
	// moments, and still show a row that is gone.
	Due(ctx context.Context, b Bucket, now time.Time, visit func([]Connection) error) error
	// BeginSweep has the caller alone sweep, up to EndSweep or the lease's end. It
	// gives the minute before which every bucket has been worked off, 0 if none was
	// ever; false says that another sweeps at now.
	BeginSweep(ctx context.Context, lease Lease) (minute int64, ok bool, err error)
	// EndSweep sets that minute and gives the lease back, unless that is over and
	// another has it now.
	EndSweep(ctx context.Context, lease Lease, minute int64) error
}
