package assets

import (
	"os"
	"strings"
	"testing"
)

// Every file of a page is named by it, by a script or by a style, everything that
// they name is there, and nothing in them is what the policy forbids.
func TestPages_FilesFitTogether(t *testing.T) {
	for name, under := range map[string]string{"demo": "/demo/static/", "inspector": "/_inspector/static/"} {
		t.Run(name, func(t *testing.T) {
			files := Load(os.DirFS("../"+name), "/page", under)
			var all strings.Builder
			for _, f := range files {
				all.Write(f.body)
			}
			for path := range files {
				if file, ok := strings.CutPrefix(path, under); ok && !strings.Contains(all.String(), "/"+file) {
					t.Errorf("%s: nothing on the page names it", file)
				}
			}
			for _, part := range strings.Split(string(files["/page"].body), under)[1:] {
				file, _, _ := strings.Cut(part, `"`)
				if _, ok := files[under+file]; !ok {
					t.Errorf("the page names %s, which is not there", file)
				}
			}
			for _, from := range []string{"https://", "http://"} {
				if strings.Contains(strings.ReplaceAll(all.String(), "http://www.w3.org/", ""), from) {
					t.Errorf("the page names something of elsewhere: %s", from)
				}
			}
			for _, forbidden := range []string{"<script>", " style=", " onclick=", "innerHTML"} {
				if strings.Contains(all.String(), forbidden) {
					t.Errorf("the page holds %s", forbidden)
				}
			}
		})
	}
}
