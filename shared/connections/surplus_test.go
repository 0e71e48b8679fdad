package connections_test

import (
	"testing"
	"time"

	"bellhop/shared/connections"
)

func TestSurplusIsTheOldest(t *testing.T) {
	at := func(id string, seconds int64) connections.Connection {
		return connections.Connection{ID: id, ConnectedAt: time.Unix(seconds, 0)}
	}
	for _, rows := range [][]connections.Connection{
		{at("old", 1), at("b", 2), at("a", 2), at("new", 3)},
		{at("new", 3), at("a", 2), at("b", 2), at("old", 1)},
	} {
		for allowed, want := range map[int]string{1: "old a b ", 2: "old a ", 3: "old ", 4: "", 5: ""} {
			got := ""
			for _, c := range connections.Surplus(rows, allowed) {
				got += c.ID + " "
			}
			if got != want {
				t.Errorf("%d allowed: got %q, want %q", allowed, got, want)
			}
		}
		if rows[0].ID == rows[1].ID {
			t.Errorf("the rows have changed: %+v", rows)
		}
	}
}
