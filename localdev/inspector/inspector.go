package inspector

import (
	"context"
	"crypto/rand"
	"embed"
	"sync"
	"time"

	"bellhop/localdev/assets"
	"bellhop/localdev/gateway/gate"
	"bellhop/localdev/observe"

	"github.com/valyala/fasthttp"
)

//go:embed static
var static embed.FS

// Path is where the page is.
const Path = "/_inspector"

// Limits; see the package's comment.
const (
	budget   = 16 << 20 // bytes of events that are kept
	maxPages = 16
)

// recording is the kind of the row that says since when events are kept.
const recording observe.Kind = "recording"

// Inspector serves the page. It is safe for concurrent use.
type Inspector struct {
	hub      *observe.Hub
	recorder *observe.Recorder
	run      string // tells the ids of this process from those of an earlier one
	files    map[string]assets.File
	gate     *gate.Gate // of open pages
	closing  context.Context
	close    context.CancelFunc

	mu     sync.Mutex
	pages  int
	cancel func() // ends the subscription; nil while no page is open
}

// New makes an Inspector of what the hub is told.
func New(hub *observe.Hub) *Inspector {
	i := &Inspector{
		hub: hub, recorder: observe.NewRecorder(budget), run: rand.Text()[:8],
		files: assets.Load(static, Path, Path+"/static/"), gate: gate.New(),
	}
	i.closing, i.close = context.WithCancel(context.Background())
	return i
}

// Matches reports whether a path is the inspector's.
func Matches(path string) bool {
	return path == Path || len(path) > len(Path) && path[:len(Path)+1] == Path+"/"
}

// Serve answers a request to a path that Matches; it is a fasthttp.RequestHandler.
func (i *Inspector) Serve(ctx *fasthttp.RequestCtx) {
	assets.Secure(ctx)
	ctx.Response.Header.Set("Cross-Origin-Resource-Policy", "same-origin")
	path := string(ctx.Path())
	file, isFile := i.files[path]
	switch {
	case !ctx.RemoteIP().IsLoopback():
		refuse(ctx, fasthttp.StatusForbidden, "only this machine may look")
	case !ctx.IsGet() && !ctx.IsHead():
		ctx.Response.Header.Set("Allow", "GET, HEAD")
		refuse(ctx, fasthttp.StatusMethodNotAllowed, "Method Not Allowed")
	case isFile:
		file.Serve(ctx)
	case assets.OtherSite(ctx):
		refuse(ctx, fasthttp.StatusForbidden, "no page of another site may look")
	case path == Path+"/events":
		i.stream(ctx)
	default:
		i.event(ctx, path)
	}
}

// enter counts a page, and begins to listen with the first one.
func (i *Inspector) enter() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.pages == maxPages || !i.gate.Enter() {
		return false
	}
	i.pages++
	if i.pages == 1 {
		i.recorder.Observe(&observe.Event{Kind: recording, At: time.Now()})
		i.cancel = i.hub.Subscribe(i.recorder)
	}
	return true
}

// leave counts a page out, and ends listening with the last one.
func (i *Inspector) leave() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.pages--; i.pages == 0 {
		i.cancel()
	}
	i.gate.Leave()
}

// Close ends all streams and waits for their goroutines.
func (i *Inspector) Close(ctx context.Context) error {
	i.close()
	return i.gate.Close(ctx)
}
