package doctor

import "slices"

// Rules lists all rules, in the order of a request's way: the API, the handshake,
// the messages, the answers, the deployment.
func Rules() []Rule {
	return slices.Concat(routeRules(), authorizerRules(), pushRules(), deploymentRules())
}

func routeRules() []Rule {
	return []Rule{
		{
			ID:          "route-selection",
			Consequence: "CloudFormation refuses to create the API; without an expression no message finds its route.",
			Cure:        "Set RouteSelectionExpression on the API, for instance $request.body.action.",
			check:       routeSelection,
		},
		{
			ID:          "route-target",
			Consequence: "A client that uses the route gets an error in place of an answer; on $connect, every handshake fails.",
			Cure:        "Set Target to integrations/ and the id of an integration.",
			check:       eachRoute(routeTarget),
		},
		{
			ID:          "route-twice",
			Consequence: "The second route is not created: the deployment ends with a conflict (409).",
			Cure:        "Give each route a RouteKey of its own, or take one of them away.",
			check:       routeTwice,
		},
		{
			ID:          "route-permission",
			Consequence: "The function is never called, and its log stays empty: a message gets the frame Internal server error, a handshake gets 500.",
			Cure:        "Add an AWS::Lambda::Permission for apigateway.amazonaws.com, with the SourceArn of this route or with /* in its place.",
			check:       eachRoute(routePermission),
		},
		{
			ID:          "route-response",
			Consequence: "The function's answer is dropped: the client waits for it in vain.",
			Cure:        "A two-way route wants both: RouteResponseSelectionExpression $default, and an AWS::ApiGatewayV2::RouteResponse with the key $default.",
			check:       eachRoute(routeResponse),
		},
		{
			ID:          "integration-timeout",
			Consequence: "CloudFormation refuses to create the integration: it lasts 50 ms to 29 s (30 s on an HTTP API).",
			Cure:        "Set TimeoutInMillis within the limits; let longer work go on elsewhere, and push its result.",
			check:       eachRoute(integrationTimeout),
		},
	}
}

func authorizerRules() []Rule {
	return []Rule{
		{
			ID:          "authorization-type",
			Consequence: "CloudFormation refuses to create the route.",
			Cure:        "Set AuthorizationType to NONE, AWS_IAM or CUSTOM; on an HTTP API, JWT is there as well.",
			check:       eachRoute(authorizationType),
		},
		{
			ID:          "authorizer-use",
			Consequence: "CloudFormation refuses the route, or creates it and lets everybody through without asking the authorizer.",
			Cure:        "On $connect, and there alone, set AuthorizationType: CUSTOM and AuthorizerId together.",
			check:       eachRoute(authorizerUse),
		},
		{
			ID:          "authorizer-type",
			Consequence: "CloudFormation refuses to create the authorizer.",
			Cure:        "Set AuthorizerType: REQUEST, the only type of a WebSocket API; check a JWT in its function.",
			check:       eachAuthorizer(authorizerType),
		},
		{
			ID:          "authorizer-cache",
			Consequence: "CloudFormation refuses to create the authorizer: AuthorizerResultTtlInSeconds cannot be set for WEBSOCKET protocol Apis.",
			Cure:        "Leave AuthorizerResultTtlInSeconds out; a handshake is authorized once, and nothing is kept.",
			check:       eachAuthorizer(authorizerCache),
		},
		{
			ID:          "identity-source",
			Consequence: "No request has such a source: every handshake is refused with 401, and the function is not asked.",
			Cure:        "Write route.request.header.Name, route.request.querystring.Name, stageVariables.Name or context.Name.",
			check:       eachAuthorizer(identitySources),
		},
		{
			ID:          "authorizer-permission",
			Consequence: "The authorizer is never called, and its log stays empty: every handshake gets 500.",
			Cure:        "Add an AWS::Lambda::Permission for apigateway.amazonaws.com with the SourceArn ending in /authorizers/ and the authorizer's id, or set AuthorizerCredentialsArn.",
			check:       eachAuthorizer(authorizerPermission),
		},
		{
			ID:          "authorizer-policy",
			Consequence: "The policy allows nothing: every handshake is refused with 403.",
			Cure:        "Allow execute-api:Invoke on event.methodArn, or on …:{api}/{stage}/*; a WebSocket ARN has no HTTP method in it.",
			check:       eachAuthorizer(authorizerPolicy),
		},
		{
			ID:          "subprotocol",
			Consequence: "A browser that offers a subprotocol and is given none closes the connection at once (code 1006).",
			Cure:        "Let the $connect function return the header Sec-WebSocket-Protocol with one of those offered.",
			check:       subprotocol,
		},
	}
}

func pushRules() []Rule {
	return []Rule{
		{
			ID:          "manage-connections",
			Consequence: "Each push is refused with 403 ForbiddenException (or AccessDenied), once there is a connection to push to.",
			Cure:        "Allow the function execute-api:ManageConnections on arn:aws:execute-api:{region}:{account}:{api}/{stage}/POST/@connections/*.",
			check:       manageConnections,
		},
	}
}

func deploymentRules() []Rule {
	return []Rule{
		{
			ID:          "deployment-none",
			Consequence: "Nothing is deployed: every request to the stage gets 403 Forbidden.",
			Cure:        "Set AutoDeploy: true on the stage, or DeploymentId.",
			check:       eachStage(deploymentNone),
		},
		{
			ID:          "deployment-twice",
			Consequence: "The stage changes its deployment by itself: a later update of the stack fails, since DeploymentId cannot be set while AutoDeploy is on.",
			Cure:        "Keep one of the two: AutoDeploy: true, or a Deployment with DeploymentId.",
			check:       eachStage(deploymentTwice),
		},
		{
			ID:          "deployment-order",
			Consequence: "CloudFormation may make the deployment before the route, which then is not in it: its messages get the frame Forbidden. Without any route the deployment fails.",
			Cure:        "List every route in the Deployment's DependsOn, or use AutoDeploy.",
			check:       deploymentOrder,
		},
		{
			ID:          "deployment-frozen",
			Level:       Advice,
			Consequence: "A Deployment is a snapshot. Under the same logical id it is never made again: routes and integrations that change later have no effect.",
			Cure:        "Set AutoDeploy: true on the stage and take the Deployment away, or give it a new logical id with each change (a hash at its end).",
			check:       deploymentFrozen,
		},
	}
}
