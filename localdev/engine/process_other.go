//go:build !linux

package engine

import "syscall"

// ownGroup keeps the terminal's Ctrl-C from the engine, which Close ends when all
// else has ended. Only Linux can tie a child to its parent besides.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
