package dynamotest

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel kill the command's process when the thread that
// started it ends: a panic, a time-out or a SIGKILL of the test included.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
