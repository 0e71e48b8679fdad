package runtime

import "syscall"

// dieWithParent has the kernel kill the process when the thread that started it
// ends, and keeps the terminal's signals from it: Close ends it.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
