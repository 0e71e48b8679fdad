package service

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"bellhop/localdev/fault"
	"bellhop/localdev/gateway"
	"bellhop/localdev/httpapi"
	"bellhop/localdev/template"
)

// stage is one stage of a WebSocket API.
type stage struct {
	name     string
	host     string // on AWS
	endpoint string // of the management API, on AWS
	gateway  *gateway.Gateway
	domains  []gateway.Domain
}

// webSocketAPIs makes a gateway for each stage of each API. To processes it has
// its host name of AWS, which leads them here.
func (s *Service) webSocketAPIs(o *gateway.Options) ([]stage, error) {
	stack := s.stack
	var stages []stage
	var errs []error
	for _, api := range stack.WebSocketAPIs {
		for _, at := range api.Stages {
			declared := gatewayAPI(stack, api, at)
			if modeOf(stack, s.o) == processes {
				declared.Domain = hostOf(stack, api.ID)
			}
			own := *o
			if modeOf(stack, s.o) == processes && s.o.Output != nil {
				own.AccessLog = accessLog(s.o.Output, api.Name+"/"+at.Name)
			}
			g, err := gateway.New(declared, s.registry, &own)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s:%d: %s: %w", stack.File, api.Line, api.LogicalID, err))
				continue
			}
			stages = append(stages, stage{
				name: at.Name, gateway: g, host: hostOf(stack, api.ID),
				domains: declared.Domains, endpoint: "https://" + hostOf(stack, api.ID) + "/" + at.Name,
			})
		}
	}
	return stages, errors.Join(errs...)
}

// accessLog writes lines beside those of functions, each with the API and the stage
// before it.
func accessLog(out io.Writer, name string) func(line string) {
	return func(line string) { _, _ = out.Write([]byte("[" + name + "] " + line + "\n")) } // nobody is left to tell
}

// gatewayOptions are those of all gateways.
func gatewayOptions(o Options, faults *fault.Injector) (*gateway.Options, error) {
	g := &gateway.Options{
		Limits: fasterLimits(o.Speed), Logger: o.Logger, Observe: o.Observe, Faults: faults,
		Uncertain: gateway.Uncertain{Signatures: gateway.SignaturesIgnored},
	}
	var errs []error
	for _, option := range o.Gateway {
		name, value, _ := strings.Cut(option, "=")
		errs = append(errs, g.Set(name, value))
	}
	return g, errors.Join(errs...)
}

// fasterLimits are the gateway's limits in time, for a clock that runs faster.
// An integration has a second at least: functions don't run faster.
func fasterLimits(speed float64) gateway.Limits {
	if speed == 0 || speed == 1 {
		return gateway.Limits{}
	}
	faster := func(d time.Duration) time.Duration { return time.Duration(float64(d) / speed) }
	return gateway.Limits{
		Idle: faster(10 * time.Minute), Duration: faster(2 * time.Hour), IntegrationTimeout: max(faster(29*time.Second), time.Second),
	}
}

func gatewayAPI(stack *template.Stack, api template.WebSocketAPI, s template.Stage) gateway.API {
	a := gateway.API{
		ID: api.ID, Region: stack.Region, Account: stack.Account, Stage: s.Name, StageVariables: s.Variables,
		RouteSelectionExpression:  api.RouteSelectionExpression,
		Undeployed:                !s.AutoDeploy && s.DeploymentID == "",
		APIKeySelectionExpression: api.APIKeySelectionExpression, EndpointDisabled: api.EndpointDisabled, Domains: domainsOf(api, s),
		AccessLogFormat: s.AccessLogFormat,
		Routes:          make(map[string]gateway.Route, len(api.Routes)),
		Throttle:        gateway.Throttle{Default: gateway.Rate{PerSecond: s.Throttle.Rate, Burst: s.Throttle.Burst}, Routes: map[string]gateway.Rate{}},
	}
	for key, t := range s.RouteThrottles {
		a.Throttle.Routes[key] = gateway.Rate{PerSecond: t.Rate, Burst: t.Burst}
	}
	for _, r := range api.Routes {
		spec := integration(r.Integration)
		spec.Denied = stack.RouteDenied(api.ID, s.Name, r) != ""
		a.Routes[r.Key] = gateway.Route{
			Integration: spec, Response: r.TwoWay(),
			Models: r.Models, ModelSelectionExpression: r.ModelSelectionExpression,
			Binary: r.Integration != nil && r.Integration.Type == string(gateway.Lambda) && r.Integration.ContentHandling == "CONVERT_TO_BINARY",
		}
		if r.Key == "$connect" {
			a.IAM, a.APIKeyRequired = r.AuthorizationType == "AWS_IAM", r.APIKeyRequired
			if r.AuthorizationType == "CUSTOM" {
				a.Authorizer = authorizer(stack, api, r.Authorizer)
			}
		}
	}
	return a
}

// domainsOf are the custom domains of a stage.
func domainsOf(api template.WebSocketAPI, s template.Stage) []gateway.Domain {
	var all []gateway.Domain
	for _, m := range api.Mappings {
		if m.Stage == s.Name {
			all = append(all, gateway.Domain{Name: m.Domain, Key: m.Key})
		}
	}
	return all
}

func integration(i *template.Integration) gateway.Integration {
	if i == nil {
		return gateway.Integration{}
	}
	spec := gateway.Integration{
		Kind: gateway.Kind(i.Type), Timeout: i.Timeout, Function: calledBy(i), URI: i.URI, Method: i.Method,
		Parameters: i.RequestParameters, RequestTemplates: i.RequestTemplates,
		TemplateSelectionExpression: i.TemplateSelectionExpression, Passthrough: i.PassthroughBehavior,
		Responses: make(map[string]gateway.Response, len(i.Responses)), Binary: i.ContentHandling == "CONVERT_TO_BINARY",
	}
	for _, r := range i.Responses {
		spec.Responses[r.Key] = gateway.Response{
			ResponseTemplates: r.Templates, TemplateSelectionExpression: r.TemplateSelectionExpression,
			Text: r.ContentHandling == "CONVERT_TO_TEXT",
		}
	}
	return spec
}

// calledBy names the function of an integration. One that is none of this template's
// goes by a name that nobody has: it is not found when it is called.
func calledBy(i *template.Integration) string { return cmp.Or(i.Function, i.URI, i.LogicalID) }

func authorizer(stack *template.Stack, api template.WebSocketAPI, logicalID string) *gateway.Authorizer {
	for _, a := range api.Authorizers {
		if a.LogicalID == logicalID {
			return &gateway.Authorizer{
				Function: cmp.Or(a.Function, a.URI, a.LogicalID), IdentitySources: a.IdentitySources, Denied: stack.AuthorizerDenied(api.ID, a) != "",
			}
		}
	}
	return nil
}

// httpAPIs makes the HTTP APIs, each with its first stage.
// Options that are about permissions hold for them, too.
func (s *Service) httpAPIs(o *gateway.Options) ([]*httpapi.HTTPAPI, error) {
	var apis []*httpapi.HTTPAPI
	var errs []error
	stack := s.stack
	for _, t := range stack.HTTPAPIs {
		a := httpapi.API{ID: t.ID, Region: stack.Region, Account: stack.Account}
		if len(t.Stages) > 0 {
			a.Stage, a.StageVariables = t.Stages[0].Name, t.Stages[0].Variables
		}
		for _, r := range t.Routes {
			if r.Integration != nil {
				a.Routes = append(a.Routes, httpapi.Route{
					Key: r.Key, Function: calledBy(r.Integration), Timeout: r.Integration.Timeout,
					Denied: !o.PermissionsIgnored && stack.RouteDenied(t.ID, cmp.Or(a.Stage, httpapi.DefaultStage), r) != "",
				})
			}
		}
		api, err := httpapi.New(a, s.registry, &httpapi.Options{Logger: o.Logger})
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %w", stack.File, t.Line, t.LogicalID, err))
			continue
		}
		apis = append(apis, api)
	}
	return apis, errors.Join(errs...)
}
