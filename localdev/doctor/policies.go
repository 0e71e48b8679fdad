package doctor

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"bellhop/localdev/gateway/policy"
	"bellhop/localdev/template"
)

// authorizerPolicy looks through the code and the environment of an authorizer for
// ARNs that are written out, and tells of those that no $connect can match.
func authorizerPolicy(v view, a api, z template.Authorizer, tell teller) {
	f, ok := v.function(z.Function)
	if !ok || !a.websocket {
		return
	}
	texts := append(literals(f.Environment), v.sources.of(f).text)
	for _, resource := range resourcesIn(strings.Join(texts, "\n")) {
		if !matchesConnect(resource, a) {
			tell(f.Part, "", "its policy names %q, which does not match {api}/{stage}/$connect", resource)
		}
	}
}

// resourcesIn gives what stands behind the account in each ARN of execute-api that
// a text holds whole. Placeholders of any language become *.
func resourcesIn(text string) []string {
	arn := regexp.MustCompile("[\"'`]arn:[^\"'`\\s]*:execute-api:[^\"'`\\s]+[\"'`]")
	placeholder := regexp.MustCompile(`\$\{[^}]*\}|\{[^}]*\}|%[sv]`)
	var all []string
	for _, found := range arn.FindAllString(text, -1) {
		whole := placeholder.ReplaceAllString(strings.Trim(found, "\"'`"), "*")
		parts := strings.SplitN(whole, ":", 6)
		if len(parts) == 6 && strings.Contains(parts[5], "/") && !strings.Contains(parts[5], "@connections") {
			all = append(all, parts[5])
		}
	}
	return all
}

// matchesConnect tells whether a resource allows $connect on any of the API's
// stages.
func matchesConnect(resource string, a api) bool {
	if len(a.stages) == 0 {
		return policy.Match(resource, a.id+"/stage/$connect")
	}
	for _, s := range a.stages {
		if policy.Match(resource, a.id+"/"+s.Name+"/$connect") {
			return true
		}
	}
	return false
}

// literals gives the values of variables in the form of literals in code, in the
// order of their names.
func literals(variables map[string]string) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		all = append(all, `"`+variables[name]+`"`)
	}
	return all
}
