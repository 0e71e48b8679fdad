package reader

// truth is a condition's result, worked out when it is first asked for.
type truth struct {
	asked, known bool
	yes, ok      bool
}

// Holds tells whether the named condition is true; ok is false when it could not
// be told, and a fault was recorded.
func (e *Evaluator) Holds(name string, line int, at Place) (yes, ok bool) {
	body, ok := e.Doc.conditions[name]
	if !ok {
		e.Add(at, line, "no condition %q", Shorten(name))
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
		e.Add(at, line, "condition %q refers to itself", Shorten(name))
		return false, false
	}
	t.asked = true
	t.yes, t.ok = e.test(body.Value, Place{LogicalID: name, Depth: at.Depth + 1})
	t.known = true
	return t.yes, t.ok
}

// test resolves a condition's body.
func (e *Evaluator) test(n *Node, at Place) (yes, ok bool) {
	n = follow(n)
	if n == nil || !e.afford(n, at) {
		return false, false
	}
	c, ok := conditionCall(n)
	if !ok {
		e.Add(at, n.Line, "want a condition: Equals, And, Or, Not or Condition")
		return false, false
	}
	at = at.deeper()
	switch c.name {
	case "Condition":
		return e.Holds(Text(c.arg), c.line, at)
	case "Equals":
		return e.equals(c, at)
	case "Not":
		return e.not(c, at)
	case "And":
		return e.combine(c, true, at)
	case "Or":
		return e.combine(c, false, at)
	}
	e.Add(at, c.line, "%s is not a condition", c.name)
	return false, false
}

// conditionCall is callOf, and knows the long form of Condition too.
func conditionCall(n *Node) (call, bool) {
	if named := Child(n, "Condition"); named != nil && len(n.Content) == 2 {
		return call{name: "Condition", arg: named, line: n.Line}, true
	}
	return callOf(n)
}

func (e *Evaluator) equals(c call, at Place) (yes, ok bool) {
	args, ok := e.arguments(c, 2, 2, at)
	if !ok {
		return false, false
	}
	a, ok := e.text(args[0], at)
	b, ok2 := e.text(args[1], at)
	return a == b, ok && ok2
}

func (e *Evaluator) not(c call, at Place) (yes, ok bool) {
	args, ok := e.arguments(c, 1, 1, at)
	if !ok {
		return false, false
	}
	yes, ok = e.test(args[0], at)
	return !yes, ok
}

// combine resolves And (every = true) and Or (every = false). All parts are
// looked at, so that all their faults are found.
func (e *Evaluator) combine(c call, every bool, at Place) (yes, ok bool) {
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
