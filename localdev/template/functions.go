package template

import (
	"strings"
	"time"
)

func (b *builder) addFunction(p properties) {
	if strings.HasPrefix(p.r.typ, "AWS::Serverless::") {
		p.globals = child(b.doc.globals, "Function")
	}
	f := Function{
		Part:          p.r.part(),
		CodeURI:       codeURI(p.value("CodeUri")),
		Handler:       p.text("Handler", ""),
		Runtime:       p.text("Runtime", ""),
		Architectures: p.texts("Architectures"),
		Timeout:       p.duration("Timeout", time.Second, 3*time.Second),
		MemorySize:    p.whole("MemorySize", 128),
		Environment:   p.textMapOf(p.value("Environment").field("Variables"), p.at("Environment.Variables")),
		Statements:    b.statements(p),
	}
	b.addEvents(p, &f)
	if f.Architectures == nil {
		f.Architectures = []string{"x86_64"}
	}
	at := place{logicalID: f.LogicalID}
	f.Name = b.resourceRef(f.LogicalID, f.Line, at).text
	f.ARN = b.attribute(f.LogicalID, "Arn", f.Line, at).text
	if other, taken := b.functions[f.Name]; taken && f.Name != "" {
		b.add(p.at("FunctionName"), f.LineOf("FunctionName"), "%q is the name of %s too", f.Name, other)
	}
	b.functions[f.Name], b.functions[f.ARN] = f.LogicalID, f.LogicalID
	b.stack.Functions = append(b.stack.Functions, f)
}

// codeURI gives a local folder; code in S3 has none.
func codeURI(v value) string {
	if v.kind != scalar || strings.HasPrefix(v.text, "s3://") {
		return ""
	}
	return v.text
}

// statements gives the statements of a function's inline policies. Nothing runs
// by them, so what has no value on this machine is no fault here.
func (b *builder) statements(p properties) []Statement {
	aside := *b.evaluator
	aside.faults = newFaults(b.file)
	aside.names, aside.conditions = map[string]*name{}, map[string]*truth{}
	p.e = &aside
	var all []Statement
	for _, policy := range elements(p.value("Policies")) {
		for _, s := range elements(policy.field("Statement")) {
			at := p.at("Policies")
			all = append(all, Statement{
				Sid:       p.scalar(s.field("Sid"), at, ""),
				Effect:    p.scalar(s.field("Effect"), at, ""),
				Actions:   p.textsOf(s.field("Action"), at),
				Resources: p.textsOf(s.field("Resource"), at),
			})
		}
	}
	b.spent = aside.spent
	return all
}

// elements gives a list's elements; a single object counts as a list.
func elements(v value) []value {
	switch v.kind {
	case list:
		return v.items
	case object:
		return []value{v}
	}
	return nil
}

func (b *builder) addPermission(p properties) {
	b.stack.Permissions = append(b.stack.Permissions, Permission{
		Part:      p.r.part(),
		Function:  b.functionIn(p.text("FunctionName", "")),
		Action:    p.text("Action", ""),
		Principal: p.text("Principal", ""),
		SourceARN: p.text("SourceArn", ""),
	})
}
