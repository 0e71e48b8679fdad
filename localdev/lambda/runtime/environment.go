package runtime

import (
	"strconv"
	"strings"
)

const latest = "$LATEST"

// environment is what Lambda gives a function, and the function's own. Source:
// Lambda Developer Guide, "Defined runtime environment variables".
func environment(r *Runner, api string) []string {
	region := regionOf(r.spec.ARN)
	env := []string{
		"AWS_DEFAULT_REGION=" + region,
		"AWS_EXECUTION_ENV=AWS_Lambda_" + r.opts.Identity,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(memorySize(r.spec)),
		"AWS_LAMBDA_FUNCTION_NAME=" + r.spec.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=" + latest,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + r.spec.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME=local/[" + latest + "]",
		"AWS_LAMBDA_RUNTIME_API=" + api,
		"AWS_REGION=" + region,
		"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
		"LAMBDA_RUNTIME_DIR=/var/runtime",
		"LAMBDA_TASK_ROOT=" + r.root,
		"LANG=en_US.UTF-8",
		"PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TZ=:UTC",
		"_HANDLER=" + r.opts.Handler,
	}
	for name, value := range r.opts.Env {
		env = append(env, name+"="+value)
	}
	return env
}

// regionOf is the fourth part of an ARN.
func regionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 {
		return parts[3]
	}
	return ""
}
