package connections

import (
	"cmp"
	"slices"
)

// Surplus is the connections that are too many where so many are allowed, from 1
// on: the oldest. It depends on the rows alone and not on their order, so that
// whoever looks at the same time finds the same ones.
func Surplus(rows []Connection, allowed int) []Connection {
	if len(rows) <= allowed {
		return nil
	}
	sorted := slices.SortedFunc(slices.Values(rows), func(a, b Connection) int {
		return cmp.Or(a.ConnectedAt.Compare(b.ConnectedAt), cmp.Compare(a.ID, b.ID))
	})
	return sorted[:len(rows)-allowed]
}
