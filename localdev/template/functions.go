package template

import (
	"strings"
	"time"
)

func (b *builder) addFunction(p properties) {
	if isSAM(p.r.typ) {
		p.globals = child(b.doc.globals, "Function")
	}
	c := b.codeOf(p)
	f := Function{
		Part:          p.r.part(),
		CodeURI:       c.uri,
		Inline:        c.inline,
		Image:         c.image,
		BuildMethod:   text(child(child(p.r.body, "Metadata"), "BuildMethod")),
		Handler:       p.text("Handler", ""),
		Runtime:       p.text("Runtime", ""),
		Architectures: p.texts("Architectures"),
		Timeout:       p.duration("Timeout", time.Second, 3*time.Second),
		MemorySize:    p.whole("MemorySize", 128),
		Environment:   p.textMapOf(p.value("Environment").field("Variables"), p.at("Environment.Variables")),
		Layers:        p.aside().texts("Layers"),
	}
	if f.Architectures == nil {
		f.Architectures = []string{"x86_64"}
	}
	b.grant(&f, p)
	b.name(&f, p)
	b.stack.Functions = append(b.stack.Functions, f)
}

// name gives a function its name and ARN, by which others refer to it.
func (b *builder) name(f *Function, p properties) {
	at := place{logicalID: f.LogicalID}
	f.Name = b.resourceRef(f.LogicalID, f.Line, at).text
	f.ARN = b.attribute(f.LogicalID, "Arn", f.Line, at).text
	if other, taken := b.functions[f.Name]; taken && f.Name != "" {
		b.add(p.at("FunctionName"), f.LineOf("FunctionName"), "%q is the name of %s too", f.Name, other)
	}
	b.functions[f.Name], b.functions[f.ARN] = f.LogicalID, f.LogicalID
}

func isSAM(typ string) bool { return strings.HasPrefix(typ, "AWS::Serverless::") }

// code says where a function's code is. At most one is set.
type code struct{ uri, inline, image string }

// codeOf reads what a function is made of, and warns of code that is not here.
func (b *builder) codeOf(p properties) code {
	property := "Code"
	if isSAM(p.r.typ) {
		property = "CodeUri"
	}
	quiet := p.aside()
	v := quiet.value(property)
	inline := v.field("ZipFile")
	image := v.field("ImageUri")
	if isSAM(p.r.typ) {
		inline, image = quiet.value("InlineCode"), quiet.value("ImageUri")
	}
	switch {
	case inline.kind == scalar:
		return code{inline: inline.text}
	case image.kind == scalar || quiet.text("PackageType", "") == "Image":
		b.warn(place{logicalID: p.r.logicalID}, p.r.line, "is a container image, which does not run here")
		return code{image: image.text}
	case v.kind == scalar && !strings.HasPrefix(v.text, "s3://"):
		return code{uri: v.text}
	case v.kind == absent:
		return code{}
	}
	b.warn(p.at(property), max(v.line, p.r.line), "its code is in S3, and does not run here")
	return code{}
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
