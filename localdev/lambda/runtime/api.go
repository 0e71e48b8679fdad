package runtime

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"bellhop/localdev/lambda"
)

// Headers and trailers by which a runtime reports errors.
const (
	errorTypeHeader = "Lambda-Runtime-Function-Error-Type"
	errorBodyHeader = "Lambda-Runtime-Function-Error-Body"
)

// handler is the process's Runtime API.
func (p *process) handler() http.Handler {
	const prefix = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"invocation/next", p.serveNext)
	mux.HandleFunc("POST "+prefix+"invocation/{id}/response", p.serveResponse)
	mux.HandleFunc("POST "+prefix+"invocation/{id}/error", p.serveError)
	mux.HandleFunc("POST "+prefix+"init/error", p.serveInitError)
	return mux
}

// serveNext answers with an invocation once there is one.
func (p *process) serveNext(w http.ResponseWriter, req *http.Request) {
	if !p.runner.ready(p) {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation before is not answered yet")
		return
	}
	select {
	case inv := <-p.hand:
		inv.describe(w.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(inv.payload)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(inv.payload) // a runtime that is gone fails the invocation by its end
	case <-req.Context().Done():
		p.runner.unpark(p)
	}
}

func (p *process) serveResponse(w http.ResponseWriter, req *http.Request) {
	body, err := readBody(req)
	if err != nil && !errors.Is(err, errTooLarge) {
		return // the process went away amid its answer
	}
	o := outcome{result: body}
	if err != nil {
		o = outcome{err: lambda.TooLargeError()}
	} else if kind := req.Trailer.Get(errorTypeHeader); kind != "" {
		// The handler's stream broke off.
		text, _ := base64.StdEncoding.DecodeString(req.Trailer.Get(errorBodyHeader))
		o = outcome{err: reportedError(text, kind)}
	}
	switch {
	case !p.runner.answer(p, req.PathValue("id"), o):
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
	case err != nil:
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
	default:
		accept(w)
	}
}

func (p *process) serveError(w http.ResponseWriter, req *http.Request) {
	body, err := readBody(req)
	if err != nil && !errors.Is(err, errTooLarge) {
		return
	}
	if !p.runner.answer(p, req.PathValue("id"), outcome{err: reportedError(body, req.Header.Get(errorTypeHeader))}) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	accept(w)
}

// serveInitError notes why the process is about to end.
func (p *process) serveInitError(w http.ResponseWriter, req *http.Request) {
	body, err := readBody(req)
	if err != nil && !errors.Is(err, errTooLarge) {
		return
	}
	p.runner.initFailed(p, reportedError(body, req.Header.Get(errorTypeHeader)))
	accept(w)
}

var errTooLarge = fmt.Errorf("exceeded maximum allowed payload size (%d bytes)", lambda.MaxResult)

// readBody reads a body of up to lambda.MaxResult bytes; of a longer one it
// reads on to its end (within reason), so that the answer is heard.
func readBody(req *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(req.Body, lambda.MaxResult+1))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if len(body) > lambda.MaxResult {
		_, _ = io.CopyN(io.Discard, req.Body, 16*lambda.MaxResult)
		return nil, errTooLarge
	}
	return body, nil
}

// reportedError is the error that a runtime reports: a JSON document with
// errorMessage and errorType, which becomes the caller's payload as it stands.
// The header names the type where the document does not.
func reportedError(document []byte, kind string) *lambda.FunctionError {
	var said struct {
		Message string `json:"errorMessage"`
		Type    string `json:"errorType"`
	}
	if err := json.Unmarshal(document, &said); err != nil {
		said.Message, said.Type = "Runtime reported an error without a document", kind
		document, _ = json.Marshal(map[string]string{"errorMessage": said.Message, "errorType": said.Type})
	}
	if said.Type == "" {
		said.Type = kind
	}
	return &lambda.FunctionError{Type: said.Type, Message: said.Message, Payload: document}
}

func accept(w http.ResponseWriter) {
	writeJSON(w, http.StatusAccepted, map[string]string{"status": "OK"})
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	writeJSON(w, status, map[string]string{"errorMessage": message, "errorType": kind})
}

func writeJSON(w http.ResponseWriter, status int, document map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document) // strings always encode; a runtime that is gone has no use for it
}
