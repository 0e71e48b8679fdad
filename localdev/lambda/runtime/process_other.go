//go:build !linux

package runtime

import "syscall"

// dieWithParent wishes nothing here: only Linux can tie a child to its parent.
func dieWithParent() *syscall.SysProcAttr { return nil }
