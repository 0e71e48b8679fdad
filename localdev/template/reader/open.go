package reader

// Options says what to resolve a template with. A nil *Options, and every empty
// field, stands for the default.
type Options struct {
	// Parameters overrides the defaults of the template's parameters, see
	// ParseOverrides.
	Parameters map[string]string
	// StackName is AWS::StackName, "bellhop" unless set.
	StackName string
	// Region is AWS::Region, "eu-west-1" unless set.
	Region string
	// Account is AWS::AccountId, "123456789012" unless set.
	Account string
	// Imports are what ImportValue gives, by the export's name. One that is not
	// among them is a fault where its value is needed.
	Imports map[string]string
}

func (o *Options) withDefaults() Options {
	filled := Options{StackName: "bellhop", Region: "eu-west-1", Account: "123456789012"}
	if o == nil {
		return filled
	}
	filled.Parameters, filled.Imports = o.Parameters, o.Imports
	for _, f := range []struct{ given, to *string }{
		{&o.StackName, &filled.StackName}, {&o.Region, &filled.Region}, {&o.Account, &filled.Account},
	} {
		if *f.given != "" {
			*f.to = *f.given
		}
	}
	return filled
}

// Open reads a template, gives its parameters their values, and looks at all of
// it. Faults are recorded; nil comes back, beside them, when the text is no
// template at all.
func Open(file string, src []byte, opts *Options) (*Evaluator, *Faults) {
	f := NewFaults(file)
	root := parse(src, f)
	if root == nil {
		return nil, f
	}
	o := opts.withDefaults()
	e := &Evaluator{
		Faults:     f,
		Warnings:   NewFaults(file),
		Doc:        read(root, f),
		pseudo:     pseudoParameters(o),
		parameters: map[string]Value{},
		conditions: map[string]*truth{},
		names:      map[string]*name{},
		imports:    o.Imports,
		spent:      new(int),
		Options:    o,
	}
	e.Declared = e.readParameters(o.Parameters)
	e.walk()
	return e, f
}

// Close tells of a template that resolves to too much, and gives all its faults as
// one error.
func (e *Evaluator) Close() error {
	if *e.spent > maxBytes {
		e.Add(Place{}, 0, "resolves to more than %d MB", maxBytes>>20)
	}
	return e.Err()
}

func pseudoParameters(o Options) map[string]Value {
	texts := map[string]string{
		"AWS::StackName": o.StackName, "AWS::Region": o.Region, "AWS::AccountId": o.Account,
		"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
		"AWS::StackId": "arn:aws:cloudformation:" + o.Region + ":" + o.Account +
			":stack/" + o.StackName + "/00000000-0000-4000-8000-000000000000",
	}
	all := map[string]Value{"AWS::NoValue": {}, "AWS::NotificationARNs": {Kind: List}}
	for name, s := range texts {
		all[name] = textValue(s, 0)
	}
	return all
}

// Aside gives an evaluator of the same template whose faults nobody is told of.
// What it resolves counts against the limit all the same.
func (e *Evaluator) Aside() *Evaluator {
	aside := *e
	aside.Faults = NewFaults(e.File)
	aside.names, aside.conditions = map[string]*name{}, map[string]*truth{}
	return &aside
}
