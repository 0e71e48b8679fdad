package demo

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/valyala/fasthttp"

	"bellhop/shared/protocol"
)

// UserCookie names the cookie in which scripts can read who is signed in. It
// opens nothing.
const UserCookie = "bellhop_demo_user"

// sessionTTL is how long a sign-in lasts.
const sessionTTL = 24 * time.Hour

// sessionsRequest is a request of SessionsFunction.
type sessionsRequest struct {
	Op    string `json:"op"`
	User  string `json:"user,omitempty"`
	TTL   int    `json:"ttl,omitempty"` // seconds
	Token string `json:"token,omitempty"`
}

// signIn makes a session for the user that the body names.
func (d *Demo) signIn(ctx *fasthttp.RequestCtx) {
	var body struct {
		User string `json:"user"`
	}
	if json.Unmarshal(ctx.PostBody(), &body) != nil || !slices.Contains(d.options.Users, body.User) {
		writeError(ctx, protocol.NewError(protocol.InvalidRequest, "user: one of the demo users is wanted"))
		return
	}
	token, err := d.createSession(body.User)
	if err == nil {
		err = d.revokeSession(ctx)
	}
	if err != nil {
		writeError(ctx, err)
		return
	}
	setCookie(ctx, cookie{name: d.options.CookieName, value: token, httpOnly: true})
	setCookie(ctx, cookie{name: UserCookie, value: body.User})
	writeJSON(ctx, body)
}

// signOut revokes the session of the cookie, if there is one, and clears it.
func (d *Demo) signOut(ctx *fasthttp.RequestCtx) {
	if err := d.revokeSession(ctx); err != nil {
		writeError(ctx, err)
		return
	}
	setCookie(ctx, cookie{name: d.options.CookieName, httpOnly: true})
	setCookie(ctx, cookie{name: UserCookie})
	writeJSON(ctx, struct{}{})
}

func (d *Demo) createSession(user string) (token string, err *protocol.Error) {
	var created struct {
		Token string `json:"token"`
	}
	ask := sessionsRequest{Op: "create", User: user, TTL: int(sessionTTL.Seconds())}
	if err := d.askSessions(ask, &created); err != nil {
		return "", err
	}
	if created.Token == "" {
		return "", protocol.NewError(protocol.Internal, "the sessions function gave no token")
	}
	return created.Token, nil
}

// revokeSession ends the session that the browser came with. One that has
// ended already is no error.
func (d *Demo) revokeSession(ctx *fasthttp.RequestCtx) *protocol.Error {
	token := string(ctx.Request.Header.Cookie(d.options.CookieName))
	if token == "" {
		return nil
	}
	var revoked struct{}
	return d.askSessions(sessionsRequest{Op: "revoke", Token: token}, &revoked)
}

// askSessions invokes SessionsFunction and reads its answer, or the error in
// it.
func (d *Demo) askSessions(ask sessionsRequest, answer any) *protocol.Error {
	payload, err := json.Marshal(ask)
	if err != nil {
		return protocol.NewError(protocol.Internal, "the request could not be written")
	}
	raw, failed := d.invoke(d.options.SessionsFunction, payload)
	if failed != nil {
		return failed
	}
	var refused struct {
		Error *protocol.Error `json:"error"`
	}
	if json.Unmarshal(raw, &refused) != nil || json.Unmarshal(raw, answer) != nil {
		return protocol.NewError(protocol.Internal, "the sessions function gave no valid answer")
	}
	return refused.Error
}

// cookie is a cookie for the whole site; without a value it is cleared.
type cookie struct {
	name, value string
	httpOnly    bool
}

func setCookie(ctx *fasthttp.RequestCtx, c cookie) {
	set := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(set)
	set.SetKey(c.name)
	set.SetValue(c.value)
	set.SetPath("/")
	set.SetHTTPOnly(c.httpOnly)
	set.SetSameSite(fasthttp.CookieSameSiteLaxMode)
	if c.value == "" {
		set.SetExpire(fasthttp.CookieExpireDelete)
	} else {
		set.SetMaxAge(int(sessionTTL.Seconds()))
	}
	ctx.Response.Header.SetCookie(set)
}
