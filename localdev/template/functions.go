package template

import (
	"maps"
	"slices"
	"strings"
	"time"

	"bellhop/localdev/template/reader"
)

func (b *builder) addFunction(p properties) {
	if reader.IsSAM(p.r.Typ) {
		p.globals = reader.Child(b.Doc.Globals, "Function")
	}
	c := b.codeOf(p)
	f := Function{
		Part:          p.part(),
		CodeURI:       c.uri,
		Inline:        c.inline,
		Image:         c.image,
		BuildMethod:   reader.Text(reader.Child(reader.Child(p.r.Body, "Metadata"), "BuildMethod")),
		Handler:       p.text("Handler", ""),
		Runtime:       p.text("Runtime", ""),
		Architectures: p.texts("Architectures"),
		Timeout:       p.duration("Timeout", time.Second, 3*time.Second),
		MemorySize:    p.whole("MemorySize", 128),
		Environment:   p.textMapOf(p.value("Environment").Field("Variables"), p.at("Environment.Variables")),
	}
	b.addLayers(p, &f)
	b.addSchedules(p, &f)
	if f.Architectures == nil {
		f.Architectures = []string{"x86_64"}
	}
	if _, ok := f.InlineFile(); f.Inline != "" && !ok {
		b.Warn(p.at("Runtime"), f.LineOf("Runtime"), "%q takes no inline code: Node.js and Python do", reader.Shorten(f.Runtime))
	}
	b.warnOfSecrets(f)
	b.grant(&f, p)
	b.name(&f, p)
	b.stack.Functions = append(b.stack.Functions, f)
}

// warnOfSecrets tells of variables whose value CloudFormation looks up elsewhere.
func (b *builder) warnOfSecrets(f Function) {
	for _, name := range slices.Sorted(maps.Keys(f.Environment)) {
		if strings.Contains(f.Environment[name], "{{resolve:") {
			at := reader.Place{LogicalID: f.LogicalID, Property: "Environment.Variables." + name}
			b.Warn(at, f.LineOf("Environment"), "a dynamic reference ({{resolve:…}}) is not looked up here: the function gets it as it stands")
		}
	}
}

// name gives a function its name and ARN, by which others refer to it.
func (b *builder) name(f *Function, p properties) {
	at := reader.Place{LogicalID: f.LogicalID}
	f.Name = b.ResourceRef(f.LogicalID, f.Line, at).Text
	f.ARN = b.Attribute(f.LogicalID, "Arn", f.Line, at).Text
	if other, taken := b.functions[f.Name]; taken && f.Name != "" {
		b.Add(p.at("FunctionName"), f.LineOf("FunctionName"), "%q is the name of %s too", f.Name, other)
	}
	b.functions[f.Name], b.functions[f.ARN] = f.LogicalID, f.LogicalID
}

// code says where a function's code is. At most one is set.
type code struct{ uri, inline, image string }

// codeOf reads what a function is made of, and warns of code that is not here.
func (b *builder) codeOf(p properties) code {
	property := "Code"
	if reader.IsSAM(p.r.Typ) {
		property = "CodeUri"
	}
	quiet := p.aside()
	v := quiet.value(property)
	inline := v.Field("ZipFile")
	image := v.Field("ImageUri")
	if reader.IsSAM(p.r.Typ) {
		inline, image = quiet.value("InlineCode"), quiet.value("ImageUri")
	}
	switch {
	case inline.Kind == reader.Scalar:
		return code{inline: inline.Text}
	case image.Kind == reader.Scalar || quiet.text("PackageType", "") == "Image":
		b.Warn(reader.Place{LogicalID: p.r.LogicalID}, p.r.Line, "is a container image, which does not run here")
		return code{image: image.Text}
	case v.Kind == reader.Scalar && !strings.HasPrefix(v.Text, "s3://"):
		return code{uri: v.Text}
	case v.Kind == reader.Absent:
		return code{}
	}
	b.Warn(p.at(property), max(v.Line, p.r.Line), "its code is in S3, and does not run here")
	return code{}
}

// elements gives a list's elements; a single object counts as a list.
func elements(v reader.Value) []reader.Value {
	switch v.Kind {
	case reader.List:
		return v.Items
	case reader.Object:
		return []reader.Value{v}
	}
	return nil
}

func (b *builder) addPermission(p properties) {
	b.stack.Permissions = append(b.stack.Permissions, Permission{
		Part:      p.part(),
		Function:  b.functionIn(p.text("FunctionName", "")),
		Action:    p.text("Action", ""),
		Principal: p.text("Principal", ""),
		SourceARN: p.text("SourceArn", ""),
	})
}
