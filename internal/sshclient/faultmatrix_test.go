package sshclient

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/sftpfs"
	"gofab/internal/testenv"
	"gofab/internal/transfer"
)

// visit is a whole working session, cut into phases. It stops at the first
// error; after each phase it says so.
type visit struct {
	o     *options
	limit time.Duration // for each phase
	data  string
	after func(phase string)
}

// phases are the parts of a visit behind the login, of which the handshake has
// several: they are told apart by the number of bytes alone.
var phases = []string{"login", "exec", "data", "sftp", "files", "close"}

func (v *visit) run(t testing.TB) error {
	ctx, cancel := context.WithTimeout(testContext(t), v.limit)
	defer cancel()
	c, err := newDialer(Deps{}).dial(ctx, v.o)
	if err != nil {
		return err
	}
	defer c.Close()
	v.after("login")
	for _, phase := range []func(context.Context, *Client) error{v.exec, v.move, v.files} {
		if err := v.phase(t, c, phase); err != nil {
			return err
		}
	}
	err = c.Close()
	v.after("close")
	return err
}

func (v *visit) phase(t testing.TB, c *Client, do func(context.Context, *Client) error) error {
	ctx, cancel := context.WithTimeout(testContext(t), v.limit)
	defer cancel()
	return do(ctx, c)
}

// wrong is an answer that differs from what was sent: it must never happen.
type wrong struct{ what string }

func (w wrong) Error() string { return "wrong " + w.what }

func (v *visit) exec(ctx context.Context, c *Client) error {
	var out bytes.Buffer
	exit, err := c.Exec(ctx, command.Exec{Line: "echo hello; exit 7", Stdout: &out})
	if err == nil && (out.String() != "hello\n" || exit.Code != 7) {
		return wrong{"output"}
	}
	v.after("exec")
	return err
}

func (v *visit) move(ctx context.Context, c *Client) error {
	var out bytes.Buffer
	_, err := c.Exec(ctx, command.Exec{Line: "cat", Stdin: strings.NewReader(v.data), Stdout: &out})
	if err == nil && out.String() != v.data {
		return wrong{"data"}
	}
	v.after("data")
	return err
}

func (v *visit) files(ctx context.Context, c *Client) error {
	channel, err := c.SFTP(ctx)
	if err != nil {
		return err
	}
	files, err := sftpfs.New(ctx, channel)
	if err != nil {
		return err
	}
	defer files.Close()
	v.after("sftp")
	_, err = transfer.Put(ctx, transfer.PutOptions{From: transfer.Local("/"), To: files, Target: "file", Content: &v.data})
	if err != nil {
		return err
	}
	back, err := transfer.Read(ctx, files, "file", 1<<20)
	if err == nil && string(back) != v.data {
		return wrong{"file"}
	}
	v.after("files")
	return err
}

// TestFaultsInEveryPhase cuts, resets, stops and spoils a session at places in
// every phase and in both directions: it ends in time, in a kind that fits, and
// never with wrong data.
func TestFaultsInEveryPhase(t *testing.T) {
	testenv.Goroutines(t)
	const seed = 1
	random := rand.New(rand.NewPCG(seed, 1))
	var data strings.Builder
	for data.Len() < 50_000 {
		fmt.Fprintf(&data, "%x\n", sha256.Sum256([]byte(data.String()[max(0, data.Len()-100):])))
	}
	server, o := startHost(t, nil)
	proxy := testenv.Proxy(t, server.Addr())
	o = through(t, o, proxy.Addr, server.HostKey())
	// A visit without a fault says where the phases end.
	var ends [2][]int64
	clean := visit{o, time.Minute, data.String(), func(string) {
		for _, dir := range []testenv.Direction{testenv.Up, testenv.Down} {
			ends[dir] = append(ends[dir], proxy.Bytes(dir))
		}
	}}
	check(t, clean.run(t))
	if len(ends[0]) != len(phases) {
		t.Fatalf("%d phases", len(ends[0]))
	}
	proxy.Delay(20 * time.Millisecond)
	clean.after = func(string) {}
	check(t, clean.run(t))

	var all sync.WaitGroup
	defer all.Wait()
	lanes := make(chan struct{}, 24)
	for _, f := range places(random, ends) {
		lanes <- struct{}{}
		all.Go(func() {
			defer func() { <-lanes }()
			f.suffer(t, server.Addr(), o, data.String(), seed)
		})
	}
}

// place is a fault at a byte of a direction.
type place struct {
	what  string
	dir   testenv.Direction
	at    int64
	phase string
}

// places are faults within all phases and at their borders.
func places(random *rand.Rand, ends [2][]int64) (list []place) {
	for dir, borders := range ends {
		begin := int64(0)
		for i, end := range borders {
			offsets := []int64{begin, end - 1}
			for n := 0; end > begin && n < 2; n++ {
				offsets = append(offsets, begin+random.Int64N(end-begin))
			}
			for _, at := range offsets {
				for _, what := range []string{"close", "reset", "hold", "flip"} {
					list = append(list, place{what, testenv.Direction(dir), at, phases[i]})
				}
			}
			begin = end
		}
	}
	return list
}

// suffer makes one visit with a fault.
func (f place) suffer(t *testing.T, server string, o *options, data string, seed uint64) {
	proxy := testenv.Proxy(t, server)
	defer proxy.Close()
	switch f.what {
	case "close":
		proxy.CloseAfter(f.dir, f.at)
	case "reset":
		proxy.ResetAfter(f.dir, f.at)
	case "hold":
		proxy.HoldAfter(f.dir, f.at)
	case "flip":
		proxy.FlipBit(f.dir, f.at)
	}
	v := visit{through(t, o, proxy.Addr, nil), time.Minute, data, func(string) {}}
	v.o.userKnownHosts, v.o.alias = o.userKnownHosts, fmt.Sprintf("[%s]:%d", o.host, o.port)
	silent := f.what == "hold" || f.what == "flip" // what may be noticed by waiting alone
	if silent {
		v.limit = 500 * time.Millisecond
	}
	err := v.run(t)
	switch kind := fault.KindOf(err); {
	case err == nil, kind == fault.Lost, kind == fault.Unreachable, kind == fault.Protocol, kind == fault.HostKey, kind == fault.Auth:
	case kind == fault.Timeout && silent:
	default:
		t.Errorf("seed %d: %+v: %s: %v", seed, f, kind, err)
	}
}
