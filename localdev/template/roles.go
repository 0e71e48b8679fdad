package template

import "strings"

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
	at := place{logicalID: p.r.logicalID}
	r := &role{policies: p.texts("ManagedPolicyArns")}
	for _, policy := range elements(p.value("Policies")) {
		r.statements = append(r.statements, p.statementsOf(policy.field("PolicyDocument"))...)
	}
	b.roles[p.e.resourceRef(p.r.logicalID, p.r.line, at).text] = r
	b.roles[p.e.attribute(p.r.logicalID, "Arn", p.r.line, at).text] = r
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
	if p.r.typ == "AWS::IAM::ManagedPolicy" {
		ref := p.e.resourceRef(p.r.logicalID, p.r.line, place{logicalID: p.r.logicalID}).text
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
	for _, name := range f.Policies {
		f.Statements = append(f.Statements, b.managed[name]...)
	}
}

// policyList gives SAM's Policies, which may be a list or a single policy.
func policyList(v value) []value {
	if v.kind == scalar {
		return []value{v}
	}
	return elements(v)
}

// policyName gives the name or ARN of a managed policy, or the name of one of
// SAM's policy templates; "" for a policy that is written out.
func policyName(policy value) string {
	switch {
	case policy.kind == scalar:
		return policy.text
	case policy.kind == object && len(policy.fields) == 1 && strings.HasSuffix(policy.fields[0].key, "Policy"):
		return policy.fields[0].key
	}
	return ""
}

// statementsOf reads the statements of a policy document.
func (p properties) statementsOf(document value) []Statement {
	var all []Statement
	at := p.at("Policies")
	for _, s := range elements(document.field("Statement")) {
		all = append(all, Statement{
			Sid:       p.scalar(s.field("Sid"), at, ""),
			Effect:    p.scalar(s.field("Effect"), at, ""),
			Actions:   p.textsOf(s.field("Action"), at),
			Resources: p.textsOf(s.field("Resource"), at),
		})
	}
	return all
}

// aside gives the same properties, read without telling of faults: nothing runs
// by them, so what has no value on this machine is no fault. What they take
// counts against the limit all the same.
func (p properties) aside() properties {
	aside := *p.e
	aside.faults = newFaults(p.e.file)
	aside.names, aside.conditions = map[string]*name{}, map[string]*truth{}
	p.e = &aside
	return p
}
