package scenario_test

import (
	"strings"
	"testing"

	"bellhop/localdev/scenario"
)

func TestParse_FaultsNameFileAndLine(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"ann dances", `play.txt:2: "dances" is none of connect, >, >>, repeat, <, drop, closed`},
		{"ann", "play.txt:2: what ann does is missing"},
		{"ann > {", "play.txt:2: column 2 of the value: a name in double quotes is missing"},
		{`ann > {"a" 1}`, `play.txt:2: column 6 of the value: the colon after "a" is missing`},
		{`ann > {"a":1,"a":2}`, `play.txt:2: column 11 of the value: "a" stands there twice`},
		{`ann > {"a":}`, "play.txt:2: column 6 of the value: neither JSON, nor $name, nor …"},
		{`ann > {"a":"b`, "play.txt:2: column 6 of the value: a string has no end"},
		{`ann > [1 2]`, "play.txt:2: column 4 of the value: a comma or ] is missing"},
		{`ann > {"a":1,…}`, "play.txt:2: … stands for nothing that can be sent"},
		{`ann < {…,"a":1}`, "play.txt:2: column 5 of the value: … must be the last before }"},
		{`ann < {"a":$}`, "play.txt:2: column 7 of the value: a name is missing after $"},
		{`ann < {"a":1} more`, `play.txt:2: " more" is more than is understood here`},
		{"ann < " + strings.Repeat("[", 65), "play.txt:2: column 65 of the value: more than 64 levels"},
		{`ann repeat {"a":1}`, "play.txt:2: until <pattern> is missing"},
		{`ann repeat {…} until {"a":1}`, "play.txt:2: … stands for nothing that can be sent"},
		{`ann repeat {"a":1} until {"b":2} more`, `play.txt:2: " more" is more than is understood here`},
		{"settings RetentionDays", `play.txt:2: "RetentionDays" is no <parameter>=<value>`},
		{"settings RetentionDays=1", "play.txt: no line does anything"},
		{"ann connect", "play.txt:2: session=<user> is missing"},
		{"ann connect user=ann", `play.txt:2: "user=ann" is none of session=…, ttl=…, origin=…`},
		{"ann drop now", `play.txt:2: "now" is more than is understood here`},
		{"publish users=ann", "play.txt:2: the notification is missing"},
		{"publish {}", "play.txt:2: users=<user>,… is missing"},
		{"publish users=ann store=no {}", "play.txt:2: store=no is neither true nor false"},
		{"revoke", "play.txt:2: one of session=<user> and user=<user> is needed"},
		{"ann connect session=ann ttl=soon", "play.txt:2: ttl=soon is not a number of seconds"},
		{"renew session=ann", "play.txt:2: session=<user> and ttl=<seconds> are needed"},
		{"renew session=ann ttl=0", "play.txt:2: ttl=0 is not a number of seconds"},
		{"elapse", "play.txt:2: session=<user> is missing"},
		{"sweep all", `play.txt:2: "all" is more than is understood here`},
		{"# nothing", "play.txt: no line does anything"},
	} {
		_, err := scenario.Parse("play.txt", []byte("\n"+tt.text+"\n"))
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s: got %v, want %s", tt.text, err, tt.want)
		}
	}
}

func TestParse_ReportsAllFaults(t *testing.T) {
	_, err := scenario.Parse("play.txt", []byte("ann dances\nann drop\nbob sings"))
	if err == nil || !strings.Contains(err.Error(), "play.txt:1: ") || !strings.Contains(err.Error(), "play.txt:3: ") {
		t.Errorf("got %v, want the faults of lines 1 and 3", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"ann connect session=ann origin=https://a.example # → 403",
		`ann > {"type":"hello","id":"1","epoch":$epoch,"offset":0}`,
		`ann < {"items":[{"offset":1.5e3,…},...],"x":…,"y":null,"z":"\u00e9\"",…} # as ever`,
		"ann >> no JSON\nann < nothing\nann drop\nann closed",
		`publish users=ann,bob store=false {"a":[true,false]} # → live 2, stored`,
		"revoke session=ann/2 # → 1",
		"ann connect session=ann ttl=2\nrenew session=ann ttl=9 # → not_found\nelapse session=ann\nsweep",
		"settings RetentionDays=1 LogLevel= # for all\n" + `ann repeat {"a":1} until {"b":…,…} # soon`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		s, err := scenario.Parse("fuzz.txt", []byte(src))
		if err != nil && !strings.HasPrefix(err.Error(), "fuzz.txt:") {
			t.Errorf("error: got %q, want it to name the file", err)
		}
		if s == nil {
			t.Error("script: got nil")
		}
	})
}
