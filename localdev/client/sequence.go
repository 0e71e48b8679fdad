package client

// maxAhead is how many changes wait beyond a gap.
const maxAhead = 1000

// sequence puts changes into the order of the log. It is for one goroutine.
type sequence struct {
	at    Position
	ahead map[Position]Change // beyond a gap
	lost  bool                // one was beyond a gap and is not in ahead
}

func newSequence(at Position) sequence {
	return sequence{at: at, ahead: map[Position]Change{}}
}

// take accepts the change of a frame, and returns the changes that are next in
// the log, if any: it drops a repeat, and keeps what is beyond a gap.
func (s *sequence) take(c Change) []Change {
	switch {
	case c.Epoch == s.at.Epoch && c.Offset <= s.at.Offset:
		return nil
	case c.Epoch == s.at.Epoch && c.Offset == s.at.Offset+1:
		s.at = c.Position
		return append([]Change{c}, s.drain()...)
	case len(s.ahead) < maxAhead:
		s.ahead[c.Position] = c
	default:
		s.lost = true
	}
	return nil
}

// reach moves the sequence on to a position that the service named, and returns
// the changes that come right after it.
func (s *sequence) reach(to Position) []Change {
	s.at = to
	s.forget()
	return s.drain()
}

// forget drops what the position covers, and what is of another log.
func (s *sequence) forget() {
	for p := range s.ahead {
		if p.Epoch != s.at.Epoch || p.Offset <= s.at.Offset {
			delete(s.ahead, p)
		}
	}
}

func (s *sequence) drain() []Change {
	var next []Change
	for {
		p := Position{Epoch: s.at.Epoch, Offset: s.at.Offset + 1}
		c, ok := s.ahead[p]
		if !ok {
			return next
		}
		delete(s.ahead, p)
		s.at, next = p, append(next, c)
	}
}

// gap says whether something is known to come, but not what comes first.
func (s *sequence) gap() bool { return s.lost || len(s.ahead) > 0 }
