package service

import "bellhop/localdev/template"

// Summary says in words what a Service serves.
type Summary struct {
	Template  string   // path
	Ours      bool     // its functions are those of this program
	Ways      string   // how they run, such as "in this process"
	Kept      string   // where data is kept; empty where that is not known
	Sockets   []Socket // stages of WebSocket APIs
	Functions []string // their names
}

// Socket is an address of a WebSocket API: ws://host:port/Path, or
// ws://Domain.localhost:port/Path where a custom domain leads to it.
type Socket struct{ API, Domain, Path string }

// Summary describes the Service.
func (s *Service) Summary() Summary {
	sum := Summary{Template: s.stack.File, Ours: ours(s.stack)}
	switch {
	case s.remote != nil:
		sum.Ways, sum.Kept = "at "+s.o.LambdaEndpoint, s.o.DynamoDB
	case s.shop != nil:
		sum.Ways, sum.Kept = "as processes", s.shop.kept()
	default:
		sum.Ways, sum.Kept = "in this process", s.o.Data
	}
	for _, api := range s.stack.WebSocketAPIs {
		sum.Sockets = append(sum.Sockets, sockets(api)...)
	}
	for _, f := range s.stack.Functions {
		sum.Functions = append(sum.Functions, f.Name)
	}
	return sum
}

func sockets(api template.WebSocketAPI) []Socket {
	var all []Socket
	for _, stage := range api.Stages {
		if !api.EndpointDisabled {
			all = append(all, Socket{API: api.LogicalID, Path: stage.Name})
		}
		for _, d := range domainsOf(api, stage) {
			all = append(all, Socket{API: api.LogicalID, Domain: d.Name, Path: d.Key})
		}
	}
	return all
}

// kept is where the tables are.
func (w *workshop) kept() string {
	if w.engine != nil {
		return w.data + "/" + tablesFile + ", by DynamoDB at " + w.engine.URL()
	}
	return w.o.DynamoDB
}
