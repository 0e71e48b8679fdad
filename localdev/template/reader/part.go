package reader

// Part says where a piece of the template stands.
type Part struct {
	LogicalID string
	// Line is that of the logical id, counted from 1.
	Line int
	// Lines are those of the part's properties, by their name.
	Lines map[string]int
}

// LineOf gives the line of a property, or the part's own when it is not set.
func (p Part) LineOf(property string) int {
	if line, ok := p.Lines[property]; ok {
		return line
	}
	return p.Line
}

// Has tells whether a property is set.
func (p Part) Has(property string) bool {
	_, ok := p.Lines[property]
	return ok
}

// Parameter is one of the template's parameters with the value it got.
type Parameter struct {
	Part
	Type, Description string
	// Value is the override, else the default. A list's elements are joined by
	// commas.
	Value string
	// Hidden parameters (NoEcho) should not be shown.
	Hidden bool
}
