package run_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"gofab/bindings"
	"gofab/internal/sshserver"
	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/task"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// Two hundred hosts, each with a fate of its own for each round: what is told
// at the end must be what happened, whatever it was.

const fateHosts = 200

// fateOf is how a host deals with the command of a round.
type fateOf struct {
	name  string
	state event.State
	code  int // -1: none is known
	play  func(ctx context.Context, h *fateHost, out io.Writer) int
}

var fates = []fateOf{
	{"ok", event.OK, 0, func(_ context.Context, _ *fateHost, out io.Writer) int { return say(out, "fine\n", 0) }},
	{"fails", event.Failed, 3, func(_ context.Context, _ *fateHost, out io.Writer) int { return say(out, "not fine\n", 3) }},
	{"slow", event.OK, 0, func(ctx context.Context, _ *fateHost, out io.Writer) int {
		pause(ctx, 20*time.Millisecond)
		return say(out, "late\n", 0)
	}},
	{"huge", event.OK, 0, func(_ context.Context, _ *fateHost, out io.Writer) int {
		return say(out, strings.Repeat(strings.Repeat("x", 99)+"\n", 1000), 0)
	}},
	{"hangs", event.Timeout, -1, func(ctx context.Context, _ *fateHost, _ io.Writer) int { <-ctx.Done(); return -1 }},
	{"endless", event.Timeout, -1, func(ctx context.Context, _ *fateHost, out io.Writer) int {
		for ctx.Err() == nil {
			say(out, strings.Repeat("again and again\n", 100), 0)
			pause(ctx, time.Millisecond)
		}
		return -1
	}},
	{"dies", event.Unknown, -1, func(ctx context.Context, h *fateHost, out io.Writer) int {
		say(out, "half a li", 0)
		h.links.drop()
		<-ctx.Done()
		return -1
	}},
	{"silent", event.Unknown, -1, func(_ context.Context, _ *fateHost, out io.Writer) int { return say(out, "no status\n", -1) }},
}

func say(out io.Writer, text string, code int) int {
	_, _ = io.WriteString(out, text)
	return code
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// fateOfRound chooses the fate of a host in a round. Most hosts are well.
func fateOfRound(round uint64, host int) fateOf {
	r := rand.New(rand.NewPCG(round, uint64(host)))
	if r.IntN(2) == 0 {
		return fates[0]
	}
	return fates[r.IntN(len(fates))]
}

// fateHost is one host; links are its connections.
type fateHost struct {
	number int
	links  *links
}

// links is a listener that can drop what it has accepted.
type links struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (l *links) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.mu.Lock()
		l.conns = append(l.conns, conn)
		l.mu.Unlock()
	}
	return conn, err
}

func (l *links) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		_ = conn.Close()
	}
	l.conns = nil
}

var roundOf = regexp.MustCompile(`round (\d+)`)

func (h *fateHost) exec(ctx context.Context, line string, ch sshserver.Stream) int {
	round, _ := strconv.ParseUint(roundOf.FindStringSubmatch(line)[1], 10, 64)
	return fateOfRound(round, h.number).play(ctx, h, ch)
}

// startFates starts the hosts and gives the ssh_config that leads to them. The
// last two are none: nothing listens there, or with another key.
func startFates(t *testing.T) (config string) {
	t.Helper()
	dir := t.TempDir()
	signer := newClientKey(filepath.Join(dir, "id"))
	var hosts, known strings.Builder
	for i := range fateHosts {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(err)
		h := &fateHost{number: i, links: &links{Listener: listener}}
		server, err := sshserver.Start(t.Context(), sshserver.Config{
			Name: fmt.Sprintf("h%d", i), Root: dir, Listener: h.links, Authorized: []ssh.PublicKey{signer.PublicKey()}, Exec: h.exec,
		})
		must(err)
		t.Cleanup(func() { _ = server.Close() })
		_, port, _ := strings.Cut(server.Addr(), ":")
		fmt.Fprintf(&hosts, "Host h%d\n  HostName 127.0.0.1\n  Port %s\n", i, port)
		key := server.HostKey()
		switch i {
		case fateHosts - 1:
			must(listener.Close())
		case fateHosts - 2:
			other, err := sshserver.NewKey()
			must(err)
			key = other.PublicKey()
		}
		fmt.Fprintf(&known, "[127.0.0.1]:%s %s", port, ssh.MarshalAuthorizedKey(key))
	}
	fmt.Fprintf(&hosts, "Host *\n  User fate\n  IdentityFile %s/id\n  IdentitiesOnly yes\n  UserKnownHostsFile %s/known_hosts\n", dir, dir)
	config = filepath.Join(dir, "config")
	must(os.WriteFile(config, []byte(hosts.String()), 0o600))
	must(os.WriteFile(filepath.Join(dir, "known_hosts"), []byte(known.String()), 0o600))
	return config
}

// wanted is how a host has to end in a round.
func wanted(round uint64, host int) event.State {
	if host >= fateHosts-2 {
		return event.Unreachable
	}
	return fateOfRound(round, host).state
}

// stuck are the hosts that will have to be given up; the others have all the
// time they need.
func stuck(round uint64) map[string]any {
	names := map[string]any{}
	for i := range fateHosts {
		if wanted(round, i) == event.Timeout {
			names[fmt.Sprintf("h%d", i)] = true
		}
	}
	return names
}

func TestEveryHostEndsAsItDid(t *testing.T) {
	_, stop := world.Process().Run(t.Context()) // starts what listens to signals for good
	stop()
	testenv.Goroutines(t)
	config := startFates(t)
	rounds, first := uint64(10), testenv.Seed(t)
	if text := os.Getenv("GOFAB_ROUNDS"); text != "" {
		rounds, _ = strconv.ParseUint(text, 10, 64)
	}
	w, out := world.Process(), &bytes.Buffer{}
	w.In, w.Out, w.Err = strings.NewReader(""), out, io.Discard
	r, err := run.Open(context.Background(), run.Options{
		World: w, Modules: bindings.Modules(), Stdlib: stdlib.Files, Format: run.JSONL, Forks: fateHosts,
		Remote: run.RemoteOptions{ConfigFile: config},
	})
	must(err)
	defer r.Close()
	must(r.Evaluate(`task("meet", { hosts = "h[0-199]", args = { round = 0 } }, function(h, a)
  return h:run("round " .. a.round, { hide = true, timeout = a.stuck[h.name] and "300ms" or "60s", max_output = 4096 }).code
end)`, "fates.lua", nil))
	meet, err := r.Tasks.Find("meet")
	must(err)
	for round := first; round < first+rounds; round++ {
		results, err := r.Do([]task.Call{{Task: meet, Values: map[string]any{"round": float64(round), "stuck": stuck(round)}}})
		must(err)
		checkRound(t, r, round, results)
		must(r.Flush())
		checkEvents(t, round, out)
	}
}

// checkRound looks at the results and the exit code.
func checkRound(t *testing.T, r *run.Run, round uint64, results []event.HostResult) {
	t.Helper()
	if len(results) != fateHosts {
		t.Fatalf("round %d: %d results", round, len(results))
	}
	for i, result := range results {
		if want := wanted(round, i); result.State != want {
			t.Errorf("round %d: %s is %s, want %s (%s): %v", round, result.Host, result.State, want, fateOfRound(round, i).name, result.Error)
		}
	}
	if code := r.ExitCode(results, nil); code != world.ExitPartial {
		t.Errorf("round %d: exit code %d", round, code)
	}
}

// checkEvents looks at what the round told, and empties it: each host has one
// state, each command one end, and the summary counts right.
func checkEvents(t *testing.T, round uint64, out *bytes.Buffer) {
	t.Helper()
	states, codes := map[string]event.State{}, map[string]int{}
	var summary event.Summary
	for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
		var e struct {
			Event, Host string
			State       event.State
			Code        *int
			Summary     event.Summary
		}
		must(json.Unmarshal(line, &e))
		switch e.Event {
		case "host_state":
			if _, twice := states[e.Host]; twice {
				t.Errorf("round %d: %s ends twice", round, e.Host)
			}
			states[e.Host] = e.State
		case "command_end":
			codes[e.Host] = -1
			if e.Code != nil {
				codes[e.Host] = *e.Code
			}
		case "run_end":
			summary = e.Summary
		}
	}
	out.Reset()
	counts := map[event.State]int{}
	for i := range fateHosts {
		name, want := fmt.Sprintf("h%d", i), wanted(round, i)
		counts[want]++
		if states[name] != want {
			t.Errorf("round %d: the event says that %s is %q, want %s", round, name, states[name], want)
		}
		if want != event.Unreachable && codes[name] != fateOfRound(round, i).code {
			t.Errorf("round %d: %s ended with %d, want %d", round, name, codes[name], fateOfRound(round, i).code)
		}
	}
	if fmt.Sprint(counts) != fmt.Sprint(summary.States) {
		t.Errorf("round %d: the summary says %v, want %v", round, summary.States, counts)
	}
}
