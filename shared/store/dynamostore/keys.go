package dynamostore

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The tables.
//
//	Inbox (user, key)      key            attributes
//	  the head of a log    HEAD           epoch offset last_item seen_through read_through at
//	  item                 N#<offset>     changed unread event read_at archived_at withdrawn_at expires
//	  marker               ID#<hash>      offset hash expires
//	  pointer              C#<collapse>   offset expires
//	  local indexes: by-change (user, changed), by-unread (user, unread)
//
//	Connections (user, connection)        session endpoint ready connected_at expires
//
//	Sessions (id)          <id>           user created expires
//	                       ticket#<id>    session expires
//	  global index: by-user (user, id)
//
// An item's offset has 20 digits, so that keys sort as numbers do. Times are
// numbers: expires and created in seconds, the others in milliseconds.
const (
	keyHead       = "HEAD"
	prefixItem    = "N#"
	prefixMarker  = "ID#"
	prefixPointer = "C#"
	prefixTicket  = "ticket#"

	indexByChange = "by-change"
	indexByUnread = "by-unread"
	indexByUser   = "by-user"
)

func itemKey(offset int64) string { return fmt.Sprintf("%s%020d", prefixItem, offset) }

func offsetOf(key string) (int64, error) {
	return strconv.ParseInt(strings.TrimPrefix(key, prefixItem), 10, 64)
}

// row is an item of a table, as the SDK has it.
type row = map[string]types.AttributeValue

func inboxKey(user, key string) row { return row{"user": text(user), "key": text(key)} }
