package template

import (
	"slices"
	"strings"

	"bellhop/localdev/template/reader"
)

// role is what a role of the template may do.
type role struct {
	statements []Statement
	policies   []string
}

// rolePolicies are the types that give a role its rights.
func (b *builder) rolePolicies() []step {
	return []step{
		{"AWS::IAM::Role": b.addRole},
		{"AWS::IAM::Policy": b.addPolicy, "AWS::IAM::RolePolicy": b.addPolicy, "AWS::IAM::ManagedPolicy": b.addPolicy},
	}
}

func (b *builder) addRole(p properties) {
	p = p.aside()
	at := reader.Place{LogicalID: p.r.LogicalID}
	r := &role{policies: p.texts("ManagedPolicyArns")}
	for _, policy := range elements(p.value("Policies")) {
		r.statements = append(r.statements, p.statementsOf(policy.Field("PolicyDocument"))...)
	}
	b.roles[p.e.ResourceRef(p.r.LogicalID, p.r.Line, at).Text] = r
	b.roles[p.e.Attribute(p.r.LogicalID, "Arn", p.r.Line, at).Text] = r
}

// addPolicy gives the statements of a policy that stands by itself to the roles
// that it names, and to those that name it.
func (b *builder) addPolicy(p properties) {
	p = p.aside()
	statements := p.statementsOf(p.value("PolicyDocument"))
	for _, name := range append(p.texts("Roles"), p.texts("RoleName")...) {
		if r := b.roles[name]; r != nil {
			r.statements = append(r.statements, statements...)
		}
	}
	if p.r.Typ == "AWS::IAM::ManagedPolicy" {
		ref := p.e.ResourceRef(p.r.LogicalID, p.r.Line, reader.Place{LogicalID: p.r.LogicalID}).Text
		b.managed[ref] = statements
	}
}

// grant says what a function may do: by the policies of its own that SAM puts
// into a role, or by the role that it names.
func (b *builder) grant(f *Function, p properties) {
	p = p.aside()
	for _, policy := range policyList(p.value("Policies")) {
		f.Statements = append(f.Statements, p.statementsOf(policy)...)
		if name := policyName(policy); name != "" {
			f.Policies = append(f.Policies, name)
		}
	}
	if f.Has("Role") {
		f.Role = p.text("Role", "")
		own := b.roles[f.Role]
		f.ForeignRole = own == nil
		if own != nil {
			f.Statements = append(f.Statements, own.statements...)
			f.Policies = append(f.Policies, own.policies...)
		}
	}
	// A managed policy of the template is its statements.
	for _, name := range f.Policies {
		f.Statements = append(f.Statements, b.managed[name]...)
	}
	f.Policies = slices.DeleteFunc(slices.Clone(f.Policies), func(name string) bool { return b.managed[name] != nil })
}

// policyList gives SAM's Policies, which may be a list or a single policy.
func policyList(v reader.Value) []reader.Value {
	if v.Kind == reader.Scalar {
		return []reader.Value{v}
	}
	return elements(v)
}

// policyName gives the name or ARN of a managed policy, or the name of one of
// SAM's policy templates; "" for a policy that is written out.
func policyName(policy reader.Value) string {
	switch {
	case policy.Kind == reader.Scalar:
		return policy.Text
	case policy.Kind == reader.Object && len(policy.Fields) == 1 && strings.HasSuffix(policy.Fields[0].Key, "Policy"):
		return policy.Fields[0].Key
	}
	return ""
}

// statementsOf reads the statements of a policy document.
func (p properties) statementsOf(document reader.Value) []Statement {
	var all []Statement
	at := p.at("Policies")
	for _, s := range elements(document.Field("Statement")) {
		all = append(all, Statement{
			Sid:       p.scalar(s.Field("Sid"), at, ""),
			Effect:    p.scalar(s.Field("Effect"), at, ""),
			Actions:   p.textsOf(s.Field("Action"), at),
			Resources: p.textsOf(s.Field("Resource"), at),
		})
	}
	return all
}

// aside gives the same properties, read without telling of faults: nothing runs
// by them, so what has no value on this machine is no fault.
func (p properties) aside() properties {
	p.e = p.e.Aside()
	return p
}
