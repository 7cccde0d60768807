package sshconfig

import (
	"context"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"

	"gofab/internal/fault"
)

// release is what Match version sees: the OpenSSH whose keywords are known.
const release = "OpenSSH_10.2"

// criteria that Match knows beside "all", "canonical" and "final"; each takes
// an argument.
var criteria = map[string]func(s *statement, argument string) (bool, error){
	"host": func(s *statement, argument string) (bool, error) {
		host, err := s.target()
		return matchList(strings.ToLower(host), strings.ToLower(argument)), err
	},
	"originalhost": func(s *statement, argument string) (bool, error) {
		return matchList(strings.ToLower(s.asked), strings.ToLower(argument)), nil
	},
	"user": func(s *statement, argument string) (bool, error) {
		return matchList(s.remoteUser(), argument), nil
	},
	"localuser": func(s *statement, argument string) (bool, error) {
		return matchList(s.local.name, argument), nil
	},
	"version": func(s *statement, argument string) (bool, error) {
		return matchList(release, argument), nil
	},
	"tagged": func(s *statement, argument string) (bool, error) {
		return matchOrBothEmpty(s.first("tag"), argument), nil
	},
	"command": func(s *statement, argument string) (bool, error) {
		return argument == "", nil // the settings serve many commands
	},
	"sessiontype": func(s *statement, argument string) (bool, error) {
		kind := s.first("sessiontype")
		if kind == "" || kind == "default" {
			kind = "exec"
		}
		return matchList(kind, argument), nil
	},
	"localnetwork": func(s *statement, argument string) (bool, error) { return onNetwork(argument) },
	"exec":         func(s *statement, command string) (bool, error) { return s.o.Exec(s.ctx, command) },
}

func matchOrBothEmpty(value, list string) bool {
	if value == "" {
		return list == ""
	}
	return matchList(value, list)
}

// matchBlock begins a block for which all criteria must hold. They are checked
// to the end, but no command runs after one that does not hold.
func (s *statement) matchBlock() error {
	holds, seen := true, 0
	for ; len(s.words) > 0; seen++ {
		word, _ := s.word()
		name, argument, given := strings.Cut(word, "=")
		name, negated := strings.CutPrefix(strings.ToLower(name), "!")
		var one bool
		switch {
		case name == "all" && !given:
			if seen > 1 || len(s.words) > 0 {
				return fault.New(fault.Parse, `"all" must stand alone`)
			}
			one = true
		case (name == "final" || name == "canonical") && !given:
			one = s.final
			s.wantFinal = s.wantFinal || name == "final"
		default:
			if !given {
				argument, given = s.matchArgument()
			}
			var err error
			if one, err = s.criterion(name, argument, given, holds); err != nil {
				return err
			}
		}
		holds = holds && one != negated
	}
	if seen == 0 {
		return fault.New(fault.Parse, "a criterion is missing")
	}
	s.src.active = holds && !s.src.never
	return nil
}

// matchArgument takes the argument of a criterion: "user bob", "user =bob" or
// "user = bob".
func (s *statement) matchArgument() (argument string, given bool) {
	if len(s.words) == 0 {
		return "", false
	}
	argument, s.words = s.words[0], s.words[1:]
	if argument == "=" {
		return s.matchArgument()
	}
	return strings.TrimPrefix(argument, "="), true
}

func (s *statement) criterion(name, argument string, given, before bool) (bool, error) {
	test := criteria[name]
	switch {
	case test == nil:
		return false, fault.New(fault.Parse, "no such criterion as %q", name)
	case !given, argument == "" && name != "tagged" && name != "command":
		return false, fault.New(fault.Parse, "%q has no argument", name)
	}
	if name == "exec" {
		command, err := s.execCommand(argument)
		if err != nil || !before {
			return false, err
		}
		argument = command
	}
	return test(s, argument)
}

// target is the host as far as it is known.
func (r *resolution) target() (string, error) {
	switch name := r.first("hostname"); {
	case name == "":
		return r.host, nil
	case r.final:
		return name, nil
	default:
		return expand(name, tokens{'h': r.host}, nil)
	}
}

func (r *resolution) remoteUser() string {
	if name := r.first("user"); name != "" {
		return name
	}
	return r.local.name
}

// onNetwork tells whether this machine has an address in one of the networks.
func onNetwork(list string) (bool, error) {
	var networks []netip.Prefix
	for _, text := range strings.Split(list, ",") {
		network, err := netip.ParsePrefix(text)
		if address, bad := netip.ParseAddr(text); bad == nil {
			network, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil || network.Masked() != network {
			return false, fault.New(fault.Parse, "%q is no network", text).WithHint("write address/bits, as 192.0.2.0/24")
		}
		networks = append(networks, network)
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return false, fault.Wrap(fault.Failed, err, "cannot list the network interfaces")
	}
	for _, a := range addresses {
		own, err := netip.ParsePrefix(a.String())
		for _, network := range networks {
			if err == nil && network.Contains(own.Addr().Unmap()) {
				return true, nil
			}
		}
	}
	return false, nil
}

// execCommand is the command of "exec" with its tokens expanded. What it gets
// from outside must say nothing to a shell.
func (s *statement) execCommand(argument string) (string, error) {
	host, err := s.target()
	if err == nil {
		err = checkHost("host", host)
	}
	if err == nil {
		err = checkUser("user", s.remoteUser())
	}
	if err != nil {
		return "", err
	}
	return expand(argument, s.tokens(host, host), nil)
}

// shell runs commands by a shell and sees only whether they exit with 0. Their
// whole process group ends with the context.
func shell(program string) func(context.Context, string) (bool, error) {
	if program == "" {
		program = "/bin/sh"
	}
	return func(ctx context.Context, command string) (bool, error) {
		c := exec.CommandContext(ctx, program, "-c", command)
		c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
		err := c.Run()
		switch {
		case ctx.Err() != nil:
			return false, fault.From(ctx.Err())
		case c.ProcessState != nil && c.ProcessState.Exited():
			return c.ProcessState.ExitCode() == 0, nil
		default:
			return false, fault.Wrap(fault.Failed, err, "cannot run %q", command)
		}
	}
}
