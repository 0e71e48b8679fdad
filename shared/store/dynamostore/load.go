package dynamostore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"bellhop/shared/backoff"
	"bellhop/shared/inbox"
)

// What is asked again for keys that BatchGetItem leaves unprocessed, which it
// does above 16 MB or when a partition is throttled: at most so many requests,
// with pauses of full jitter below a bound that doubles.
const (
	batchTries      = 8
	batchFirstPause = 10 * time.Millisecond
)

// errUnprocessed says that DynamoDB left keys unprocessed to the last.
var errUnprocessed = errors.New("keys are still unprocessed")

// Load implements [inbox.Table]: one GetItem for the head alone, else one
// BatchGetItem.
func (s *Store) Load(ctx context.Context, user string, want inbox.Want) (inbox.Loaded, error) {
	rows, err := s.read(ctx, user, want)
	if err == nil {
		var loaded inbox.Loaded
		if loaded, err = loadedOf(rows); err == nil {
			return loaded, nil
		}
	}
	return inbox.Loaded{}, fmt.Errorf("load from the log of %s: %w", user, err)
}

func (s *Store) read(ctx context.Context, user string, want inbox.Want) ([]row, error) {
	keys := keysOf(user, want)
	if len(keys) > 1 {
		return s.batch(ctx, keys)
	}
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      &s.tables.Inbox,
		Key:            keys[0],
		ConsistentRead: aws.Bool(true),
	})
	if err != nil || len(out.Item) == 0 {
		return nil, err
	}
	return []row{out.Item}, nil
}

// keysOf lists the keys of the head and of what is wanted, each once: DynamoDB
// refuses a batch that names a key twice.
func keysOf(user string, want inbox.Want) []row {
	keys := []row{logKey(user, headKey)}
	seen := map[string]bool{}
	add := func(key string) {
		if !seen[key] {
			seen[key] = true
			keys = append(keys, logKey(user, key))
		}
	}
	for _, id := range want.Markers {
		add(markerPrefix + id)
	}
	for _, key := range want.Pointers {
		add(pointerPrefix + key)
	}
	for _, offset := range want.Items {
		add(itemKey(offset))
	}
	return keys
}

// batch reads the rows of up to 100 keys, in no order.
func (s *Store) batch(ctx context.Context, keys []row) ([]row, error) {
	var rows []row
	pause := batchFirstPause
	for try := 1; ; try++ {
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{
				s.tables.Inbox: {Keys: keys, ConsistentRead: aws.Bool(true)},
			},
		})
		if err != nil {
			return nil, err
		}
		for _, found := range out.Responses {
			rows = append(rows, found...)
		}
		if keys = unprocessed(out); len(keys) == 0 {
			return rows, nil
		}
		if try == batchTries {
			return nil, errUnprocessed
		}
		if err := backoff.Pause(ctx, pause); err != nil {
			return nil, err
		}
		pause *= 2
	}
}

func unprocessed(out *dynamodb.BatchGetItemOutput) []row {
	var keys []row
	for _, rest := range out.UnprocessedKeys {
		keys = append(keys, rest.Keys...)
	}
	return keys
}

// loadedOf sorts rows by what their key says that they are.
func loadedOf(rows []row) (inbox.Loaded, error) {
	loaded := inbox.Loaded{
		Markers:  map[string]inbox.Marker{},
		Pointers: map[string]inbox.Pointer{},
		Items:    map[int64]inbox.Item{},
	}
	for _, r := range rows {
		if err := addRow(&loaded, r); err != nil {
			return inbox.Loaded{}, err
		}
	}
	return loaded, nil
}

func addRow(loaded *inbox.Loaded, r row) (err error) {
	read := reader{row: r}
	key := read.text("key")
	if key == headKey {
		loaded.Head, err = headOf(r)
	} else if id, ok := strings.CutPrefix(key, markerPrefix); ok {
		loaded.Markers[id], err = markerOf(r)
	} else if collapse, ok := strings.CutPrefix(key, pointerPrefix); ok {
		loaded.Pointers[collapse], err = pointerOf(r)
	} else {
		var item inbox.Item
		item, err = itemOf(r)
		loaded.Items[item.Offset] = item
	}
	if err != nil {
		return fmt.Errorf("row %s: %w", key, err)
	}
	return nil
}
