package template

import "bellhop/localdev/template/reader"

func (b *builder) addTable(p properties) {
	at := p.at("TimeToLiveSpecification")
	t := Table{
		BillingMode:   p.text("BillingMode", "PROVISIONED"),
		Attributes:    map[string]string{},
		Key:           p.key(p.value("KeySchema")),
		LocalIndexes:  p.indexes("LocalSecondaryIndexes"),
		GlobalIndexes: p.indexes("GlobalSecondaryIndexes"),
		Retained:      p.keeps("DeletionPolicy") && p.keeps("UpdateReplacePolicy"),
		Recoverable:   p.enabled("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
		Encrypted:     p.enabled("SSESpecification", "SSEEnabled"),
		Throughput:    p.throughput(p.value("ProvisionedThroughput"), p.at("ProvisionedThroughput")),
		Stream:        p.scalar(p.value("StreamSpecification").Field("StreamViewType"), p.at("StreamSpecification"), ""),
	}
	for _, v := range elements(p.value("AttributeDefinitions")) {
		a := p.at("AttributeDefinitions")
		t.Attributes[p.scalar(v.Field("AttributeName"), a, "")] = p.scalar(v.Field("AttributeType"), a, "")
	}
	if p.enabled(at.Property, "Enabled") {
		t.TTLAttribute = p.scalar(p.value(at.Property).Field("AttributeName"), at, "")
	}
	b.keepTable(t, p)
}

// addSimpleTable makes the table that SAM makes of a SimpleTable: a primary key of
// one attribute, "id" unless set.
func (b *builder) addSimpleTable(p properties) {
	p.globals = reader.Child(b.Doc.Globals, "SimpleTable")
	key, at := p.value("PrimaryKey"), p.at("PrimaryKey")
	t := Table{
		BillingMode: "PAY_PER_REQUEST",
		Key:         Key{Hash: p.scalar(key.Field("Name"), at, "id")},
		Encrypted:   p.enabled("SSESpecification", "SSEEnabled"),
		Recoverable: p.enabled("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
		Throughput:  p.throughput(p.value("ProvisionedThroughput"), p.at("ProvisionedThroughput")),
		Retained:    p.keeps("DeletionPolicy") && p.keeps("UpdateReplacePolicy"),
	}
	if t.Throughput != (Throughput{}) {
		t.BillingMode = "PROVISIONED"
	}
	typ := p.scalar(key.Field("Type"), at, "String")
	short := map[string]string{"String": "S", "Number": "N", "Binary": "B"}[typ]
	if short == "" {
		b.Add(at, key.Line, "Type %q is none of String, Number, Binary", reader.Shorten(typ))
	}
	t.Attributes = map[string]string{t.Key.Hash: short}
	b.keepTable(t, p)
}

func (b *builder) keepTable(t Table, p properties) {
	at := reader.Place{LogicalID: p.r.LogicalID}
	t.Part = p.part()
	t.Name = b.ResourceRef(p.r.LogicalID, p.r.Line, at).Text
	t.ARN = b.Attribute(p.r.LogicalID, "Arn", p.r.Line, at).Text
	b.stack.Tables = append(b.stack.Tables, t)
}

// keeps tells whether one of a resource's policies is Retain.
func (p properties) keeps(policy string) bool {
	return reader.Text(reader.Child(p.r.Body, policy)) == "Retain"
}

// enabled gives the switch inside a property that is a specification.
func (p properties) enabled(property, field string) bool {
	return p.scalar(p.value(property).Field(field), p.at(property), "false") == "true"
}

// key reads a KeySchema.
func (p properties) key(schema reader.Value) Key {
	var k Key
	for _, v := range elements(schema) {
		attribute := p.scalar(v.Field("AttributeName"), p.at("KeySchema"), "")
		switch role := p.scalar(v.Field("KeyType"), p.at("KeySchema"), ""); role {
		case "HASH":
			k.Hash = attribute
		case "RANGE":
			k.Range = attribute
		default:
			p.e.Add(p.at("KeySchema"), v.Line, "KeyType %q is neither HASH nor RANGE", reader.Shorten(role))
		}
	}
	return k
}

func (p properties) indexes(name string) []Index {
	var all []Index
	at := p.at(name)
	for _, v := range elements(p.value(name)) {
		projection := v.Field("Projection")
		all = append(all, Index{
			Name:       p.scalar(v.Field("IndexName"), at, ""),
			Key:        p.key(v.Field("KeySchema")),
			Projection: p.scalar(projection.Field("ProjectionType"), at, "ALL"),
			NonKey:     p.textsOf(projection.Field("NonKeyAttributes"), at),
			Throughput: p.throughput(v.Field("ProvisionedThroughput"), at.In("ProvisionedThroughput")),
		})
	}
	return all
}

func (p properties) throughput(v reader.Value, at reader.Place) Throughput {
	return Throughput{
		Read:  int64(p.wholeOf(v.Field("ReadCapacityUnits"), at, 0)),
		Write: int64(p.wholeOf(v.Field("WriteCapacityUnits"), at, 0)),
	}
}
