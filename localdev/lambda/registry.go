package lambda

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Runner runs one function. It is the seam between the names of functions and
// the ways to run them. Implementations are safe for concurrent use, keep the
// promises of Invoker about payload, result and errors, and never see an empty
// payload. What else is known of the call is in FromContext.
//
// A Runner that holds something to release has also a method
// Close(context.Context) error, which Registry.Close calls.
type Runner interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Spec is what the template says about a function, as far as running it goes.
type Spec struct {
	Name       string        // FunctionName, such as "bellhop-publish"
	ARN        string        // arn:aws:lambda:<region>:<account>:function:<name>, without qualifier
	Timeout    time.Duration // longest run; 0 means 3 s, as on AWS
	MemorySize int           // MB; only told, not enforced
	// Concurrency is the most invocations at a time (ReservedConcurrentExecutions);
	// one more is ErrThrottled. 0 means no limit.
	Concurrency int
}

// Function is one entry of a Registry.
type Function struct {
	LogicalID string // its name in the template; may be empty
	Spec      Spec
	Runner    Runner
}

// Registry finds functions by name and invokes them. It never changes once
// made, and is safe for concurrent use.
type Registry struct {
	functions []*Function
	byName    map[string]*Function
}

var _ Invoker = (*Registry)(nil)

// NewRegistry resolves every name of every function once. A function answers to
// its logical id, its name, its ARN and the partial ARNs of both names
// (function:<name>, <account>:function:<name>). Two functions that answer to
// one name, a missing name and a missing Runner are errors, all told together.
func NewRegistry(functions []Function) (*Registry, error) {
	r := &Registry{byName: make(map[string]*Function, 8*len(functions))}
	var faults []error
	for i := range functions {
		f := functions[i]
		faults = append(faults, r.add(&f))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Registry) add(f *Function) error {
	if f.Spec.Name == "" || f.Runner == nil {
		return fmt.Errorf("function %q (%s): a name and a runner are required", f.Spec.Name, f.LogicalID)
	}
	var faults []error
	for _, name := range names(f) {
		if other := r.byName[name]; other != nil && other != f {
			faults = append(faults, fmt.Errorf("functions %s and %s both answer to %q", other.Spec.Name, f.Spec.Name, name))
			continue
		}
		r.byName[name] = f
	}
	r.functions = append(r.functions, f)
	return errors.Join(faults...)
}

// names lists what f answers to, without qualifiers. The prefixes come from its
// ARN: a function without one has no partial ARN with an account.
func names(f *Function) []string {
	var all []string
	for _, base := range []string{f.Spec.Name, f.LogicalID} {
		if base != "" {
			all = append(all, base, "function:"+base)
		}
		if prefix, ok := strings.CutSuffix(f.Spec.ARN, ":function:"+f.Spec.Name); ok && base != "" {
			account := prefix[strings.LastIndexByte(prefix, ':')+1:]
			all = append(all, account+":function:"+base, prefix+":function:"+base)
		}
	}
	if f.Spec.ARN != "" {
		all = append(all, f.Spec.ARN)
	}
	return all
}

// Find returns the function that answers to name and the qualifier that the
// name carries: "" for none, else a version or an alias, all of which stand for
// the one version there is. An unknown name is ErrNotFound.
func (r *Registry) Find(name string) (f *Function, qualifier string, err error) {
	if f = r.byName[name]; f != nil {
		return f, "", nil
	}
	if i := strings.LastIndexByte(name, ':'); i >= 0 && validQualifier(name[i+1:]) {
		if f = r.byName[name[:i]]; f != nil {
			return f, name[i+1:], nil
		}
	}
	return nil, "", fmt.Errorf("%w: %q", ErrNotFound, name)
}

// Functions returns all functions in the order given. Read only.
func (r *Registry) Functions() []*Function { return r.functions }

// Invoke runs the function that answers to name. An empty payload reaches the
// function as {}, as on AWS.
func (r *Registry) Invoke(ctx context.Context, name string, payload []byte) ([]byte, error) {
	f, qualifier, err := r.Find(name)
	if err != nil {
		return nil, err
	}
	if qualifier != "" {
		call := FromContext(ctx)
		call.Qualifier = qualifier
		ctx = NewContext(ctx, call)
	}
	return f.invoke(ctx, payload)
}

func (f *Function) invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	return f.Runner.Invoke(ctx, payload)
}

// Close closes every Runner that has a Close method, one after the other, and
// tells all their errors.
func (r *Registry) Close(ctx context.Context) error {
	var faults []error
	for _, f := range r.functions {
		if c, ok := f.Runner.(interface{ Close(context.Context) error }); ok {
			faults = append(faults, c.Close(ctx))
		}
	}
	return errors.Join(faults...)
}

// validQualifier says whether q is a version or an alias: letters, digits, "-"
// and "_", or $LATEST. Source: FunctionName of the Invoke action,
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html.
func validQualifier(q string) bool {
	return q == latest || plainName(q, "-_")
}

// plainName says whether s is not empty and holds ASCII letters, digits and the
// bytes of extra only.
func plainName(s, extra string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && strings.IndexByte(extra, c) < 0 {
			return false
		}
	}
	return s != ""
}

// latest is the one version that functions have here.
const latest = "$LATEST"
