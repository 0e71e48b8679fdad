package connid

import (
	"regexp"
	"testing"
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{15}=$`)

func TestIDs_2_1(t *testing.T) {
	var s Source
	last := ""
	for range 1000 {
		conn := s.Next(NewTail())
		message := s.Next(TailOf(conn))
		if !idPattern.MatchString(conn) || !WellFormed(conn) || conn[8:11] != "IAM" {
			t.Fatalf("id: got %s", conn)
		}
		if conn[8:] != message[8:] || conn == message {
			t.Fatalf("message id %s does not share the last characters of %s", message, conn)
		}
		if last == conn {
			t.Fatalf("id %s repeated", conn)
		}
		last = conn
	}
}

func TestWellFormed_6(t *testing.T) {
	for id, want := range map[string]bool{
		"Zk3TqcW1IAMCJ2w=": true, "Zk3-_cW1IAMCJ2w=": true, "Zk3TqcW1IAMCJ2ww": false, "Zk3TqcW1IAMCJ2=": false,
		"Zk3TqcW1IAMCJ/w=": false, "": false, "d9b2d63d-a233-4123-847a-7090be6d5d35": false,
	} {
		if got := WellFormed(id); got != want {
			t.Errorf("%q: got %v, want %v", id, got, want)
		}
	}
}
