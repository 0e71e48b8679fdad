package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// line is what was measured of one peer: connects, echoes, pushes.
type line struct {
	name  string
	cells []cell
}

type cell struct {
	rate  float64 // a second
	share float64 // of the floor's rate
	p50   time.Duration
}

// String gives rate, share and median, as one cell of the table.
func (c cell) String() string {
	return fmt.Sprintf("%s (%.3f, %s)", thousands(c.rate), c.share, c.p50.Round(10*time.Microsecond))
}

// report prints the table.
func report(out io.Writer, lines []line) {
	fmt.Fprint(out, "| a second (share of the bare server, median) | connects | echoes | pushes |\n|---|---|---|---|\n")
	for _, l := range lines {
		fmt.Fprintf(out, "| %s |", l.name)
		for _, c := range l.cells {
			fmt.Fprintf(out, " %s |", c)
		}
		fmt.Fprintln(out)
	}
}

// thousands writes a whole number with commas.
func thousands(n float64) string {
	digits := fmt.Sprintf("%.0f", n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
