package reader

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

func span(least, most int) string {
	if least == most {
		return fmt.Sprintf("%d elements", least)
	}
	return fmt.Sprintf("%d to %d elements", least, most)
}

// ref resolves Ref: a pseudo parameter, a parameter or a resource.
func (e *Evaluator) ref(c call, at Place) Value {
	arg := follow(c.arg)
	if !isScalar(arg) {
		e.Add(at, c.line, "Ref wants a name")
		return brokenValue(c.line)
	}
	return e.named(arg.Value, c.line, at)
}

// named gives what Ref gives for a name.
func (e *Evaluator) named(name string, line int, at Place) Value {
	if v, ok := e.pseudo[name]; ok {
		return v
	}
	if v, ok := e.parameters[name]; ok {
		return v
	}
	if e.Doc.resources[name] == nil {
		if v, ok := e.referable(name, at); ok {
			return v
		}
	}
	return e.ResourceRef(name, line, at)
}

// getAtt resolves GetAtt: "X.Arn", or a list of X and Arn.
func (e *Evaluator) getAtt(c call, at Place) Value {
	id, attribute, ok := attributeOf(c)
	if !ok {
		e.Add(at, c.line, "GetAtt wants a logical id and an attribute")
		return brokenValue(c.line)
	}
	return e.Attribute(id, attribute, c.line, at)
}

func attributeOf(c call) (id, attribute string, ok bool) {
	arg := follow(c.arg)
	if isScalar(arg) {
		return strings.Cut(arg.Value, ".")
	}
	if arg == nil || len(arg.Content) != 2 || !isScalar(arg.Content[0]) || !isScalar(arg.Content[1]) {
		return "", "", false
	}
	return Text(arg.Content[0]), Text(arg.Content[1]), true
}

// join resolves Join: a delimiter and a list.
func (e *Evaluator) join(c call, at Place) Value {
	args, ok := e.arguments(c, 2, 2, at)
	if !ok {
		return brokenValue(c.line)
	}
	delimiter, ok := e.text(args[0], at)
	if !ok {
		return brokenValue(c.line)
	}
	parts, ok := e.texts(args[1], at)
	if !ok {
		return brokenValue(c.line)
	}
	size := len(delimiter) * len(parts)
	for _, part := range parts {
		size += len(part)
	}
	if !e.charge(size) {
		return brokenValue(c.line)
	}
	return textValue(strings.Join(parts, delimiter), c.line)
}

// texts resolves n to a list of scalars.
func (e *Evaluator) texts(n *Node, at Place) ([]string, bool) {
	v := e.Eval(n, at)
	if v.Kind != List {
		if v.Kind != Broken {
			e.Add(at, v.Line, "want a list, got %s", Describe(v))
		}
		return nil, false
	}
	return e.AsTexts(v, at)
}

// AsTexts wants the items of v to be scalars; ok is false when one is not.
func (e *Evaluator) AsTexts(v Value, at Place) ([]string, bool) {
	all, whole := make([]string, 0, len(v.Items)), true
	for _, item := range v.Items {
		s, ok := e.AsText(item, at)
		all, whole = append(all, s), whole && ok
	}
	return all, whole
}

// choose resolves If: a condition's name, the value if true, the value if false.
func (e *Evaluator) choose(c call, at Place) Value {
	args, ok := e.arguments(c, 3, 3, at)
	if !ok {
		return brokenValue(c.line)
	}
	yes, ok := e.Holds(Text(args[0]), c.line, at)
	switch {
	case !ok:
		return brokenValue(c.line)
	case yes:
		return e.Eval(args[1], at)
	}
	return e.Eval(args[2], at)
}

// selectItem resolves Select: an index and a list.
func (e *Evaluator) selectItem(c call, at Place) Value {
	args, ok := e.arguments(c, 2, 2, at)
	if !ok {
		return brokenValue(c.line)
	}
	position, ok := e.text(args[0], at)
	from := e.Eval(args[1], at)
	if !ok || from.Kind == Broken {
		return brokenValue(c.line)
	}
	i, err := strconv.Atoi(position)
	if err != nil || i < 0 || i >= len(from.Items) {
		e.Add(at, c.line, "Select wants an index below %d, got %q", len(from.Items), Shorten(position))
		return brokenValue(c.line)
	}
	return from.Items[i]
}

// split resolves Split: a delimiter and a text.
func (e *Evaluator) split(c call, at Place) Value {
	args, ok := e.arguments(c, 2, 2, at)
	if !ok {
		return brokenValue(c.line)
	}
	delimiter, ok := e.text(args[0], at)
	source, ok2 := e.text(args[1], at)
	if !ok || !ok2 {
		return brokenValue(c.line)
	}
	if delimiter == "" {
		e.Add(at, c.line, "Split wants a delimiter")
		return brokenValue(c.line)
	}
	parts := strings.Split(source, delimiter)
	if !e.charge(len(source) + nodeCost*len(parts)) {
		return brokenValue(c.line)
	}
	return listValue(parts, c.line)
}

func listValue(parts []string, line int) Value {
	v := Value{Kind: List, Line: line}
	for _, part := range parts {
		v.Items = append(v.Items, textValue(part, line))
	}
	return v
}

// findInMap resolves FindInMap: a mapping, two keys, and in a fourth argument a
// DefaultValue.
func (e *Evaluator) findInMap(c call, at Place) Value {
	args, ok := e.arguments(c, 3, 4, at)
	if !ok {
		return brokenValue(c.line)
	}
	keys := make([]string, 3)
	for i := range keys {
		if keys[i], ok = e.text(args[i], at); !ok {
			return brokenValue(c.line)
		}
	}
	found := Child(Child(Child(e.Doc.mappings, keys[0]), keys[1]), keys[2])
	if found == nil && len(args) == 4 {
		found = Child(args[3], "DefaultValue")
	}
	if found == nil {
		e.Add(at, c.line, "no mapping %s", Shorten(strings.Join(keys, ".")))
		return brokenValue(c.line)
	}
	return e.Eval(found, at)
}

func (e *Evaluator) base64(c call, at Place) Value {
	s, ok := e.text(c.arg, at)
	if !ok || !e.charge(2*len(s)) {
		return brokenValue(c.line)
	}
	return textValue(base64.StdEncoding.EncodeToString([]byte(s)), c.line)
}

// importValue resolves ImportValue: the name of another stack's export.
func (e *Evaluator) importValue(c call, at Place) Value {
	name, ok := e.text(c.arg, at)
	if !ok {
		return brokenValue(c.line)
	}
	imported, ok := e.imports[name]
	if !ok {
		e.Add(at, c.line, "ImportValue: no value for %q; give one: --import-value %s=VALUE", Shorten(name), Shorten(name))
		return brokenValue(c.line)
	}
	return textValue(imported, c.line)
}

// zones resolves GetAZs: three zones of a region, of the stack's own when it is
// empty.
func (e *Evaluator) zones(c call, at Place) Value {
	region, ok := e.text(c.arg, at)
	if !ok {
		return brokenValue(c.line)
	}
	if region == "" {
		region = e.pseudo["AWS::Region"].Text
	}
	if !e.charge(3 * (nodeCost + len(region))) {
		return brokenValue(c.line)
	}
	return listValue([]string{region + "a", region + "b", region + "c"}, c.line)
}
