package handler

import "strings"

// The events are of our own types, which hold what is used of them: to decode the
// rest, headers above all, would take most of an invocation's time.

// Handshake is the event of the authorizer on $connect. Source: API Gateway
// Developer Guide, "Create a Lambda REQUEST authorizer function".
type Handshake struct {
	MethodArn string            `json:"methodArn"`
	Headers   HandshakeHeaders  `json:"multiValueHeaders"`
	Query     map[string]string `json:"queryStringParameters"`
	Context   struct {
		ConnectionID string `json:"connectionId"`
		Identity     struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"`
	} `json:"requestContext"`
}

// HandshakeHeaders are the headers that decide who comes in, whatever the
// spelling of their names: encoding/json does not tell them apart by case.
type HandshakeHeaders struct {
	Origin        []string `json:"Origin"`
	Cookie        []string `json:"Cookie"`
	Authorization []string `json:"Authorization"`
	Protocols     []string `json:"Sec-WebSocket-Protocol"`
}

// headerValues finds a header's values whatever the spelling of its name, in
// the order in which they were sent.
func headerValues(multi map[string][]string, single map[string]string, name string) []string {
	for key, values := range multi {
		if strings.EqualFold(key, name) {
			return values
		}
	}
	for key, value := range single {
		if strings.EqualFold(key, name) {
			return []string{value}
		}
	}
	return nil
}
