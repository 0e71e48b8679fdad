package doctor

import (
	"strings"

	"bellhop/localdev/gateway/policy"
	"bellhop/localdev/template"
)

// allows tells whether API Gateway may invoke a function, named by its logical
// id, on behalf of a source.
func allows(p template.Permission, function, source string) bool {
	return p.Function == function &&
		p.Principal == "apigateway.amazonaws.com" &&
		policy.Match(strings.ToLower(p.Action), "lambda:invokefunction") &&
		(p.SourceARN == "" || matchARN(p.SourceARN, source))
}

// matchARN compares as IAM's ArnLike does: part by part, so that a wildcard does
// not reach over a colon. The sixth part is the rest.
func matchARN(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != len(parts) {
		return false
	}
	for i := range parts {
		if !policy.Match(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}
