package engine

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from the engine, which Close ends when all
// else has ended, and has the kernel kill it when the thread that started it ends.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
