package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bellhop/localdev/template"
)

// layers are the folders that stand for /opt, the last layer of the function first:
// on Lambda what a later one brings replaces what is there (Lambda Developer Guide,
// "Adding layers to functions").
func layers(f template.Function, o Options) ([]string, error) {
	var all []string
	for i := len(f.LocalLayers) - 1; i >= 0; i-- {
		dir, err := layer(f.LocalLayers[i], o)
		if err != nil {
			return nil, err
		}
		all = append(all, dir)
	}
	return all, nil
}

// layer is what `sam build` made, or else the folder of the content.
func layer(l template.Layer, o Options) (string, error) {
	made := filepath.Join(filepath.Dir(o.Template), ".aws-sam", "build", l.LogicalID)
	content := l.ContentURI
	if !filepath.IsAbs(content) {
		content = filepath.Join(filepath.Dir(o.Template), content)
	}
	switch {
	case isFolder(made):
		return filepath.Abs(made)
	case !isFolder(content):
		return "", fmt.Errorf("layer %s: no folder %s, its content", l.LogicalID, content)
	case l.BuildMethod != "":
		return "", fmt.Errorf("layer %s is not built: run `sam build`", l.LogicalID)
	}
	return filepath.Abs(content)
}

// within gives those folders of the layers that are there, by their paths in /opt.
func within(layers []string, paths ...string) []string {
	var all []string
	for _, dir := range layers {
		for _, path := range paths {
			if at := filepath.Join(dir, filepath.FromSlash(path)); isFolder(at) {
				all = append(all, at)
			}
		}
	}
	return all
}

// joined is a variable that lists folders; empty ones are left out.
func joined(folders ...string) string {
	var all []string
	for _, folder := range folders {
		if folder != "" {
			all = append(all, folder)
		}
	}
	return strings.Join(all, string(os.PathListSeparator))
}
