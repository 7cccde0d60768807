package sshclient

import (
	"bytes"
	"context"
	"testing"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// Every hostile server ends in one named kind, and nothing is left of it.
func TestHostileServers(t *testing.T) {
	testenv.Goroutines(t)
	for name, test := range map[string]struct {
		behaviour testenv.Behaviour
		dial      fault.Kind // "" connects
		run       fault.Kind
	}{
		"harmless":       {testenv.Behaviour{Stdout: "x"}, "", ""},
		"lines ahead":    {testenv.Behaviour{Lines: 100}, "", ""},
		"too many lines": {testenv.Behaviour{Lines: 2000}, fault.Unreachable, ""},
		"silent":         {testenv.Behaviour{Silent: true}, fault.Unreachable, ""},
		"refuses":        {testenv.Behaviour{RefuseAuth: true}, fault.Auth, ""},
		"banners":        {testenv.Behaviour{Banner: "\x1b[2Jhello\n", Banners: 500}, "", ""},
		"after auth":     {testenv.Behaviour{HangUp: testenv.AfterAuth}, "", fault.Lost},
		"after open":     {testenv.Behaviour{HangUp: testenv.AfterOpen}, "", fault.Lost},
		"after output":   {testenv.Behaviour{HangUp: testenv.AfterOutput, Stdout: "x"}, "", fault.Lost},
		"no session":     {testenv.Behaviour{RefuseSession: true}, "", fault.Denied},
		"no exec":        {testenv.Behaviour{RefuseExec: true}, "", fault.Denied},
		"stalled open":   {testenv.Behaviour{StallSession: true}, "", fault.Timeout},
		"stalled exec":   {testenv.Behaviour{StallExec: true}, "", fault.Timeout},
		"mute":           {testenv.Behaviour{Mute: true}, "", ""},
		"no status":      {testenv.Behaviour{End: testenv.ExitMissing}, "", fault.Lost},
		"short status":   {testenv.Behaviour{End: testenv.ExitTruncated}, "", fault.Lost},
		"signal":         {testenv.Behaviour{End: testenv.ExitSignal, Signal: "HUP"}, "", ""},
		"odd signal":     {testenv.Behaviour{End: testenv.ExitSignal, Signal: "\x1b[2J"}, "", fault.Lost},
		"never ends":     {testenv.Behaviour{End: testenv.ExitNever}, "", fault.Timeout},
		"endless":        {testenv.Behaviour{Endless: true, Stdout: "yes\n"}, "", fault.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := testenv.Hostile(t, test.behaviour)
			o := optionsFor(t, s.Addr, s.HostKey)
			key, _ := newKey(t)
			o.identityFiles = []string{keyFileOf(t, key, "")}
			if test.dial == fault.Unreachable {
				quick(o)
			}
			c, err := newDialer(Deps{}).dial(testContext(t), o)
			if fault.KindOf(err) != test.dial {
				t.Fatalf("dial: %v", err)
			}
			if err != nil {
				return
			}
			defer c.Close()
			ctx, cancel := testContext(t), func() {}
			if test.run == fault.Timeout {
				ctx, cancel = context.WithTimeout(ctx, 100*time.Millisecond)
			}
			defer cancel()
			var out bytes.Buffer
			exit, err := c.Exec(ctx, command.Exec{Line: "x", Stdout: &out})
			if fault.KindOf(err) != test.run {
				t.Errorf("run: %+v %v", exit, err)
			}
		})
	}
}

// Before the login there is nothing to lose, so a server that hangs up is
// tried again, and then it is unreachable.
func TestHangUpInTheHandshake(t *testing.T) {
	for _, phase := range []testenv.Phase{testenv.AfterHello, testenv.AfterKex} {
		t.Run("", func(t *testing.T) {
			testenv.Goroutines(t)
			s := testenv.Hostile(t, testenv.Behaviour{HangUp: phase})
			_, err := newDialer(Deps{}).dial(testContext(t), optionsFor(t, s.Addr, s.HostKey))
			if fault.KindOf(err) != fault.Unreachable || s.Connections() != 1+maxDrops {
				t.Errorf("%d connections, %v", s.Connections(), err)
			}
		})
	}
}
