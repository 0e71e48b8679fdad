package template

import (
	"strings"

	"bellhop/localdev/template/reader"
)

// passive are the beginnings of resource types that nothing has to be done for on
// this machine: rights, logs, metrics and descriptions of what else is there.
var passive = []string{
	"AWS::IAM::", "AWS::Logs::", "AWS::CloudWatch::", "AWS::KMS::", "AWS::Lambda::Permission", "AWS::Lambda::Version",
	"AWS::Lambda::Alias", "AWS::Lambda::Url", "AWS::Lambda::EventInvokeConfig", "AWS::ApiGateway::Account",
	"AWS::ApplicationAutoScaling::", "AWS::ApiGatewayV2::Deployment", "AWS::ApiGatewayV2::DomainName", "AWS::CDK::Metadata", "AWS::XRay::",
	"AWS::ResourceGroups::", "AWS::ServiceCatalogAppRegistry::", "AWS::CloudFormation::WaitCondition",
}

// reasons say more than that a type is not there.
var reasons = map[string]string{
	"AWS::CloudFormation::Stack":   "a nested stack: what it holds is not there",
	"AWS::Serverless::Application": "a nested application: what it holds is not there",
	"AWS::Serverless::Api":         "a REST API: it is not served here",
	"AWS::ApiGateway::RestApi":     "a REST API: it is not served here",
}

// warnOf tells of a resource that is made on AWS and is not on this machine.
func (b *builder) warnOf(r Resource) {
	for _, beginning := range passive {
		if strings.HasPrefix(r.Type, beginning) {
			return
		}
	}
	at := reader.Place{LogicalID: r.LogicalID}
	if reason, ok := reasons[r.Type]; ok {
		b.Warn(at, r.Line, "%s", reason)
		return
	}
	b.Warn(at, r.Line, "is an %s, which is not there on this machine", reader.Shorten(r.Type))
}
