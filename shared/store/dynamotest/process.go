package dynamotest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// errExited says that the engine ended before it was ready.
var errExited = errors.New("the engine ended at once")

// process is one run of the engine's binary.
type process struct {
	cmd    *exec.Cmd
	output *os.File      // what it printed; a file without a name
	done   chan struct{} // closed when it has ended
	err    error         // how it ended; read it after done
}

// startProcess starts the binary with its output in a file that has no name,
// so that nothing is left behind whatever happens to this process.
func startProcess(binary string, args []string) (*process, error) {
	output, err := os.CreateTemp("", "dynamotest-*.log")
	if err != nil {
		return nil, fmt.Errorf("make its log: %w", err)
	}
	_ = os.Remove(output.Name())
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = output, output
	dieWithParent(cmd)
	p := &process{cmd: cmd, output: output, done: make(chan struct{})}
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// run starts the process and waits for its end. The wish to die with the parent
// is bound to the thread that started the child, so this goroutine keeps its
// thread as long as the child lives.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.done)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		p.err = p.cmd.Wait()
	}
}

func (p *process) exited() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// end sends the signal and waits until the process is gone, with SIGKILL after
// stopLimit. The process having ended already is no error.
func (p *process) end(signal syscall.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %s: %w", signal, err)
	}
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-p.done:
		return nil
	case <-limit.C:
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("still there %s after %s: killed", stopLimit, signal)
	}
}

// said reports whether the process has printed the text.
func (p *process) said(text string) bool { return bytes.Contains(p.log(), []byte(text)) }

// log returns the first 64 KiB of what the process printed.
func (p *process) log() []byte {
	text, _ := io.ReadAll(io.NewSectionReader(p.output, 0, 64<<10))
	return text
}

func (p *process) close() { _ = p.output.Close() }
