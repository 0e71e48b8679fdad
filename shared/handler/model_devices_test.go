package handler_test

import (
	"flag"
	"strconv"
	"testing"
	"time"

	"bellhop/shared/handler"

	"pgregory.net/rapid"
)

// A long run: go test ./shared/handler -run PlainModel -rounds 5000.
var rounds = flag.Int("rounds", 6, "how many histories TestDevicesAgreeWithThePlainModel tries")

// TestDevicesAgreeWithThePlainModel lets backends, users, devices, the network
// and the clock do what they like, one step after the other. Each answer is the
// model's, and whenever all is quiet, so are the lists, states and badges of all
// devices. What fails is shrunk, and printed with a seed that repeats it.
func TestDevicesAgreeWithThePlainModel(t *testing.T) {
	for name, value := range map[string]int{"rapid.checks": *rounds, "rapid.steps": 40} {
		if err := flag.Set(name, strconv.Itoa(value)); err != nil {
			t.Fatal(err)
		}
	}
	d := setup(t)
	signedIn := map[string]handler.Created{}
	for _, user := range []string{"ada", "eve"} {
		signedIn[user] = d.signInFor(user, 365*24*time.Hour)
	}
	rapid.Check(t, func(t2 *rapid.T) {
		w := newWorld(inRapid{t, t2}, pick(t2, "page", 1000, 1000, 7), d.deps.Sessions, signedIn)
		t2.Repeat(w.actions())
		w.agree()
	})
}
