package storetest

import (
	"context"
	"time"

	"bellhop/shared/connections"
	"bellhop/shared/limit"
)

// Put implements [connections.Store].
func (m *Memory) Put(_ context.Context, c connections.Connection) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.rows == nil {
		m.rows = map[[2]string]connections.Connection{}
	}
	m.rows[[2]string{c.User, c.ID}] = c
	return nil
}

// OfUser implements [connections.Store].
func (m *Memory) OfUser(_ context.Context, user string, now time.Time) ([]connections.Connection, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var rows []connections.Connection
	for key, c := range m.rows {
		if key[0] == user && now.Before(c.Expires) {
			rows = append(rows, c)
		}
	}
	return rows, nil
}

// Delete implements [connections.Store].
func (m *Memory) Delete(_ context.Context, user, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.rows, [2]string{user, id})
	return nil
}

// SetEnds implements [connections.Store].
func (m *Memory) SetEnds(_ context.Context, c connections.Connection, ends time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := [2]string{c.User, c.ID}
	if row, ok := m.rows[key]; ok {
		row.Ends = ends
		m.rows[key] = row
	}
	return nil
}

// Due implements [connections.Schedule].
func (m *Memory) Due(_ context.Context, b connections.Bucket, now time.Time, visit func([]connections.Connection) error) error {
	m.mu.Lock()
	var due []connections.Connection
	for _, c := range m.rows {
		if at, ok := c.Bucket(); ok && at == b && c.Over(now) {
			due = append(due, c)
		}
	}
	m.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	return visit(due)
}

// BeginSweep implements [connections.Schedule].
func (m *Memory) BeginSweep(_ context.Context, lease connections.Lease) (int64, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held.After(lease.Now) {
		return 0, false, nil
	}
	m.held = lease.Until
	return m.swept, true, nil
}

// EndSweep implements [connections.Schedule].
func (m *Memory) EndSweep(_ context.Context, lease connections.Lease, minute int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held.Equal(lease.Until) {
		m.swept, m.held = minute, time.Time{}
	}
	return nil
}

// Swap implements [limit.Store].
func (m *Memory) Swap(_ context.Context, user string, c limit.Change) (limit.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.used == nil {
		m.used = map[string]limit.State{}
	}
	if stands := m.used[user]; !c.Fits(stands) {
		return stands, limit.ErrConflict
	}
	m.used[user] = c.Next
	return limit.State{}, nil
}
