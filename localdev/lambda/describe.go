package lambda

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/valyala/fasthttp"
)

// configuration is what is told of a function: the part of FunctionConfiguration
// that means something here.
type configuration struct {
	FunctionName     string
	FunctionArn      string
	Version          string
	State            string
	LastUpdateStatus string
	PackageType      string
	MemorySize       int `json:",omitempty"` // MB
	Timeout          int `json:",omitempty"` // s
}

func describeFunction(f *Function) configuration {
	return configuration{
		FunctionName:     f.Spec.Name,
		FunctionArn:      f.Spec.ARN,
		Version:          latest,
		State:            "Active",
		LastUpdateStatus: "Successful",
		PackageType:      "Zip",
		MemorySize:       f.Spec.MemorySize,
		Timeout:          int(cmp.Or(f.Spec.Timeout, DefaultTimeout).Seconds()),
	}
}

// describe serves ListFunctions (no name), GetFunctionConfiguration and
// GetFunction.
func (a *API) describe(ctx *fasthttp.RequestCtx, name, operation string) error {
	if name == "" {
		all := []configuration{}
		for _, f := range a.registry.Functions() {
			all = append(all, describeFunction(f))
		}
		return writeJSON(ctx, map[string]any{"Functions": all})
	}
	f, _, err := a.target(ctx, name)
	if err != nil {
		return err
	}
	if operation == "configuration" {
		return writeJSON(ctx, describeFunction(f))
	}
	return writeJSON(ctx, map[string]any{"Configuration": describeFunction(f)})
}

func writeJSON(ctx *fasthttp.RequestCtx, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(b)
	return nil
}
