package handler

import (
	"testing"
	"time"

	"bellhop/shared/fault"

	"github.com/google/go-cmp/cmp"
)

func TestUsersHaveNoControlCharacters(t *testing.T) {
	var faults fault.Faults
	o := fault.Parse([]byte(`{"users":["ada","a\u0000b","zoë"],"user":"line\nbreak"}`), &faults)
	users(o)
	userName(o, "user")
	want := fault.Faults{{Field: "users[1]", Rule: fault.Control}, {Field: "user", Rule: fault.Control}}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestPublishRefusesAudiencesThatItDoesNotKnow(t *testing.T) {
	h := &Publish{Now: time.Now}
	for _, name := range []string{"groups", "everyone"} {
		_, err := h.read([]byte(`{"` + name + `":true,"users":["ada"]}`))
		if err == nil || !hasFault(err.Faults, name, fault.Unsupported) {
			t.Errorf("a request with %s: got %v, want a fault %q of it", name, err, fault.Unsupported)
		}
	}
}

func hasFault(faults fault.Faults, field, rule string) bool {
	for _, f := range faults {
		if f.Field == field && f.Rule == rule {
			return true
		}
	}
	return false
}
