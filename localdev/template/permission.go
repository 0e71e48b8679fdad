package template

import "strings"

// allows tells whether API Gateway may invoke a function, named by its logical
// id, on behalf of a source.
func (p Permission) allows(function, source string) bool {
	return p.Function == function &&
		p.Principal == "apigateway.amazonaws.com" &&
		matchWild(strings.ToLower(p.Action), "lambda:invokefunction") &&
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
		if !matchWild(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

// matchWild matches * (any text) and ? (any one byte). Its time is bounded by the
// product of both lengths.
func matchWild(pattern, s string) bool {
	p, i := 0, 0
	star, from := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
