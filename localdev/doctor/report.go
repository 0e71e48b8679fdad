package doctor

import (
	"encoding/json"
	"fmt"
	"io"
)

// Formats are the names of the forms that Report takes.
func Formats() []string { return []string{"text", "json"} }

// Report writes findings: as text for people, three lines each, or as one JSON
// object {"findings": […]}. The error is that of w, or tells of an unknown format.
func Report(w io.Writer, format string, findings []Finding) error {
	switch format {
	case "text":
		return reportText(w, findings)
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string][]Finding{"findings": append([]Finding{}, findings...)})
	}
	return fmt.Errorf("output %q: want one of %v", format, Formats())
}

func reportText(w io.Writer, findings []Finding) error {
	for _, f := range findings {
		if _, err := fmt.Fprintf(w, "%s\n    on AWS: %s\n    cure:   %s\n", f, f.Consequence, f.Cure); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w, count(len(findings)))
	return err
}

func count(n int) string {
	switch n {
	case 0:
		return "nothing found"
	case 1:
		return "1 finding"
	}
	return fmt.Sprintf("%d findings", n)
}
