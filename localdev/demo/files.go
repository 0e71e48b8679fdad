package demo

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"path"
	"strings"

	"github.com/valyala/fasthttp"
)

//go:embed static
var static embed.FS

// file is a file of the page.
type file struct {
	body        []byte
	contentType string
	tag         string // ETag, RFC 9110 §8.8.3
}

// loadFiles reads what is embedded. The page itself is at /.
func loadFiles() map[string]file {
	entries, err := static.ReadDir("static")
	if err != nil {
		panic("demo: " + err.Error()) // it was there when this was compiled
	}
	files := make(map[string]file, len(entries))
	for _, e := range entries {
		body, err := static.ReadFile("static/" + e.Name())
		if err != nil {
			panic("demo: " + err.Error())
		}
		sum := sha256.Sum256(body)
		f := file{body, contentType(e.Name()), `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
		if e.Name() == "index.html" {
			files["/"] = f
		} else {
			files["/demo/static/"+e.Name()] = f
		}
	}
	return files
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	}
	return "application/octet-stream"
}

// serve answers with the file, or that the browser has it already.
func (f file) serve(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("ETag", f.tag)
	if strings.Contains(header(ctx, "If-None-Match"), f.tag) {
		ctx.SetStatusCode(fasthttp.StatusNotModified)
		return
	}
	ctx.SetContentType(f.contentType)
	ctx.SetBody(f.body)
}
