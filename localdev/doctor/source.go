package doctor

import (
	"io/fs"
	"path"
	"strings"

	"bellhop/localdev/template"
)

const (
	// maxFiles is how many files of one function are read.
	maxFiles = 200
	// maxEntries is how many files and folders of one function are looked at.
	maxEntries = 5000
	// maxFile is the largest file that is read, in bytes.
	maxFile = 256 << 10
)

// source is what can be seen of a function's code.
type source struct {
	text string
	// whole tells that there is no more of it: what does not stand here is not
	// there.
	whole bool
}

// sources reads the code of functions, each once.
type sources struct {
	code fs.FS
	read map[string]source
	// users counts the functions of each folder.
	users map[string]int
}

func newSources(stack *template.Stack, code fs.FS) *sources {
	s := &sources{code: code, read: map[string]source{}, users: map[string]int{}}
	for _, f := range stack.Functions {
		s.users[path.Clean(f.CodeURI)]++
	}
	return s
}

// of gives a function's code; nothing where it cannot be read.
func (s *sources) of(f template.Function) source {
	if known, ok := s.read[f.LogicalID]; ok {
		return known
	}
	got := source{text: f.Inline, whole: f.Inline != ""}
	if folder := path.Clean(strings.TrimSpace(f.CodeURI)); s.code != nil && f.CodeURI != "" && fs.ValidPath(folder) {
		got = s.below(folder, f)
	}
	s.read[f.LogicalID] = got
	return got
}

// below reads a function's folder. Where functions share it, what stands in it says
// nothing about one of them: only the file of its handler is read.
func (s *sources) below(folder string, f template.Function) source {
	if s.users[folder] == 1 {
		got := s.folder(folder)
		got.whole = got.whole && isScript(f)
		return got
	}
	module := strings.TrimSuffix(f.Handler, path.Ext(f.Handler))
	for _, suffix := range []string{".py", ".js", ".mjs", ".cjs", ".ts"} {
		name := path.Join(folder, module) + suffix
		if info, err := fs.Stat(s.code, name); err == nil && info.Mode().IsRegular() {
			text, _ := s.file(name, info)
			return source{text: text}
		}
	}
	return source{}
}

// isScript tells whether a function runs as its folder stands there: nothing is
// compiled or bundled into it.
func isScript(f template.Function) bool {
	interpreted := strings.HasPrefix(f.Runtime, "nodejs") || strings.HasPrefix(f.Runtime, "python")
	return interpreted && f.BuildMethod == "" && len(f.Layers) == 0
}

// folder reads all source text below a folder.
func (s *sources) folder(folder string) source {
	var b strings.Builder
	files, entries := 0, 0
	whole := true
	err := fs.WalkDir(s.code, folder, func(name string, entry fs.DirEntry, err error) error {
		entries++
		switch {
		case err != nil:
			return err
		case entries > maxEntries:
			whole = false
			return fs.SkipAll
		case entry.IsDir() && isForeign(entry.Name()):
			return fs.SkipDir
		case !entry.Type().IsRegular() || !isSource(name):
			return nil
		case files == maxFiles:
			whole = false
			return fs.SkipAll
		}
		files++
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text, ok := s.file(name, info)
		whole = whole && ok
		b.WriteString(text + "\n")
		return nil
	})
	return source{text: b.String(), whole: whole && err == nil && files > 0}
}

func (s *sources) file(name string, info fs.FileInfo) (text string, ok bool) {
	if info.Size() > maxFile {
		return "", false
	}
	content, err := fs.ReadFile(s.code, name)
	return string(content), err == nil
}

// isForeign names folders that hold code of others, or none.
func isForeign(folder string) bool {
	switch folder {
	case "node_modules", "vendor", "site-packages", "__pycache__", "dist", "test", "tests", "__tests__":
		return true
	}
	return strings.HasPrefix(folder, ".") && folder != "."
}

func isSource(name string) bool {
	switch path.Ext(name) {
	case ".js", ".mjs", ".cjs", ".ts", ".mts", ".py", ".go", ".rb", ".java", ".cs", ".rs":
		return true
	}
	return false
}
