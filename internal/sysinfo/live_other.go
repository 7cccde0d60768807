//go:build !linux

package sysinfo

import (
	"context"
	"net"
	"runtime"
	"strings"
	"syscall"

	"gofab/internal/fault"
)

// What takes system calls of Linux says so elsewhere.

func elsewhere(what string) error {
	return fault.New(fault.Unsupported, "%s is not known on %s", what, runtime.GOOS).WithHint("ask a Linux host with on = host(...)")
}

func machineName() string { return runtime.GOARCH }

func statfs(path string) (Usage, error) { return foreignUsage(path) }

// Interfaces lists the network interfaces with their addresses.
func (s *System) Interfaces() ([]Interface, error) {
	if s.host != "" {
		return s.capturedInterfaces(), nil
	}
	found, err := net.Interfaces()
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "cannot list the network interfaces")
	}
	var list []Interface
	for _, f := range found {
		i := Interface{Name: f.Name, MTU: f.MTU, Up: f.Flags&net.FlagRunning != 0, Flags: strings.Split(f.Flags.String(), "|")}
		if mac := f.HardwareAddr.String(); mac != "" {
			i.MAC = &mac
		}
		addresses, _ := f.Addrs()
		for _, a := range addresses {
			i.Addresses = append(i.Addresses, address(a.String()))
		}
		list = append(list, i)
	}
	return list, nil
}

// Signal is for Linux.
func (p *Process) Signal(syscall.Signal) error { return elsewhere("signalling by identity") }

func (p *Process) gone(context.Context) bool { return !p.Running() }

// SetNice is for Linux.
func (p *Process) SetNice(int) error { return elsewhere("nice") }

// IOClasses are the classes of priority for disks.
var IOClasses = []string{"none", "realtime", "best-effort", "idle"}

// IONice is for Linux.
func (p *Process) IONice() (string, int, error) { return "", 0, elsewhere("ionice") }

// SetIONice is for Linux.
func (p *Process) SetIONice(string, int) error { return elsewhere("ionice") }

// Affinity is for Linux.
func (p *Process) Affinity() ([]int, error) { return nil, elsewhere("affinity") }

// SetAffinity is for Linux.
func (p *Process) SetAffinity([]int) error { return elsewhere("affinity") }

// Unlimited stands for no limit.
const Unlimited = ^uint64(0)

// Limit is for Linux.
func (p *Process) Limit(string) (soft, hard uint64, err error) { return 0, 0, elsewhere("rlimit") }

// SetLimit is for Linux.
func (p *Process) SetLimit(string, uint64, uint64) error { return elsewhere("rlimit") }
