package template

import (
	"strings"

	"bellhop/localdev/template/reader"
)

// validate tells of what SAM itself refuses before it makes anything.
func (s samAPI) validate() {
	routes := map[string]bool{}
	for _, f := range s.p.value("Routes").Fields {
		routes[f.Key] = true
		at := s.p.at("Routes").In(f.Key)
		if !isRouteName(f.Key) {
			s.Add(at, s.routeLine(f.Key), "SAM wants letters and digits, or $connect, $disconnect, $default")
		}
		if f.Key != "$connect" && f.Value.Field("RequestParameters").Kind != reader.Absent {
			s.Add(at, s.routeLine(f.Key), "SAM takes RequestParameters on $connect alone")
		}
	}
	auth := s.p.value("Auth")
	if len(auth.Fields) == 0 {
		return
	}
	if problem := authProblem(s.authType(), len(auth.Fields), auth.Field("AuthArn").Text != ""); problem != "" {
		s.Add(s.p.at("Auth"), auth.Line, "%s", problem)
	}
	if !routes["$connect"] {
		s.Add(s.p.at("Auth"), auth.Line, "SAM takes Auth only beside a $connect route")
	}
}

// authProblem says what SAM refuses in Auth, which has a number of fields.
func authProblem(typ string, fields int, function bool) string {
	switch {
	case typ == "CUSTOM" && !function:
		return "AuthType CUSTOM wants an AuthArn"
	case typ == "":
		return "SAM wants an AuthType"
	case typ != "CUSTOM" && typ != "NONE" && typ != "AWS_IAM":
		return "SAM takes the AuthTypes NONE, AWS_IAM and CUSTOM"
	case typ != "CUSTOM" && fields > 1:
		return "SAM takes nothing beside AuthType " + typ
	}
	return ""
}

func isRouteName(key string) bool {
	switch key {
	case "$connect", "$disconnect", "$default":
		return true
	}
	return key != "" && !strings.ContainsFunc(key, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// routeLine is where a key of Routes stands.
func (s samAPI) routeLine(key string) int {
	if line, ok := routeLines(s.p)[key]; ok {
		return line
	}
	return s.p.r.Line
}
