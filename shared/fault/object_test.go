package fault_test

import (
	"testing"

	"bellhop/shared/fault"

	"github.com/google/go-cmp/cmp"
)

func TestObjectReportsEveryFaultWithItsPath(t *testing.T) {
	var faults fault.Faults
	o := fault.Parse([]byte(`{"name":7,"Name":"other case","long":"12345","at":"yesterday","n":-1,"big":9007199254740992,
		"flag":"yes","list":[1,"x",0],"none":0,"many":[1,2,3],"inner":{"word":"blue"},"not":[]}`), &faults)
	o.Require("name", "gone")
	o.String("name", 10)
	o.String("long", 4)
	o.Time("at")
	o.Integer("n")
	o.Integer("big")
	o.Positive("none")
	o.Positive("n")
	o.Bool("flag", false)
	o.Positives("list", 5)
	o.Positives("many", 2)
	o.Object("inner").Word("word", "red", "green")
	o.Object("not")
	o.Strings("list", 5, 5)

	want := fault.Faults{
		{Field: "gone", Rule: fault.Required},
		{Field: "name", Rule: fault.NotString},
		{Field: "long", Rule: fault.MaxLength, Limit: 4},
		{Field: "at", Rule: fault.Timestamp},
		{Field: "n", Rule: fault.NotInteger},
		{Field: "big", Rule: fault.NotInteger},
		{Field: "none", Rule: fault.Min, Limit: 1},
		{Field: "n", Rule: fault.NotInteger},
		{Field: "flag", Rule: fault.NotBoolean},
		{Field: "list[1]", Rule: fault.NotInteger},
		{Field: "list[2]", Rule: fault.Min, Limit: 1},
		{Field: "many", Rule: fault.MaxItems, Limit: 2},
		{Field: "inner.word", Rule: fault.OneOf},
		{Field: "not", Rule: fault.NotObject},
		{Field: "list[0]", Rule: fault.NotString},
		{Field: "list[2]", Rule: fault.NotString},
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestObjectReadsWhatIsRight(t *testing.T) {
	var faults fault.Faults
	o := fault.Parse([]byte(`{"s":"a","n":9007199254740991,"b":true,"list":["x","y"],"none":null,"twice":1,"twice":2}`), &faults)
	if got := o.String("s", 1); got != "a" {
		t.Errorf("String = %q, want a", got)
	}
	if got := o.Integer("n"); got != fault.MaxInteger {
		t.Errorf("Integer = %d, want %d", got, int64(fault.MaxInteger))
	}
	if !o.Bool("b", false) || !o.Bool("absent", true) {
		t.Error("Bool: want the value, or what stands for absent")
	}
	if diff := cmp.Diff([]string{"x", "y"}, o.Strings("list", 2, 1)); diff != "" {
		t.Error(diff)
	}
	if o.Has("none") {
		t.Error("Has(null) = true, want false")
	}
	if got := o.Integer("twice"); got != 2 {
		t.Errorf("a repeated name = %d, want its last value 2", got)
	}
	if err := faults.Err(); err != nil {
		t.Errorf("faults: %v, want none", err)
	}
}

func TestFaultsOfTheObjectItselfHaveItsPath(t *testing.T) {
	var faults fault.Faults
	inner := fault.Parse([]byte(`{"a":{"b":{}}}`), &faults).Object("a").Object("b")
	if got := inner.Faults(); got != 0 {
		t.Errorf("Faults = %d, want 0", got)
	}
	inner.Fault("", fault.Syntax)
	inner.FaultLimit("c", fault.Max, 9)
	want := fault.Faults{{Field: "a.b", Rule: fault.Syntax}, {Field: "a.b.c", Rule: fault.Max, Limit: 9}}
	if diff := cmp.Diff(want, faults); diff != "" || inner.Faults() != 2 {
		t.Errorf("Faults = %d, want 2; faults (-want +got):\n%s", inner.Faults(), diff)
	}
}

func TestParseTimeIsStrict(t *testing.T) {
	for input, want := range map[string]bool{
		"2026-03-01T01:02:03Z": true, "2026-03-01T01:02:03.5+23:59": true, "2026-02-29T01:02:03Z": false,
		"2026-03-01T1:02:03.0Z": false, "2026-03-01T01:02:03,5Z": false, "2026-03-01T01:02:03+24:00": false,
		"2026-03-01T01:02:03-00:60": false, "2026-03-01 01:02:03Z": false, "": false, "now": false,
	} {
		if _, got := fault.ParseTime(input); got != want {
			t.Errorf("ParseTime(%q) = %v, want %v", input, got, want)
		}
	}
}

func TestParseNamesSyntaxAndKind(t *testing.T) {
	for input, rule := range map[string]string{
		``: fault.Syntax, `{`: fault.Syntax, `{} x`: fault.Syntax,
		`[]`: fault.NotObject, `null`: fault.NotObject, `"x"`: fault.NotObject, `3`: fault.NotObject,
	} {
		var faults fault.Faults
		fault.Parse([]byte(input), &faults)
		if len(faults) != 1 || faults[0].Rule != rule {
			t.Errorf("Parse(%q): faults %v, want one %q", input, faults, rule)
		}
	}
}

func FuzzObject(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x",null],"b":{"c":true}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var faults fault.Faults
		o := fault.Parse(data, &faults)
		for name := range o.Fields {
			o.String(name, 8)
			o.Positives(name, 8)
			o.Strings(name, 8, 8)
			o.Object(name).Time("c")
			o.Bool(name, true)
		}
		for _, ft := range faults {
			if ft.Rule == "" {
				t.Errorf("a fault without a rule: %+v", ft)
			}
		}
	})
}
