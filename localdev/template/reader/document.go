package reader

import (
	"errors"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// Document is a template taken apart, with nothing resolved yet.
type Document struct {
	root       *Node
	parameters []Entry
	mappings   *Node
	conditions map[string]Entry
	resources  map[string]*Resource
	// Order lists the resources as the template does.
	Order   []*Resource
	Outputs []Entry
	// Globals are SAM's, nil when there are none.
	Globals *Node
	// sam is true when the SAM transform runs over the template, or has to.
	sam bool
}

// Resource is an entry of Resources.
type Resource struct {
	// LogicalID is its name in the template, Type for instance
	// "AWS::DynamoDB::Table", Line where it stands.
	LogicalID, Typ string
	Line           int
	// Body is all of the entry, Properties those of it; either may be nil.
	Body       *Node
	Properties *Node
	// condition is the name of the condition that must be true, or empty.
	condition     string
	conditionLine int
}

// parse reads YAML, or JSON, which is YAML too.
func parse(src []byte, f *Faults) *Node {
	if len(src) > maxSource {
		f.Add(Place{}, 0, "larger than %d bytes", maxSource)
		return nil
	}
	var root yaml.Node
	if err := yaml.Load(src, &root); err != nil {
		message, line := syntaxError(err)
		f.Add(Place{}, line, "%s", message)
		return nil
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		f.Add(Place{}, 1, "a template is a mapping with Resources")
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
func read(root *Node, f *Faults) Document {
	d := Document{
		root:       root,
		parameters: Pairs(Child(root, "Parameters")),
		mappings:   Child(root, "Mappings"),
		conditions: map[string]Entry{},
		resources:  map[string]*Resource{},
		Outputs:    Pairs(Child(root, "Outputs")),
		Globals:    Child(root, "Globals"),
		sam:        usesSAM(Child(root, "Transform")),
	}
	for _, p := range Pairs(Child(root, "Conditions")) {
		d.conditions[p.Key] = p
	}
	for _, p := range Pairs(Child(root, "Resources")) {
		d.addResource(p, f)
	}
	if len(d.Order) == 0 {
		f.Add(Place{}, root.Line, "no Resources")
	}
	return d
}

func (d *Document) addResource(p Entry, f *Faults) {
	typ := Child(p.Value, "Type")
	if !isScalar(typ) {
		f.Add(Place{LogicalID: p.Key}, p.Line, "a resource without a Type")
		return
	}
	r := &Resource{
		LogicalID: p.Key, Typ: Text(typ), Line: p.Line,
		Body:       p.Value,
		Properties: Child(p.Value, "Properties"),
		condition:  Text(Child(p.Value, "Condition")),
	}
	r.conditionLine = Lines(p.Value)["Condition"]
	d.resources[p.Key] = r
	d.Order = append(d.Order, r)
	d.sam = d.sam || IsSAM(r.Typ)
}

// DependsOn gives the logical ids that r waits for.
func (r *Resource) DependsOn() []string {
	n := follow(Child(r.Body, "DependsOn"))
	if n == nil {
		return nil
	}
	var ids []string
	for _, item := range append([]*Node{n}, n.Content...) {
		if isScalar(item) {
			ids = append(ids, Text(item))
		}
	}
	return ids
}

// usesSAM looks for SAM's transform, which stands alone or in a list.
func usesSAM(n *Node) bool {
	n = follow(n)
	if n == nil {
		return false
	}
	for _, item := range append([]*Node{n}, n.Content...) {
		if strings.HasPrefix(Text(item), "AWS::Serverless-") {
			return true
		}
	}
	return false
}

// mayBeGenerated tells whether SAM would make a resource of that name, derived
// from one of the template's own: FunctionRole, FunctionUrl and so on.
func (d *Document) mayBeGenerated(name string) bool {
	if !d.sam {
		return false
	}
	if name == "ServerlessRestApi" || name == "ServerlessHttpApi" {
		return true
	}
	if base, _, ok := strings.Cut(name, "."); ok {
		return d.isServerless(base)
	}
	for _, r := range d.samParents(name) {
		if isPartOfAPI(name[len(r.LogicalID):]) {
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

// samParents are the resources of SAM whose logical id a name begins with: SAM
// would derive the name from one of them.
func (d *Document) samParents(name string) []*Resource {
	const longest = 255 // of a logical id
	var all []*Resource
	for i := range min(len(name), longest) {
		if r := d.resources[name[:i]]; r != nil && IsSAM(r.Typ) {
			all = append(all, r)
		}
	}
	return all
}

// IsSAM tells whether SAM makes other resources of a type.
func IsSAM(typ string) bool { return strings.HasPrefix(typ, "AWS::Serverless::") }

// isPartOfAPI tells whether SAM ends the logical id of an API's part so.
func isPartOfAPI(end string) bool {
	return strings.HasSuffix(end, "Stage") || strings.HasSuffix(end, "Route") || strings.HasSuffix(end, "Integration") ||
		end == "ConnectAuthorizer"
}

func (d *Document) isServerless(name string) bool {
	r := d.resources[name]
	return r != nil && strings.HasPrefix(r.Typ, "AWS::Serverless::")
}
