//go:build linux

package run_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"gofab/internal/testenv"
	"gofab/runtime/event"
)

// fate is how a host behaves, and how it ends for that.
type fate struct {
	behaviour testenv.Behaviour
	state     event.State
	code      int    // of its command; -1 when none comes, noCommand when none begins
	output    int    // bytes that the result counts
	timeout   string // limit of its command, where nothing else would end it
}

const noCommand = -2

const huge = 3 << 20 // more than a result keeps

var townFates = map[string]fate{
	"ok":      {testenv.Behaviour{Stdout: "ok\n"}, event.OK, 0, 3, ""},
	"slow":    {testenv.Behaviour{Stdout: "ok\n"}, event.OK, 0, 3, ""}, // behind a slow link
	"huge":    {testenv.Behaviour{Stdout: strings.Repeat("0123456789abcde\n", huge/16)}, event.OK, 0, huge, ""},
	"fail":    {testenv.Behaviour{Stdout: "no\n", Code: 3}, event.Failed, 3, 0, ""},
	"killed":  {testenv.Behaviour{End: testenv.ExitSignal, Signal: "KILL"}, event.Failed, 137, 0, ""},
	"silent":  {testenv.Behaviour{Stdout: "ok\n", End: testenv.ExitMissing}, event.Unknown, -1, 0, ""},
	"die":     {testenv.Behaviour{Stdout: "half", HangUp: testenv.AfterOutput}, event.Unknown, -1, 0, ""},
	"hang":    {testenv.Behaviour{Stdout: "begun\n", End: testenv.ExitNever}, event.Timeout, -1, 0, "0.2s"},
	"endless": {testenv.Behaviour{Stdout: strings.Repeat("again\n", 100), Endless: true}, event.Timeout, -1, 0, "0.2s"},
	"refuse":  {testenv.Behaviour{}, event.Unreachable, noCommand, 0, ""}, // nobody listens
	"wrong":   {testenv.Behaviour{}, event.Unreachable, noCommand, 0, ""}, // another host key
	"locked":  {testenv.Behaviour{RefuseAuth: true}, event.Unreachable, noCommand, 0, ""},
	"babble":  {testenv.Behaviour{Greeting: "220 mail ESMTP\r\n"}, event.Unreachable, noCommand, 0, ""},
}

// common fates are those that most hosts have.
var common = []string{"ok", "ok", "ok", "slow", "fail", "die", "refuse", "wrong", "silent", "killed", "locked", "babble"}

// town is a server for each fate.
type town struct {
	config string
	ports  map[string]int
}

func openTown(t *testing.T) *town {
	t.Helper()
	c := &town{ports: map[string]int{"refuse": deafPort(t)}}
	dir := t.TempDir()
	newClientKey(filepath.Join(dir, "id"))
	other := testenv.NewKey(t, "ed25519").Signer.PublicKey()
	var known strings.Builder
	for name, f := range townFates {
		if name == "refuse" {
			continue
		}
		server := testenv.Hostile(t, f.behaviour)
		addr, key := server.Addr, server.HostKey
		switch name {
		case "slow":
			proxy := testenv.Proxy(t, addr)
			proxy.Delay(3 * time.Millisecond)
			addr = proxy.Addr
		case "wrong":
			key = other
		}
		_, port, err := net.SplitHostPort(addr)
		must(err)
		c.ports[name], err = strconv.Atoi(port)
		must(err)
		fmt.Fprintf(&known, "[127.0.0.1]:%s %s", port, ssh.MarshalAuthorizedKey(key))
	}
	must(os.WriteFile(filepath.Join(dir, "known_hosts"), []byte(known.String()), 0o600))
	c.config = filepath.Join(dir, "config")
	must(os.WriteFile(c.config, fmt.Appendf(nil, "Host *\n  HostName 127.0.0.1\n  User x\n  IdentityFile %s/id\n  IdentitiesOnly yes\n"+
		"  UserKnownHostsFile %s/known_hosts\n", dir, dir), 0o600))
	return c
}

// deafPort is a port at which nobody listens, and nobody else will.
func deafPort(t *testing.T) int {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	must(err)
	t.Cleanup(func() { _ = unix.Close(fd) })
	must(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := unix.Getsockname(fd)
	must(err)
	return name.(*unix.SockaddrInet4).Port
}

// plot is what happens to the hosts of one run.
type plot struct {
	names []string
	fates []fate
	lua   string // inventory, and LIMIT by host
}

// plot draws the fates of so many hosts: mostly a mixture, now and then one
// with no host that is well, or all.
func (c *town) plot(random *rand.Rand, hosts int) *plot {
	choice := common
	switch random.IntN(8) {
	case 0:
		choice = []string{"ok", "slow"}
	case 1:
		choice = []string{"fail", "die", "silent", "refuse"}
	case 2:
		choice = []string{"refuse", "wrong", "locked", "babble"}
	}
	rare := []string{}
	if len(choice) == len(common) {
		rare = []string{"huge", "hang", "hang"}
		if random.IntN(4) == 0 {
			rare = append(rare, "endless") // costly while it lasts
		}
	}
	p := &plot{}
	var list, limits strings.Builder
	for i := range hosts {
		fateName := choice[random.IntN(len(choice))]
		if i < len(rare) {
			fateName = rare[i]
		}
		name := fmt.Sprintf("h%d", i+1)
		f := townFates[fateName]
		p.names, p.fates = append(p.names, name), append(p.fates, f)
		fmt.Fprintf(&list, "{ name = %q, port = %d },", name, c.ports[fateName])
		if f.timeout != "" {
			fmt.Fprintf(&limits, "%s = %q,", name, f.timeout)
		}
	}
	p.lua = fmt.Sprintf("inventory { street = { %s } }\nLIMIT = { %s }\n", list.String(), limits.String())
	return p
}

// exitCode is what a run ends with in which tasks had these fates.
func (p *plot) exitCode() int {
	count := map[event.State]int{}
	for _, f := range p.fates {
		count[f.state]++
	}
	switch n := len(p.fates); {
	case count[event.OK] == n:
		return 0
	case count[event.Unreachable] == n:
		return 3
	case count[event.OK] > 0:
		return 4
	default:
		return 1
	}
}

// fateScripts do the same work in each way there is, and print how each host
// ended and how much it said.
var fateScripts = map[string]string{
	"group": `task("t", function()
	local left = {}
	for _, h in ipairs(hosts("@street"):list()) do left[#left + 1] = not LIMIT[h.name] and h.name or nil end
	show(hosts(table.concat(left, ",")):run("work", { hide = true, all = true }))
	local late = {}
	for name in pairs(LIMIT) do late[#late + 1] = name end
	if #late > 0 then show(hosts(table.concat(late, ",")):run("work", { hide = true, all = true, timeout = "0.2s" })) end
end)`,
	"each": `task("t", function()
	show(hosts("@street"):each({ all = true }, function(h) return h:run("work", { hide = true, timeout = LIMIT[h.name] }) end))
end)`,
	"task": `task("t", { hosts = "@street" }, function(h)
	local r = h:run("work", { hide = true, timeout = LIMIT[h.name] })
	print("ended", h.name, "ok", r.stdout_bytes)
end)`,
}

const showResults = `
function show(results)
	for _, a in ipairs(results:list()) do
		print("ended", a.name, a.state, a.state == "ok" and a.value.stdout_bytes or 0)
	end
end
`

// fateWays are the keys of fateScripts, in an order.
var fateWays = []string{"group", "each", "task"}

// Many hosts, each with a fate of its own: results, events, summary and exit
// code say what happened, each time.
func TestTownOfFates(t *testing.T) {
	fabfile(t, t.Context(), io.Discard, "").Close() // what a process starts once is no leak
	files := openFiles()
	t.Run("town", func(t *testing.T) {
		testenv.Goroutines(t)
		openTown(t).liveAll(t, testenv.Seed(t))
	})
	if now := openFiles(); now > files {
		t.Errorf("%d files were open, %d are", files, now)
	}
}

// liveAll runs all seeds, some at a time since hosts mostly wait.
func (c *town) liveAll(t *testing.T, seed uint64) {
	rounds := testenv.Rounds(t, 12)
	seeds := make(chan int, rounds)
	for i := range rounds {
		seeds <- i
	}
	close(seeds)
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			for i := range seeds {
				random := rand.New(rand.NewPCG(seed, uint64(i)))
				c.live(t, strconv.Itoa(i), c.plot(random, 200), fateWays[i%len(fateWays)], 10+random.IntN(90))
			}
		})
	}
	workers.Wait()
}

func openFiles() int {
	list, err := os.ReadDir("/proc/self/fd")
	must(err)
	return len(list)
}

// sortedLines makes two reports comparable.
func sortedLines(lines []string) string {
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
