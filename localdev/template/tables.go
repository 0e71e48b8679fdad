package template

func (b *builder) addTable(p properties) {
	at := place{logicalID: p.r.logicalID}
	t := Table{
		Part:          p.r.part(),
		Name:          b.resourceRef(p.r.logicalID, p.r.line, at).text,
		ARN:           b.attribute(p.r.logicalID, "Arn", p.r.line, at).text,
		BillingMode:   p.text("BillingMode", "PROVISIONED"),
		Attributes:    map[string]string{},
		Key:           p.key(p.value("KeySchema")),
		LocalIndexes:  p.indexes("LocalSecondaryIndexes"),
		GlobalIndexes: p.indexes("GlobalSecondaryIndexes"),
		Retained:      p.r.keeps("DeletionPolicy") && p.r.keeps("UpdateReplacePolicy"),
		Recoverable:   p.enabled("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
		Encrypted:     p.enabled("SSESpecification", "SSEEnabled"),
	}
	for _, v := range elements(p.value("AttributeDefinitions")) {
		a := p.at("AttributeDefinitions")
		t.Attributes[p.scalar(v.field("AttributeName"), a, "")] = p.scalar(v.field("AttributeType"), a, "")
	}
	if at := p.at("TimeToLiveSpecification"); p.enabled(at.property, "Enabled") {
		t.TTLAttribute = p.scalar(p.value(at.property).field("AttributeName"), at, "")
	}
	b.stack.Tables = append(b.stack.Tables, t)
}

// keeps tells whether one of a resource's policies is Retain.
func (r *resource) keeps(policy string) bool {
	return text(child(r.body, policy)) == "Retain"
}

// enabled gives the switch inside a property that is a specification.
func (p properties) enabled(property, field string) bool {
	return p.scalar(p.value(property).field(field), p.at(property), "false") == "true"
}

// key reads a KeySchema.
func (p properties) key(schema value) Key {
	var k Key
	for _, v := range elements(schema) {
		attribute := p.scalar(v.field("AttributeName"), p.at("KeySchema"), "")
		switch role := p.scalar(v.field("KeyType"), p.at("KeySchema"), ""); role {
		case "HASH":
			k.Hash = attribute
		case "RANGE":
			k.Range = attribute
		default:
			p.e.add(p.at("KeySchema"), v.line, "KeyType %q is neither HASH nor RANGE", shorten(role))
		}
	}
	return k
}

func (p properties) indexes(name string) []Index {
	var all []Index
	at := p.at(name)
	for _, v := range elements(p.value(name)) {
		projection := v.field("Projection")
		all = append(all, Index{
			Name:       p.scalar(v.field("IndexName"), at, ""),
			Key:        p.key(v.field("KeySchema")),
			Projection: p.scalar(projection.field("ProjectionType"), at, "ALL"),
			NonKey:     p.textsOf(projection.field("NonKeyAttributes"), at),
		})
	}
	return all
}
