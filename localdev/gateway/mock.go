package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"bellhop/localdev/gateway/expression"
	"bellhop/localdev/gateway/mapping"
)

// mock is a MOCK integration: it answers from templates alone.
type mock struct {
	g         *Gateway
	request   templates
	responses []mockResponse
	fallback  *mockResponse // of key $default
}

type mockResponse struct {
	status    *regexp.Regexp // nil for $default
	templates templates
}

// templates are a set of mapping templates and what selects one of them.
type templates struct {
	selection *expression.Expression // nil: $default
	byKey     map[string]*mapping.Template
}

var _ integration = (*mock)(nil)

func newMock(g *Gateway, in *MockIntegration) (*mock, error) {
	m := &mock{g: g}
	var err error
	if m.request, err = parseTemplates(in.RequestTemplates, in.TemplateSelectionExpression); err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	for key, response := range in.Responses {
		r := mockResponse{}
		if r.templates, err = parseTemplates(response.ResponseTemplates, response.TemplateSelectionExpression); err != nil {
			return nil, fmt.Errorf("response %s: %w", key, err)
		}
		if key == routeDefault {
			m.fallback = &r
			continue
		}
		if r.status, err = parseResponseKey(key); err != nil {
			return nil, err
		}
		m.responses = append(m.responses, r)
	}
	return m, nil
}

// parseResponseKey reads "/2\d\d/"; it must match the whole status code.
func parseResponseKey(key string) (*regexp.Regexp, error) {
	if len(key) < 3 || key[0] != '/' || key[len(key)-1] != '/' {
		return nil, fmt.Errorf("integration response key %q is neither $default nor /expression/", key)
	}
	re, err := regexp.Compile("^(?:" + key[1:len(key)-1] + ")$")
	if err != nil {
		return nil, fmt.Errorf("integration response key %q: %w", key, err)
	}
	return re, nil
}

func parseTemplates(sources map[string]string, selection string) (templates, error) {
	t := templates{byKey: make(map[string]*mapping.Template, len(sources))}
	if selection != "" {
		e, err := expression.Parse(selection)
		if err != nil {
			return t, err
		}
		t.selection = e
	}
	for key, source := range sources {
		parsed, err := mapping.Parse(source)
		if err != nil {
			return t, fmt.Errorf("template %s: %w", key, err)
		}
		t.byKey[key] = parsed
	}
	return t, nil
}

// render renders the selected template; without one the text passes through.
func (t *templates) render(text []byte, vars expression.Vars) []byte {
	key := routeDefault
	if t.selection != nil {
		value, _ := t.selection.Append(nil, text, vars)
		key = string(value)
	}
	template, ok := t.byKey[key]
	if !ok {
		template, ok = t.byKey[routeDefault]
	}
	if !ok {
		return append([]byte(nil), text...)
	}
	return template.Append(nil, text, vars)
}

func (k *mock) input(g *Gateway, m *moment, body []byte) []byte {
	return k.request.render(body, g.vars(m))
}

// run reads the status code out of the rendered request, which is also what the
// response templates see as $input.body: a MOCK integration is a loopback.
func (k *mock) run(_ context.Context, m *moment, input []byte) (answer, error) {
	var said struct {
		StatusCode int `json:"statusCode"`
	}
	if err := json.Unmarshal(input, &said); err != nil || said.StatusCode < 200 || said.StatusCode > 599 {
		return answer{}, fmt.Errorf("%w: the mock's request has no statusCode", errFailed)
	}
	response := k.response(strconv.Itoa(said.StatusCode))
	if response == nil {
		return answer{}, fmt.Errorf("%w: no integration response for status %d", errFailed, said.StatusCode)
	}
	vars := func(name string) string {
		if strings.HasPrefix(name, "integration.response.") {
			return strconv.Itoa(said.StatusCode)
		}
		return k.g.variable(m, name)
	}
	return answer{status: said.StatusCode, body: response.templates.render(input, vars)}, nil
}

func (k *mock) response(status string) *mockResponse {
	for i := range k.responses {
		if k.responses[i].status.MatchString(status) {
			return &k.responses[i]
		}
	}
	if k.fallback == nil && len(k.responses) == 0 {
		return &mockResponse{}
	}
	return k.fallback
}
