// Package assets serves the files of the pages that exist on a developer's
// machine only, the demo and the inspector, and holds what they have in common:
// colours, type, buttons (theme.css) and a few functions (dom.js).
//
// # Promises
//
// A page loads nothing from elsewhere, and its Content-Security-Policy forbids it
// to. Files are part of the binary, and answered with an ETag.
//
// There are no limits and no errors: a file that is missing is a fault of the
// build, and panics at the start.
//
// Read next: package demo and package inspector.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"path"
	"strings"

	"github.com/valyala/fasthttp"
)

//go:embed common
var common embed.FS

// Policy lets a page load and call nothing but its own origin, and nobody frame
// it. Source: Content Security Policy Level 3, §6.
const Policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Secure sets the headers that every answer to a page has.
func Secure(ctx *fasthttp.RequestCtx) {
	h := &ctx.Response.Header
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
}

// Header is the first header of the name, in any spelling: the server keeps the
// client's.
func Header(ctx *fasthttp.RequestCtx, name string) string {
	for key, value := range ctx.Request.Header.All() {
		if strings.EqualFold(string(key), name) {
			return string(value)
		}
	}
	return ""
}

// File is a file of a page.
type File struct {
	body        []byte
	contentType string
	tag         string // ETag, RFC 9110 §8.8.3
}

// Load reads what lies in the folder static, and the common files. The page
// itself, index.html, is at the path page, the others are below the path under.
func Load(static fs.FS, page, under string) map[string]File {
	files := map[string]File{}
	load(files, common, "common/", under)
	load(files, static, "static/", under)
	files[page] = files[under+"index.html"]
	delete(files, under+"index.html")
	return files
}

func load(files map[string]File, from fs.FS, folder, under string) {
	entries, err := fs.ReadDir(from, path.Clean(folder))
	if err != nil {
		panic("assets: " + err.Error()) // it was there when this was compiled
	}
	for _, e := range entries {
		body, err := fs.ReadFile(from, folder+e.Name())
		if err != nil {
			panic("assets: " + err.Error())
		}
		sum := sha256.Sum256(body)
		files[under+e.Name()] = File{body, contentType(e.Name()), `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
	}
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

// Serve answers with the file, or that the browser has it already.
func (f File) Serve(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("ETag", f.tag)
	if strings.Contains(Header(ctx, "If-None-Match"), f.tag) {
		ctx.SetStatusCode(fasthttp.StatusNotModified)
		return
	}
	ctx.SetContentType(f.contentType)
	ctx.SetBody(f.body)
}

// OtherSite reports whether a browser says that a page of another site asks.
// Source: Fetch Metadata Request Headers, §2.1. Other programs say nothing.
func OtherSite(ctx *fasthttp.RequestCtx) bool {
	site := Header(ctx, "Sec-Fetch-Site")
	return site != "" && site != "same-origin" && site != "none"
}
