package gateway

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"bellhop/localdev/gateway/integration"
)

var (
	stagePattern    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}$`)
	variablePattern = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}$`)
	variableValue   = regexp.MustCompile(`^[A-Za-z0-9\-._~:/?#&=,]*$`)
)

// validate finds what AWS would refuse when the API is created or deployed.
// All faults are reported together.
func (a *API) validate() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if a.ID == "" || a.Region == "" || a.Account == "" {
		fault("API needs an ID, a region and an account")
	}
	if !stagePattern.MatchString(a.Stage) {
		fault("stage name %q: only letters, digits, - and _, at most 128", a.Stage)
	}
	if len(a.Routes) == 0 {
		fault("at least one route is required before deploying the API")
	}
	for _, d := range a.Domains {
		if d.Name == "" || !mappingKey.MatchString(d.Key) {
			fault("mapping %q of domain %q: want a name, and a key of letters, digits and $-_.+!*'(), at most 300", d.Key, d.Name)
		}
	}
	for name, value := range a.StageVariables {
		if !variablePattern.MatchString(name) || !variableValue.MatchString(value) || len(value) > 512 {
			fault("stage variable %q: name or value not allowed", name)
		}
	}
	for key, r := range a.Routes {
		if err := validateRoute(key, r); err != nil {
			fault("route %q: %w", key, err)
		}
	}
	if a.Authorizer != nil {
		if a.Authorizer.Function == "" {
			fault("authorizer has no function")
		}
		if _, ok := a.Routes[routeConnect]; !ok {
			fault("an authorizer needs a %s route", routeConnect)
		}
	}
	switch a.APIKeySelectionExpression {
	case "", keyOfHeader, keyOfAuthorizer:
	default:
		fault("API key selection expression %q is neither %s nor %s", a.APIKeySelectionExpression, keyOfHeader, keyOfAuthorizer)
	}
	for key := range a.Throttle.Routes {
		if _, ok := a.Routes[key]; !ok {
			fault("throttling names a route %q that does not exist", key)
		}
	}
	return errors.Join(errs...)
}

func validateRoute(key string, r Route) error {
	reserved := key == routeConnect || key == routeDisconnect || key == routeDefault
	if key == "" || strings.HasPrefix(key, "$") && !reserved {
		return errors.New("a custom key is not empty and does not start with $")
	}
	in := r.Integration
	if in.Timeout != 0 && (in.Timeout < minIntegration || in.Timeout > maxIntegration) {
		return fmt.Errorf("timeout %v: from %v to %v", in.Timeout, minIntegration, maxIntegration)
	}
	if (in.Kind == Lambda || in.Kind == integration.AWS) && in.Function == "" {
		return errors.New("integration has no function")
	}
	return nil
}
