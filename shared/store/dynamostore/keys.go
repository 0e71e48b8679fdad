package dynamostore

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The tables. S is a string, N a number, B binary, ? an attribute that may be
// absent. Times are Unix times: in seconds for expires and created (DynamoDB
// deletes rows by expires), in milliseconds for all others; a time or a number
// that is not set has no attribute.
//
// Inbox: everything of a user's log is under the user.
//
//	user  key              attributes
//	────  ───────────────  ──────────────────────────────────────────────────
//	ada   HEAD             epoch S, offset N, last_item N, last_from N?,
//	                       last_count N?, seen_through N, read_through N,
//	                       archived_through N, at N?, write S?
//	ada   N#<20 digits>    changed N, unread N?, event S?, read_at N?,
//	                       archived_at N?, withdrawn_at N?, expires N?
//	ada   ID#<hash>        offset N, hash B, expires N?
//	ada   C#<collapsekey>  offset N, expires N?
//
// The 20 digits are the offset that the item was created with, so that keys
// stand in the order of offsets. HEAD's write names the commit that wrote it,
// where that was a commit of the head alone.
//
//	local index  sort key  which rows     attributes
//	───────────  ────────  ─────────────  ──────────
//	by-change    changed   N#             all
//	by-unread    unread    N# not read    expires
//
// Items with one value stand in the order of their keys.
//
// Connections:
//
//	user  connection       attributes
//	────  ───────────────  ──────────────────────────────────────────────────
//	ada   <connection id>  session S, endpoint S, ready BOOL, connected_at N?,
//	                       expires N?, ends N?, due S?
//	ada   #limits          version S, full N?, connections M, until N, expires N
//	␁sweep  swept          minute N, held N (seconds; while one is under way)
//
// The row #limits says what is used of the user's limits. It stands before all
// connections: their ids begin with a letter, a digit, "-", "_" or "=". Its full,
// until, and the numbers of connections, by id, are in microseconds.
//
// ends and due are of connections whose session ends before the gateway would
// close them; due is the minute of the end since 1970, "#" and a shard.
//
//	global index  partition  sort  which rows  attributes
//	────────────  ─────────  ────  ──────────  ──────────
//	by-end        due        ends  with due    all
//
// Sessions:
//
//	id           attributes
//	───────────  ──────────────────────────────────────────────
//	<id>         user S, created N?, expires N?, revoked BOOL?
//	ticket#<id>  session S, expires N?
//
//	global index  partition  sort  which rows  attributes
//	────────────  ─────────  ────  ──────────  ──────────
//	by-user       user       id    sessions    keys only
const (
	headKey       = "HEAD"
	itemPrefix    = "N#"
	markerPrefix  = "ID#"
	pointerPrefix = "C#"
	ticketPrefix  = "ticket#"
	limitsKey     = "#limits"

	byChange = "by-change"
	byUnread = "by-unread"
	byUser   = "by-user"
	byEnd    = "by-end"

	sweepUser = "\x01sweep"

	revokedAttribute = "revoked" // of a session that nobody is signed in by; any value

	maxOffset = math.MaxInt64
)

func itemKey(offset int64) string { return fmt.Sprintf(itemPrefix+"%020d", offset) }

// offsetOf is the offset in the key of an item.
func offsetOf(key string) (int64, error) {
	digits, ok := strings.CutPrefix(key, itemPrefix)
	if !ok || len(digits) != 20 {
		return 0, fmt.Errorf("%q is no key of an item", key)
	}
	return strconv.ParseInt(digits, 10, 64)
}

// logKey is the primary key of a row of Inbox.
func logKey(user, key string) row { return row{"user": text(user), "key": text(key)} }

// row is a row of any table, or a part of it.
type row = map[string]types.AttributeValue
