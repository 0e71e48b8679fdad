package inbox_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"bellhop/shared/inbox"
	"bellhop/shared/protocol"
)

// TestListsStayWholeWhileTheyAreRead reads each kind of list page by page, while
// items come, change, expire and go between the pages: none comes twice, and none
// is missing that was in the list all the time.
func TestListsStayWholeWhileTheyAreRead(t *testing.T) {
	for _, filter := range []protocol.Filter{
		{},
		{Unread: true},
		{Archived: true},
		{Type: "t1"},
		{Unread: true, Type: "t1"},
		{Archived: true, Type: "t1"},
		{Unread: true, Archived: true},
	} {
		for seed := range uint64(6) {
			t.Run(fmt.Sprintf("%+v seed %d", filter, seed), func(t *testing.T) {
				f := setup(t)
				f.table.page = int(seed % 3 * 4) // rows of a page of the store: all, 4, 8
				m := &meddler{fixture: f, random: rand.New(rand.NewPCG(seed, 0)), filter: filter}
				m.begin()
				m.read()
			})
		}
	}
}

// meddler changes a log while somebody reads a list of it.
type meddler struct {
	*fixture
	random *rand.Rand
	filter protocol.Filter
	ids    []string
}

// begin fills the log with items of every kind.
func (m *meddler) begin() {
	for range 60 {
		m.publish()
	}
	m.mark(protocol.Mark{State: protocol.Read, Through: 20})
	for range 25 {
		m.meddle()
	}
}

func (m *meddler) publish() {
	n := m.make(fmt.Sprintf(`,"type":"t%d"%s`, m.random.IntN(2), m.either("", `,"collapsekey":"k"`, m.expiry())))
	m.append(n)
	m.ids = append(m.ids, n.ID)
}

func (m *meddler) either(options ...string) string { return options[m.random.IntN(len(options))] }

func (m *meddler) expiry() string {
	return fmt.Sprintf(`,"expirytime":%q`, m.now.Add(time.Duration(1+m.random.IntN(20))*time.Second).Format(time.RFC3339))
}

// meddle does what changes lists.
func (m *meddler) meddle() {
	all := m.shown()
	some := func(fits func(protocol.Item) bool) (items []int64) {
		for _, offset := range slices.Sorted(maps.Keys(all)) {
			if fits(all[offset]) && m.random.IntN(4) == 0 && len(items) < 5 {
				items = append(items, offset)
			}
		}
		return items
	}
	switch m.random.IntN(7) {
	case 0, 1:
		m.publish()
	case 2:
		m.markAny(protocol.Read, some(func(protocol.Item) bool { return true }))
	case 3:
		m.markAny(protocol.Unread, some(func(i protocol.Item) bool { return !i.Archived }))
	case 4:
		m.markAny(protocol.Archived, some(func(protocol.Item) bool { return true }))
	case 5:
		m.withdraw(inbox.Recall{ID: m.either(m.ids...)})
	case 6:
		m.now = m.now.Add(time.Second)
	}
}

func (m *meddler) markAny(state protocol.State, items []int64) {
	if len(items) > 0 {
		m.mark(protocol.Mark{State: state, Items: items})
	}
}

// shown are all items that show, read from the table.
func (m *meddler) shown() map[int64]protocol.Item {
	found, err := m.table.Memory.Query(m.ctx, "ada", inbox.Query{Index: inbox.ByOffset, Limit: 1 << 20})
	if err != nil {
		m.t.Fatal(err)
	}
	items := map[int64]protocol.Item{}
	for _, i := range found.Items {
		if i.Withdrawn.IsZero() && m.now.Before(i.Expires) {
			items[i.Offset] = m.head().View(i)
		}
	}
	return items
}

// listed is what belongs to the list now.
func (m *meddler) listed() map[int64]bool {
	in := map[int64]bool{}
	for offset, i := range m.shown() {
		ofType := strings.Contains(string(i.Event), `"type":"`+m.filter.Type)
		if i.Archived == m.filter.Archived && ofType && !(m.filter.Unread && i.Read) {
			in[offset] = true
		}
	}
	return in
}

// read reads the list to its end.
func (m *meddler) read() {
	throughout, came := m.listed(), map[int64]int{}
	for before := int64(0); ; {
		page, err := m.List(m.ctx, "ada", protocol.List{Before: before, Limit: 5, Filter: m.filter})
		if err != nil {
			m.t.Fatal(err)
		}
		in := m.listed()
		for _, i := range page.Items {
			if came[i.Offset]++; !in[i.Offset] {
				m.t.Errorf("item %d came, and does not belong there", i.Offset)
			}
			before = i.Offset
		}
		if !page.More {
			break
		}
		for range 3 {
			m.meddle()
		}
		now := m.listed()
		for offset := range throughout {
			if !now[offset] {
				delete(throughout, offset)
			}
		}
	}
	for offset, n := range came {
		if n > 1 {
			m.t.Errorf("item %d came %d times", offset, n)
		}
	}
	for offset := range throughout {
		if came[offset] == 0 {
			m.t.Errorf("item %d was there all the time, and did not come", offset)
		}
	}
}
