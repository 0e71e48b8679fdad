// Package floor is the least that could do the job: a bare WebSocket server
// that looks a user up in a map and writes. It has no sessions, no store and no
// functions; what Bellhop reaches is told as a share of it, on the same
// machine, in the same run.
//
//	GET  /ws?user=…       upgrade; every frame is answered with a fixed welcome
//	POST /publish?user=…  the body, as one text frame, to the user's sockets
package floor

import (
	"io"
	"net"
	"net/http"
	"sync"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// Welcome is the answer to every frame.
const Welcome = `{"type":"welcome","id":"1","user":"ada","epoch":"01J00000000000000000000000","offset":0,"recovered":false,"items":[],"more":false,"unread":0,"unseen":0}`

// Server is a running floor. Close it.
type Server struct {
	mu    sync.RWMutex
	users map[string][]net.Conn
	ln    net.Listener
	http  http.Server
	wg    sync.WaitGroup
}

// Start serves a free port of 127.0.0.1.
func Start() (*Server, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{users: make(map[string][]net.Conn), ln: ln}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ws", s.upgrade)
	mux.HandleFunc("POST /publish", s.publish)
	s.http.Handler = mux
	s.wg.Go(func() { _ = s.http.Serve(ln) })
	return s, nil
}

// Addr is its host:port.
func (s *Server) Addr() string { return s.ln.Addr().String() }

func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) {
	conn, _, _, err := ws.UpgradeHTTP(r, w)
	if err != nil {
		return
	}
	user := r.URL.Query().Get("user")
	s.mu.Lock()
	s.users[user] = append(s.users[user], conn)
	s.mu.Unlock()
	s.wg.Go(func() { answer(conn) })
}

func answer(conn net.Conn) {
	for {
		if _, err := wsutil.ReadClientText(conn); err != nil {
			return
		}
		if wsutil.WriteServerText(conn, []byte(Welcome)) != nil {
			return
		}
	}
}

func (s *Server) publish(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "read", http.StatusBadRequest)
		return
	}
	frame := ws.MustCompileFrame(ws.NewTextFrame(body))
	s.mu.RLock()
	conns := s.users[r.URL.Query().Get("user")]
	s.mu.RUnlock()
	for _, conn := range conns {
		_, _ = conn.Write(frame)
	}
	_, _ = io.WriteString(w, `{"reached":1}`)
}

// Close ends all connections.
func (s *Server) Close() {
	_ = s.http.Close()
	s.mu.Lock()
	for _, conns := range s.users {
		for _, conn := range conns {
			_ = conn.Close()
		}
	}
	s.mu.Unlock()
	s.wg.Wait()
}
