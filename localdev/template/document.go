package template

import (
	"errors"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// document is a template taken apart, with nothing resolved yet.
type document struct {
	root       *node
	parameters []pair
	mappings   *node
	conditions map[string]pair
	resources  map[string]*resource
	// order lists the resources as the template does.
	order   []*resource
	outputs []pair
	globals *node
	// sam is true when the SAM transform runs over the template.
	sam bool
}

// resource is an entry of Resources.
type resource struct {
	logicalID, typ string
	line           int
	body           *node
	properties     *node
	// condition is the name of the condition that must be true, or empty.
	condition     string
	conditionLine int
}

// parse reads YAML, or JSON, which is YAML too.
func parse(src []byte, f *faults) *node {
	if len(src) > maxSource {
		f.add(place{}, 0, "larger than %d bytes", maxSource)
		return nil
	}
	var root yaml.Node
	if err := yaml.Load(src, &root); err != nil {
		message, line := syntaxError(err)
		f.add(place{}, line, "%s", message)
		return nil
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		f.add(place{}, 1, "a template is a mapping with Resources")
		return nil
	}
	return root.Content[0]
}

// maxSource is CloudFormation's limit of a template in S3.
const maxSource = 1 << 20

func syntaxError(err error) (message string, line int) {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return err.Error(), 0
	}
	message = load.Message
	if load.ContextMsg != "" {
		message = load.ContextMsg + ": " + message
	}
	return "not YAML: " + message, max(load.Mark.Line, 0)
}

// read takes a parsed template apart.
func read(root *node, f *faults) document {
	d := document{
		root:       root,
		parameters: pairs(child(root, "Parameters")),
		mappings:   child(root, "Mappings"),
		conditions: map[string]pair{},
		resources:  map[string]*resource{},
		outputs:    pairs(child(root, "Outputs")),
		globals:    child(root, "Globals"),
		sam:        usesSAM(child(root, "Transform")),
	}
	for _, p := range pairs(child(root, "Conditions")) {
		d.conditions[p.key] = p
	}
	for _, p := range pairs(child(root, "Resources")) {
		d.addResource(p, f)
	}
	if len(d.order) == 0 {
		f.add(place{}, root.Line, "no Resources")
	}
	return d
}

func (d *document) addResource(p pair, f *faults) {
	typ := child(p.value, "Type")
	if !isScalar(typ) {
		f.add(place{logicalID: p.key}, p.line, "a resource without a Type")
		return
	}
	r := &resource{
		logicalID: p.key, typ: text(typ), line: p.line,
		body:       p.value,
		properties: child(p.value, "Properties"),
		condition:  text(child(p.value, "Condition")),
	}
	r.conditionLine = lines(p.value)["Condition"]
	d.resources[p.key] = r
	d.order = append(d.order, r)
}

// dependsOn gives the logical ids that r waits for.
func (r *resource) dependsOn() []string {
	n := follow(child(r.body, "DependsOn"))
	if n == nil {
		return nil
	}
	var ids []string
	for _, item := range append([]*node{n}, n.Content...) {
		if isScalar(item) {
			ids = append(ids, text(item))
		}
	}
	return ids
}

// usesSAM looks for SAM's transform, which stands alone or in a list.
func usesSAM(n *node) bool {
	n = follow(n)
	if n == nil {
		return false
	}
	for _, item := range append([]*node{n}, n.Content...) {
		if strings.HasPrefix(text(item), "AWS::Serverless-") {
			return true
		}
	}
	return false
}

// mayBeGenerated tells whether SAM would make a resource of that name, derived
// from one of the template's own: FunctionRole, FunctionUrl and so on.
func (d *document) mayBeGenerated(name string) bool {
	if !d.sam {
		return false
	}
	if name == "ServerlessRestApi" || name == "ServerlessHttpApi" {
		return true
	}
	if base, _, ok := strings.Cut(name, "."); ok {
		return d.isServerless(base)
	}
	for _, r := range d.order {
		if isSAM(r.typ) && strings.HasPrefix(name, r.logicalID) && strings.HasSuffix(name, "Stage") {
			return true
		}
	}
	for _, suffix := range []string{"Role", "Url", "Stage", "Deployment"} {
		if base, ok := strings.CutSuffix(name, suffix); ok && d.isServerless(base) {
			return true
		}
	}
	for _, infix := range []string{"Alias", "Version"} {
		if i := strings.LastIndex(name, infix); i > 0 && d.isServerless(name[:i]) {
			return true
		}
	}
	return false
}

func (d *document) isServerless(name string) bool {
	r := d.resources[name]
	return r != nil && strings.HasPrefix(r.typ, "AWS::Serverless::")
}
