package dynamostore

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func boolean(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

// setNumber sets an attribute that is absent for 0.
func (w writer) setNumber(name string, n int64) {
	if n != 0 {
		w[name] = number(n)
	}
}

type writer row

func (w writer) setMillis(name string, t time.Time) {
	if !t.IsZero() {
		w[name] = number(t.UnixMilli())
	}
}

func (w writer) setSeconds(name string, t time.Time) {
	if !t.IsZero() {
		w[name] = number(t.Unix())
	}
}

// reader reads attributes; what is absent or of another type is the zero value.
type reader row

func (r reader) text(name string) string {
	v, _ := r[name].(*types.AttributeValueMemberS)
	if v == nil {
		return ""
	}
	return v.Value
}

func (r reader) number(name string) int64 {
	v, _ := r[name].(*types.AttributeValueMemberN)
	if v == nil {
		return 0
	}
	n, _ := strconv.ParseInt(v.Value, 10, 64)
	return n
}

func (r reader) binary(name string) []byte {
	v, _ := r[name].(*types.AttributeValueMemberB)
	if v == nil {
		return nil
	}
	return v.Value
}

func (r reader) boolean(name string) bool {
	v, _ := r[name].(*types.AttributeValueMemberBOOL)
	return v != nil && v.Value
}

func (r reader) millis(name string) time.Time {
	if n := r.number(name); n != 0 {
		return time.UnixMilli(n).UTC()
	}
	return time.Time{}
}

func (r reader) seconds(name string) time.Time {
	if n := r.number(name); n != 0 {
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}
