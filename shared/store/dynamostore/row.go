package dynamostore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// setNumber, setMillis and setSeconds leave out what is not set.

func setNumber(r row, name string, n int64) {
	if n != 0 {
		r[name] = number(n)
	}
}

func setMillis(r row, name string, t time.Time) {
	if !t.IsZero() {
		r[name] = number(t.UnixMilli())
	}
}

func setSeconds(r row, name string, t time.Time) {
	if !t.IsZero() {
		r[name] = number(t.Unix())
	}
}

// reader takes a row apart. An attribute that is absent reads as the zero
// value; one of another type is an error, kept until the row is done.
type reader struct {
	row row
	err error
}

func (r *reader) text(name string) string {
	v, _ := attribute[*types.AttributeValueMemberS](r, name)
	if v == nil {
		return ""
	}
	return v.Value
}

func (r *reader) flag(name string) bool {
	v, _ := attribute[*types.AttributeValueMemberBOOL](r, name)
	return v != nil && v.Value
}

func (r *reader) binary(name string) []byte {
	v, _ := attribute[*types.AttributeValueMemberB](r, name)
	if v == nil {
		return nil
	}
	return v.Value
}

func (r *reader) number(name string) int64 {
	n, _ := r.optional(name)
	return n
}

func (r *reader) millis(name string) time.Time {
	if n, ok := r.optional(name); ok {
		return time.UnixMilli(n).UTC()
	}
	return time.Time{}
}

func (r *reader) micros(name string) time.Time {
	if n, ok := r.optional(name); ok {
		return time.UnixMicro(n).UTC()
	}
	return time.Time{}
}

func (r *reader) members(name string) row {
	v, _ := attribute[*types.AttributeValueMemberM](r, name)
	if v == nil {
		return nil
	}
	return v.Value
}

func (r *reader) seconds(name string) time.Time {
	if n, ok := r.optional(name); ok {
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}

// optional tells a number from none.
func (r *reader) optional(name string) (int64, bool) {
	v, ok := attribute[*types.AttributeValueMemberN](r, name)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(v.Value, 10, 64)
	if err != nil {
		r.fail(fmt.Errorf("attribute %s: %w", name, err))
		return 0, false
	}
	return n, true
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func attribute[T types.AttributeValue](r *reader, name string) (T, bool) {
	var none T
	value, present := r.row[name]
	if !present {
		return none, false
	}
	v, ok := value.(T)
	if !ok {
		r.fail(fmt.Errorf("attribute %s is a %T", name, value))
	}
	return v, ok
}
