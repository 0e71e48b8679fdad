// Package policy evaluates the IAM policy that a Lambda authorizer returns.
//
// It knows what such a policy is made of: statements with Effect, Action or
// NotAction, Resource or NotResource, each one string or a list, with the
// wildcards * (any text, slashes and colons too) and ? (one character). An
// explicit Deny wins over any Allow; what nothing allows is denied. Conditions
// are an error, since to ignore one could let somebody in.
package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Document is a policy document. Parse makes one.
type Document struct {
	Version   string     `json:"Version"`
	Statement statements `json:"Statement"`
}

// Statement is one statement of a policy.
type Statement struct {
	Effect      string          `json:"Effect"`
	Action      list            `json:"Action"`
	NotAction   list            `json:"NotAction"`
	Resource    list            `json:"Resource"`
	NotResource list            `json:"NotResource"`
	Condition   json.RawMessage `json:"Condition"`
}

// Parse reads and checks a policy document.
func Parse(doc []byte) (*Document, error) {
	var d Document
	if err := json.Unmarshal(doc, &d); err != nil {
		return nil, fmt.Errorf("parse policy: %w", err)
	}
	if len(d.Statement) == 0 {
		return nil, errors.New("policy has no statement")
	}
	for i := range d.Statement {
		if err := d.Statement[i].check(); err != nil {
			return nil, fmt.Errorf("policy statement %d: %w", i, err)
		}
	}
	return &d, nil
}

func (s *Statement) check() error {
	switch {
	case s.Effect != "Allow" && s.Effect != "Deny":
		return fmt.Errorf("effect %q is neither Allow nor Deny", s.Effect)
	case (len(s.Action) == 0) == (len(s.NotAction) == 0):
		return errors.New("needs one of Action and NotAction")
	case (len(s.Resource) == 0) == (len(s.NotResource) == 0):
		return errors.New("needs one of Resource and NotResource")
	case len(bytes.Trim(s.Condition, "{} \t\r\nnul")) != 0:
		return errors.New("conditions are not supported")
	}
	return nil
}

// Allows reports whether the policy lets the action be done to the resource.
// Actions are compared without regard to case, resources with it.
func (d *Document) Allows(action, resource string) bool {
	allowed := false
	for i := range d.Statement {
		s := &d.Statement[i]
		if !s.applies(strings.ToLower(action), resource) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s *Statement) applies(action, resource string) bool {
	byAction := anyMatch(s.Action, action, strings.ToLower)
	if len(s.NotAction) > 0 {
		byAction = !anyMatch(s.NotAction, action, strings.ToLower)
	}
	if !byAction {
		return false
	}
	if len(s.NotResource) > 0 {
		return !anyMatch(s.NotResource, resource, same)
	}
	return anyMatch(s.Resource, resource, same)
}

func same(s string) string { return s }

func anyMatch(patterns []string, s string, fold func(string) string) bool {
	for _, p := range patterns {
		if Match(fold(p), s) {
			return true
		}
	}
	return false
}

// Match reports whether s fits the pattern, in which * stands for any text and
// ? for any one byte. It takes at most len(pattern) × len(s) steps.
func Match(pattern, s string) bool {
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
		case star >= 0: // let the last star take one byte more
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// list is one string or a list of strings.
type list []string

// UnmarshalJSON reads either form.
func (l *list) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		*l = make(list, 1)
		return json.Unmarshal(b, &(*l)[0])
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// statements is one statement or a list of them.
type statements []Statement

// UnmarshalJSON reads either form.
func (s *statements) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		*s = make(statements, 1)
		return json.Unmarshal(b, &(*s)[0])
	}
	return json.Unmarshal(b, (*[]Statement)(s))
}
