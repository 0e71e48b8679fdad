package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"bellhop/localdev/load/floor"
	"bellhop/localdev/load/peers"
)

// each bounds one measurement of one peer; a round takes half of it.
var each = bound{n: 10_000, within: 6 * time.Second}

// runPeers measures all peers and prints a table in Markdown. A peer that cannot
// be had is told of, and left out.
func runPeers(out io.Writer, folder string) error {
	work, err := os.MkdirTemp("", "bellhop-peers-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	program := filepath.Join(work, "localdev")
	if text, err := exec.CommandContext(ctx, "go", "build", "-o", program, "./localdev").CombinedOutput(); err != nil {
		return fmt.Errorf("build ./localdev: %w\n%s", err, text)
	}
	lab := &peers.Lab{Folder: folder, Work: work, Bellhop: program}
	if err := lab.Open(); err != nil {
		return err
	}
	var lines []line
	for _, p := range lab.Peers() {
		fmt.Fprintf(os.Stderr, "measuring %s\n", p.Name)
		l, err := measurePeer(ctx, p)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s is left out: %v\n", p.Name, err)
			continue
		}
		lines = append(lines, l)
	}
	report(out, lines)
	return nil
}

func measurePeer(ctx context.Context, p peers.Peer) (l line, err error) {
	running, err := p.Start(ctx)
	if err != nil {
		return line{}, err
	}
	defer func() { err = errors.Join(err, running.Close()) }()
	bare, err := floor.Start()
	if err != nil {
		return line{}, err
	}
	defer bare.Close()
	least, theirs := &bareAPI{server: bare}, &peerAPI{running.Site}
	l.name = p.Name
	for _, m := range []func(smallAPI, bound) (took, error){handshakes, echoes, pushes} {
		c, err := compare(least, theirs, m)
		if err != nil {
			return line{}, err
		}
		l.cells = append(l.cells, c)
	}
	return l, nil
}

// compare lets both take turns: a short one to get warm, and two that count.
func compare(least, theirs smallAPI, measure func(smallAPI, bound) (took, error)) (cell, error) {
	var low, high took
	turns := []bound{{n: each.n / 20, within: each.within / 4}, {each.n / 2, each.within / 2}, {each.n / 2, each.within / 2}}
	for i, turn := range turns {
		a, err1 := measure(least, turn)
		b, err2 := measure(theirs, turn)
		if err := errors.Join(err1, err2); err != nil {
			return cell{}, err
		}
		if i > 0 {
			low.add(a)
			high.add(b)
		}
	}
	return cell{rate: high.perSecond(), share: high.perSecond() / low.perSecond(), p50: high.percentile(50)}, nil
}
