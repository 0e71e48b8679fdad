package template

import (
	"strings"

	"bellhop/localdev/template/reader"
)

// addLayer keeps a layer of the template, by what Ref gives for it.
func (b *builder) addLayer(p properties) {
	property := "Content"
	if reader.IsSAM(p.r.Typ) {
		property = "ContentUri"
	}
	l := Layer{Part: p.part(), BuildMethod: reader.Text(reader.Child(reader.Child(p.r.Body, "Metadata"), "BuildMethod"))}
	v := p.aside().value(property)
	if v.Kind == reader.Scalar && !strings.HasPrefix(v.Text, "s3://") {
		l.ContentURI = v.Text
	} else {
		b.Warn(p.at(property), l.LineOf(property), "its content is no local folder: functions run without it")
	}
	b.layers[b.ResourceRef(p.r.LogicalID, p.r.Line, reader.Place{LogicalID: p.r.LogicalID}).Text] = l
}

// addLayers gives a function those of its layers that are folders, in their order,
// and warns of the others.
func (b *builder) addLayers(p properties, f *Function) {
	f.Layers = p.aside().texts("Layers")
	interpreted := strings.HasPrefix(f.Runtime, "nodejs") || strings.HasPrefix(f.Runtime, "python")
	for _, name := range f.Layers {
		l, own := b.layers[name]
		switch {
		case !own:
			b.Warn(p.at("Layers"), f.LineOf("Layers"), "%q is no layer of this template: the function runs without it", reader.Shorten(name))
		case l.ContentURI == "":
		case !interpreted:
			b.Warn(p.at("Layers"), f.LineOf("Layers"), "%s: layers are applied to Node.js and Python alone", l.LogicalID)
		default:
			f.LocalLayers = append(f.LocalLayers, l)
		}
	}
}
