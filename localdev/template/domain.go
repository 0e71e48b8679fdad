package template

import (
	"strings"

	"bellhop/localdev/template/reader"
)

// disable reads whether the API has no address of its own.
func (b *builder) disable(p properties, a *api) {
	const property = "DisableExecuteApiEndpoint"
	a.disabled = p.truth(property)
	if a.disabled && a.protocol == httpProtocol {
		b.Warn(p.at(property), a.LineOf(property), "the HTTP API has its local address all the same")
	}
}

// addMapping reads a custom domain's mapping.
func (b *builder) addMapping(p properties) {
	a := b.apiOf(p)
	switch {
	case a == nil:
	case a.protocol == httpProtocol:
		b.Warn(p.at("ApiId"), p.r.Line, "a custom domain's mapping: the HTTP API has its local address alone")
	default:
		a.mappings = append(a.mappings, Mapping{
			Part: p.part(), Domain: strings.ToLower(p.text("DomainName", "")), Key: p.text("ApiMappingKey", ""), Stage: p.text("Stage", ""),
		})
	}
}

// warnOfNoAddress tells of an API that nobody can reach.
func (b *builder) warnOfNoAddress(a *api) {
	if a.disabled && len(a.mappings) == 0 {
		const property = "DisableExecuteApiEndpoint"
		at := reader.Place{LogicalID: a.LogicalID, Property: property}
		b.Warn(at, a.LineOf(property), "the API has no address: every handshake gets 403, as on AWS without a custom domain")
	}
}

// domainOf makes the mappings that SAM makes of Domain: one for each base path, or
// one without a key.
func (b *builder) domainOf(p properties, stage string) []Mapping {
	domain, at := p.value("Domain"), p.at("Domain")
	if domain.Kind != reader.Object {
		return nil
	}
	paths := p.textsOf(domain.Field("BasePath"), at.In("BasePath"))
	if len(paths) == 0 {
		paths = []string{""}
	}
	var all []Mapping
	for _, path := range paths {
		all = append(all, Mapping{
			Part: b.generated(p, p.r.LogicalID+"ApiMapping"), Stage: stage, Key: strings.Trim(path, "/"),
			Domain: strings.ToLower(p.scalar(domain.Field("DomainName"), at.In("DomainName"), "")),
		})
	}
	return all
}
