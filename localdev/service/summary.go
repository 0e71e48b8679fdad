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

// Socket is one stage of a WebSocket API: its address is ws://host:port/stage.
type Socket struct{ Stage, API string }

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
		all = append(all, Socket{Stage: stage.Name, API: api.LogicalID})
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
