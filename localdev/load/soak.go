package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"bellhop/localdev/load/soak"
)

// readyLine is what the process of the clients says once all are connected.
const readyLine = "ready"

// runSoak holds sockets for a while, with the clients in a process of their own.
func runSoak(out io.Writer, o soak.Options) error {
	data, err := os.MkdirTemp("", "bellhop-soak-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	o.Template, o.Data, o.Clients = "template.yaml", data, clientProcess
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return soak.Run(ctx, out, o)
}

// clientProcess runs this program as the clients.
func clientProcess(ctx context.Context, c soak.Clients, ready func()) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	spec, err := json.Marshal(c)
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, self, "--soak-clients", string(spec))
	child.Stderr = os.Stderr
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = 10 * time.Second
	said, err := child.StdoutPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		return fmt.Errorf("start the clients: %w", err)
	}
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if lines.Text() == readyLine {
			ready()
		}
	}
	if err := child.Wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("clients: %w", err)
	}
	return nil
}

// runClients is the process of the clients. It ends with a signal.
func runClients(out io.Writer, spec string) error {
	var c soak.Clients
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return c.Run(ctx, func() { fmt.Fprintln(out, readyLine) })
}
