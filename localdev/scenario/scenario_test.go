package scenario_test

import (
	"testing"

	"bellhop/localdev/scenario"
	"bellhop/localdev/service"
	"bellhop/shared/store/dynamotest"
)

// The scripts say what Bellhop is for; they must come out the same however it
// runs.

func TestScenarios_InProcess(t *testing.T) {
	playAll(t, func(t *testing.T, settings map[string]string) scenario.Target {
		return serve(t, service.Options{Parameters: settings})
	})
}

func TestScenarios_AsBuiltFunctions(t *testing.T) {
	dir := builtFunctions(t)
	playAll(t, func(t *testing.T, settings map[string]string) scenario.Target {
		engine := dynamotest.Start(t, dynamotest.Options{})
		return serve(t, service.Options{Binaries: dir, DynamoDB: engine.URL(), Parameters: settings})
	})
}

func TestScenarios_BehindAnInvokeEndpoint(t *testing.T) {
	dir := builtFunctions(t)
	playAll(t, func(t *testing.T, settings map[string]string) scenario.Target {
		engine := dynamotest.Start(t, dynamotest.Options{})
		here, there := listen(t), listen(t)
		serveOn(t, there, service.Options{
			Binaries: dir, DynamoDB: engine.URL(), Parameters: settings, Addr: here.Addr().String(), // pushes come here
		})
		return serveOn(t, here, service.Options{LambdaEndpoint: "http://" + there.Addr().String(), Parameters: settings})
	})
}
