package runtime

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"bellhop/localdev/lambda"
)

// Lambda's own lines, in the form of its log groups. Source: Lambda Developer
// Guide, "Understanding the Lambda execution environment lifecycle" and "Lambda
// log formats". They and the function's lines reach Output by different ways, so
// a line that the function wrote last may come after its REPORT.

// print writes one line to Output.
func (r *Runner) print(line string) {
	if r.opts.Output != nil {
		_, _ = r.opts.Output.Write([]byte("[" + r.spec.Name + "] " + line + "\n")) // nobody is left to tell
	}
}

func (r *Runner) reportInit() { r.print("INIT_START Runtime Version: " + r.opts.Identity) }

func (r *Runner) reportInitFailed(p *process, failed *lambda.FunctionError) {
	r.print(fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: init\tStatus: error\tError Type: %s",
		milliseconds(time.Since(p.started)), failed.Type))
}

func (r *Runner) reportStart(inv *invocation) {
	r.print("START RequestId: " + inv.id + " Version: " + latest)
}

// reportEnd tells what the invocation took. The time of its process's start
// counts as billed, as it does on AWS since August 2025. With r.mu held.
func (r *Runner) reportEnd(p *process, inv *invocation, err error) {
	if r.opts.Output == nil {
		return
	}
	took, init := milliseconds(time.Since(inv.given)), milliseconds(p.init)
	line := fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB\tMax Memory Used: %d MB",
		inv.id, took, math.Ceil(took+init), memorySize(r.spec), p.peakMemory())
	if p.init > 0 {
		line += fmt.Sprintf("\tInit Duration: %.2f ms", init)
		p.init = 0
	}
	if failed := (*lambda.FunctionError)(nil); errors.As(err, &failed) {
		line += statusOf(failed)
		if failed.Type == typeTimedOut {
			r.print(failed.Message)
		}
	}
	r.print("END RequestId: " + inv.id)
	r.print(line)
}

// Types of the failures that Lambda reports as the environment's own.
const (
	typeTimedOut = "Sandbox.Timedout"
	typeExit     = "Runtime.ExitError"
)

// statusOf is empty for a failure that the function reported itself.
func statusOf(failed *lambda.FunctionError) string {
	switch failed.Type {
	case typeTimedOut:
		return "\tStatus: timeout"
	case typeExit:
		return "\tStatus: error\tError Type: " + failed.Type
	}
	return ""
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func memorySize(spec lambda.Spec) int { return max(spec.MemorySize, 128) }

// peakMemory is the most memory that the process has used, in MB, as of a second
// ago at most: reading it costs more than all else about a line. With runner.mu
// held.
func (p *process) peakMemory() int {
	if now := time.Now(); now.Sub(p.peakRead) > time.Second {
		p.peak, p.peakRead = peakMemory(p.id), now
	}
	return p.peak
}

// peakMemory is the most memory that a process has had resident, in MB rounded
// up; 0 where the system does not tell.
func peakMemory(process int) int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(process) + "/status")
	if err != nil {
		return 0
	}
	_, after, _ := bytes.Cut(status, []byte("VmHWM:"))
	fields := strings.Fields(string(after[:min(len(after), 64)]))
	if len(fields) == 0 {
		return 0
	}
	kilobytes, err := strconv.Atoi(fields[0])
	if err != nil {
		return 0
	}
	return (kilobytes + 1023) / 1024
}
