package template

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
func (e *evaluator) ref(c call, at place) value {
	arg := follow(c.arg)
	if !isScalar(arg) {
		e.add(at, c.line, "Ref wants a name")
		return brokenValue(c.line)
	}
	return e.named(arg.Value, c.line, at)
}

// named gives what Ref gives for a name.
func (e *evaluator) named(name string, line int, at place) value {
	if v, ok := e.pseudo[name]; ok {
		return v
	}
	if v, ok := e.parameters[name]; ok {
		return v
	}
	if e.doc.resources[name] == nil {
		if v, ok := e.referable(name, at); ok {
			return v
		}
	}
	return e.resourceRef(name, line, at)
}

// getAtt resolves GetAtt: "X.Arn", or a list of X and Arn.
func (e *evaluator) getAtt(c call, at place) value {
	id, attribute, ok := attributeOf(c)
	if !ok {
		e.add(at, c.line, "GetAtt wants a logical id and an attribute")
		return brokenValue(c.line)
	}
	return e.attribute(id, attribute, c.line, at)
}

func attributeOf(c call) (id, attribute string, ok bool) {
	arg := follow(c.arg)
	if isScalar(arg) {
		return strings.Cut(arg.Value, ".")
	}
	if arg == nil || len(arg.Content) != 2 || !isScalar(arg.Content[0]) || !isScalar(arg.Content[1]) {
		return "", "", false
	}
	return text(arg.Content[0]), text(arg.Content[1]), true
}

// join resolves Join: a delimiter and a list.
func (e *evaluator) join(c call, at place) value {
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
func (e *evaluator) texts(n *node, at place) ([]string, bool) {
	v := e.eval(n, at)
	if v.kind != list {
		if v.kind != broken {
			e.add(at, v.line, "want a list, got %s", describe(v))
		}
		return nil, false
	}
	return e.asTexts(v, at)
}

func (e *evaluator) asTexts(v value, at place) ([]string, bool) {
	all, whole := make([]string, 0, len(v.items)), true
	for _, item := range v.items {
		s, ok := e.asText(item, at)
		all, whole = append(all, s), whole && ok
	}
	return all, whole
}

// choose resolves If: a condition's name, the value if true, the value if false.
func (e *evaluator) choose(c call, at place) value {
	args, ok := e.arguments(c, 3, 3, at)
	if !ok {
		return brokenValue(c.line)
	}
	yes, ok := e.holds(text(args[0]), c.line, at)
	switch {
	case !ok:
		return brokenValue(c.line)
	case yes:
		return e.eval(args[1], at)
	}
	return e.eval(args[2], at)
}

// selectItem resolves Select: an index and a list.
func (e *evaluator) selectItem(c call, at place) value {
	args, ok := e.arguments(c, 2, 2, at)
	if !ok {
		return brokenValue(c.line)
	}
	position, ok := e.text(args[0], at)
	from := e.eval(args[1], at)
	if !ok || from.kind == broken {
		return brokenValue(c.line)
	}
	i, err := strconv.Atoi(position)
	if err != nil || i < 0 || i >= len(from.items) {
		e.add(at, c.line, "Select wants an index below %d, got %q", len(from.items), shorten(position))
		return brokenValue(c.line)
	}
	return from.items[i]
}

// split resolves Split: a delimiter and a text.
func (e *evaluator) split(c call, at place) value {
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
		e.add(at, c.line, "Split wants a delimiter")
		return brokenValue(c.line)
	}
	parts := strings.Split(source, delimiter)
	if !e.charge(len(source) + nodeCost*len(parts)) {
		return brokenValue(c.line)
	}
	return listValue(parts, c.line)
}

func listValue(parts []string, line int) value {
	v := value{kind: list, line: line}
	for _, part := range parts {
		v.items = append(v.items, textValue(part, line))
	}
	return v
}

// findInMap resolves FindInMap: a mapping, two keys, and in a fourth argument a
// DefaultValue.
func (e *evaluator) findInMap(c call, at place) value {
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
	found := child(child(child(e.doc.mappings, keys[0]), keys[1]), keys[2])
	if found == nil && len(args) == 4 {
		found = child(args[3], "DefaultValue")
	}
	if found == nil {
		e.add(at, c.line, "no mapping %s", shorten(strings.Join(keys, ".")))
		return brokenValue(c.line)
	}
	return e.eval(found, at)
}

func (e *evaluator) base64(c call, at place) value {
	s, ok := e.text(c.arg, at)
	if !ok || !e.charge(2*len(s)) {
		return brokenValue(c.line)
	}
	return textValue(base64.StdEncoding.EncodeToString([]byte(s)), c.line)
}

// importValue resolves ImportValue: the name of another stack's export.
func (e *evaluator) importValue(c call, at place) value {
	name, ok := e.text(c.arg, at)
	if !ok {
		return brokenValue(c.line)
	}
	imported, ok := e.imports[name]
	if !ok {
		e.add(at, c.line, "ImportValue: no value for %q; give one: --import-value %s=VALUE", shorten(name), shorten(name))
		return brokenValue(c.line)
	}
	return textValue(imported, c.line)
}

// zones resolves GetAZs: three zones of a region, of the stack's own when it is
// empty.
func (e *evaluator) zones(c call, at place) value {
	region, ok := e.text(c.arg, at)
	if !ok {
		return brokenValue(c.line)
	}
	if region == "" {
		region = e.pseudo["AWS::Region"].text
	}
	if !e.charge(3 * (nodeCost + len(region))) {
		return brokenValue(c.line)
	}
	return listValue([]string{region + "a", region + "b", region + "c"}, c.line)
}
