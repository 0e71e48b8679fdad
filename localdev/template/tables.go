package template

func (b *builder) addTable(p properties) {
	at := p.at("TimeToLiveSpecification")
	t := Table{
		BillingMode:   p.text("BillingMode", "PROVISIONED"),
		Attributes:    map[string]string{},
		Key:           p.key(p.value("KeySchema")),
		LocalIndexes:  p.indexes("LocalSecondaryIndexes"),
		GlobalIndexes: p.indexes("GlobalSecondaryIndexes"),
		Retained:      p.r.keeps("DeletionPolicy") && p.r.keeps("UpdateReplacePolicy"),
		Recoverable:   p.enabled("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
		Encrypted:     p.enabled("SSESpecification", "SSEEnabled"),
		Throughput:    p.throughput(p.value("ProvisionedThroughput"), p.at("ProvisionedThroughput")),
		Stream:        p.scalar(p.value("StreamSpecification").field("StreamViewType"), p.at("StreamSpecification"), ""),
	}
	for _, v := range elements(p.value("AttributeDefinitions")) {
		a := p.at("AttributeDefinitions")
		t.Attributes[p.scalar(v.field("AttributeName"), a, "")] = p.scalar(v.field("AttributeType"), a, "")
	}
	if p.enabled(at.property, "Enabled") {
		t.TTLAttribute = p.scalar(p.value(at.property).field("AttributeName"), at, "")
	}
	b.keepTable(t, p)
}

// addSimpleTable makes the table that SAM makes of a SimpleTable: a primary key of
// one attribute, "id" unless set.
func (b *builder) addSimpleTable(p properties) {
	p.globals = child(b.doc.globals, "SimpleTable")
	key, at := p.value("PrimaryKey"), p.at("PrimaryKey")
	t := Table{
		BillingMode: "PAY_PER_REQUEST",
		Key:         Key{Hash: p.scalar(key.field("Name"), at, "id")},
		Encrypted:   p.enabled("SSESpecification", "SSEEnabled"),
		Recoverable: p.enabled("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
		Throughput:  p.throughput(p.value("ProvisionedThroughput"), p.at("ProvisionedThroughput")),
		Retained:    p.r.keeps("DeletionPolicy") && p.r.keeps("UpdateReplacePolicy"),
	}
	if t.Throughput != (Throughput{}) {
		t.BillingMode = "PROVISIONED"
	}
	typ := p.scalar(key.field("Type"), at, "String")
	short := map[string]string{"String": "S", "Number": "N", "Binary": "B"}[typ]
	if short == "" {
		b.add(at, key.line, "Type %q is none of String, Number, Binary", shorten(typ))
	}
	t.Attributes = map[string]string{t.Key.Hash: short}
	b.keepTable(t, p)
}

func (b *builder) keepTable(t Table, p properties) {
	at := place{logicalID: p.r.logicalID}
	t.Part = p.r.part()
	t.Name = b.resourceRef(p.r.logicalID, p.r.line, at).text
	t.ARN = b.attribute(p.r.logicalID, "Arn", p.r.line, at).text
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
			Throughput: p.throughput(v.field("ProvisionedThroughput"), at.in("ProvisionedThroughput")),
		})
	}
	return all
}

func (p properties) throughput(v value, at place) Throughput {
	return Throughput{
		Read:  int64(p.wholeOf(v.field("ReadCapacityUnits"), at, 0)),
		Write: int64(p.wholeOf(v.field("WriteCapacityUnits"), at, 0)),
	}
}
