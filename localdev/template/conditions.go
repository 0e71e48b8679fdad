package template

// truth is a condition's result, worked out when it is first asked for.
type truth struct {
	asked, known bool
	yes, ok      bool
}

// holds tells whether the named condition is true; ok is false when it could not
// be told, and a fault was recorded.
func (e *evaluator) holds(name string, line int, at place) (yes, ok bool) {
	body, ok := e.doc.conditions[name]
	if !ok {
		e.add(at, line, "no condition %q", shorten(name))
		return false, false
	}
	t := e.conditions[name]
	if t == nil {
		t = &truth{}
		e.conditions[name] = t
	}
	switch {
	case t.known:
		return t.yes, t.ok
	case t.asked:
		e.add(at, line, "condition %q refers to itself", shorten(name))
		return false, false
	}
	t.asked = true
	t.yes, t.ok = e.test(body.value, place{logicalID: name, depth: at.depth + 1})
	t.known = true
	return t.yes, t.ok
}

// test resolves a condition's body.
func (e *evaluator) test(n *node, at place) (yes, ok bool) {
	n = follow(n)
	if n == nil || !e.afford(n, at) {
		return false, false
	}
	c, ok := conditionCall(n)
	if !ok {
		e.add(at, n.Line, "want a condition: Equals, And, Or, Not or Condition")
		return false, false
	}
	at = at.deeper()
	switch c.name {
	case "Condition":
		return e.holds(text(c.arg), c.line, at)
	case "Equals":
		return e.equals(c, at)
	case "Not":
		return e.not(c, at)
	case "And":
		return e.combine(c, true, at)
	case "Or":
		return e.combine(c, false, at)
	}
	e.add(at, c.line, "%s is not a condition", c.name)
	return false, false
}

// conditionCall is callOf, and knows the long form of Condition too.
func conditionCall(n *node) (call, bool) {
	if named := child(n, "Condition"); named != nil && len(n.Content) == 2 {
		return call{name: "Condition", arg: named, line: n.Line}, true
	}
	return callOf(n)
}

func (e *evaluator) equals(c call, at place) (yes, ok bool) {
	args, ok := e.arguments(c, 2, 2, at)
	if !ok {
		return false, false
	}
	a, ok := e.text(args[0], at)
	b, ok2 := e.text(args[1], at)
	return a == b, ok && ok2
}

func (e *evaluator) not(c call, at place) (yes, ok bool) {
	args, ok := e.arguments(c, 1, 1, at)
	if !ok {
		return false, false
	}
	yes, ok = e.test(args[0], at)
	return !yes, ok
}

// combine resolves And (every = true) and Or (every = false). All parts are
// looked at, so that all their faults are found.
func (e *evaluator) combine(c call, every bool, at place) (yes, ok bool) {
	args, ok := e.arguments(c, 2, 10, at)
	if !ok {
		return false, false
	}
	result, whole := every, true
	for _, arg := range args {
		yes, ok := e.test(arg, at)
		whole = whole && ok
		if yes != every {
			result = !every
		}
	}
	return result, whole
}
