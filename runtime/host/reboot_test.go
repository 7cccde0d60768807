package host

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/sshclient"
	"gofab/internal/sshconfig"
	"gofab/internal/testenv"
	"gofab/runtime/event"
	"gofab/runtime/inventory"
	"gofab/runtime/transport"
)

// machineRoom is a host whose reboots are played by a test: sshd is stopped and
// started, and the boot has a name in a file.
type machineRoom struct {
	sshd   *testenv.SSHD
	handle *Handle
	reach  *transport.SSH
	orders string // a FIFO: the command that reboots writes into it

	patience time.Duration
}

func startMachineRoom(t *testing.T) *machineRoom {
	t.Helper()
	m := &machineRoom{sshd: testenv.StartSSHD(t), patience: long}
	m.orders = filepath.Join(m.sshd.Dir, "orders")
	if err := syscall.Mkfifo(m.orders, 0o666); err != nil {
		t.Fatal(err)
	}
	m.newBoot(t, "first")
	stream := event.New(t.Context(), event.Options{})
	t.Cleanup(func() { _ = stream.Close(context.Background()) })
	m.reach = &transport.SSH{
		Dialer: sshclient.NewDialer(sshclient.Deps{}), Events: stream,
		Config: sshconfig.Options{Files: []string{m.sshd.ConfigFile}, Overrides: [][2]string{{"ConnectTimeout", "2"}}},
	}
	pool := transport.NewPool(m.reach.Dial)
	t.Cleanup(func() { _ = pool.Close() })
	services := &Services{Pool: pool, Events: stream, handles: map[*inventory.Host]*Handle{}}
	m.handle = services.Handle(&inventory.Host{Name: m.sshd.Name, Transport: inventory.SSH})
	return m
}

// newBoot is what a kernel does when it starts.
func (m *machineRoom) newBoot(t *testing.T, id string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(m.sshd.Dir, "boot_id"), []byte(id+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// start begins a reboot; waitOrder waits until its command runs.
func (m *machineRoom) start(ctx context.Context, a rebootArgs) <-chan error {
	if a.Command == "" {
		a.Command = "echo now > " + m.orders + "; sleep 1000"
	}
	r := &rebooter{
		h: m.handle, args: a, bootID: "cat " + filepath.Join(m.sshd.Dir, "boot_id"),
		pause: 5 * time.Millisecond, patience: m.patience,
	}
	done := make(chan error, 1)
	go func() {
		result, err := r.run(ctx)
		if err == nil && (result.Down <= 0 || result.Up <= 0 || result.Duration < result.Down+result.Up) {
			err = fault.New(fault.Failed, "the result is %+v", result)
		}
		done <- err
		if f, err := os.OpenFile(m.orders, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil { // waitOrder would wait for ever
			_, _ = f.WriteString("over")
			f.Close()
		}
	}()
	return done
}

func (m *machineRoom) waitOrder(t *testing.T, done <-chan error) {
	t.Helper()
	if said, err := os.ReadFile(m.orders); err != nil || string(said) != "now\n" { // waits for the writer
		t.Fatalf("%q %v: %v", said, err, <-done)
	}
}

func expect(t *testing.T, done <-chan error, kind fault.Kind, text string) {
	t.Helper()
	err := <-done
	if fault.KindOf(err) != kind || err != nil && !strings.Contains(err.Error(), text) {
		t.Errorf("got %s: %v", fault.KindOf(err), err)
	}
}

const long = time.Minute

func TestReboot(t *testing.T) {
	testenv.Goroutines(t)
	m := startMachineRoom(t)
	checks := filepath.Join(m.sshd.Dir, "checks")
	// The first check is too early.
	done := m.start(t.Context(), rebootArgs{Timeout: long, Check: "echo x >> " + checks + "; test $(wc -l < " + checks + ") -ge 3"})
	m.waitOrder(t, done)
	m.sshd.Stop()
	m.newBoot(t, "second")
	m.sshd.Start(t)
	expect(t, done, "", "")
	if seen, _ := os.ReadFile(checks); strings.Count(string(seen), "x") != 3 {
		t.Errorf("checks: %q", seen)
	}
	// The connection of the pool is a new one that works.
	conn, err := m.handle.conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &rebooter{h: m.handle, limit: t.Context(), patience: long, bootID: "cat " + filepath.Join(m.sshd.Dir, "boot_id")}
	if now, err := r.boot(conn); err != nil || now.id != "second" {
		t.Errorf("got %+v %v", now, err)
	}
}

// The link drops and sshd answers again, but it is the old boot that does.
func TestRebootIsNotFooledByAnEarlyAnswer(t *testing.T) {
	testenv.Goroutines(t)
	m := startMachineRoom(t)
	done := m.start(t.Context(), rebootArgs{Timeout: long})
	m.waitOrder(t, done)
	for range 3 {
		m.sshd.Stop()
		m.sshd.Start(t)
		waitFor(t, func() bool { return strings.Count(m.sshd.Log(), "Accepted publickey") >= 3 })
		select {
		case err := <-done:
			t.Fatalf("done with the old boot: %v", err)
		default:
		}
	}
	m.sshd.Stop()
	m.newBoot(t, "second")
	m.sshd.Start(t)
	expect(t, done, "", "")
}

// A new name of the boot counts only behind a new connection.
func TestRebootNeedsTheLinkToDrop(t *testing.T) {
	testenv.Goroutines(t)
	m := startMachineRoom(t)
	done := m.start(t.Context(), rebootArgs{Timeout: time.Second, Command: "echo second > " + filepath.Join(m.sshd.Dir, "boot_id")})
	expect(t, done, fault.Timeout, "still up 1s after")
}

func TestRebootFailures(t *testing.T) {
	testenv.Goroutines(t)
	t.Run("never down", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		expect(t, m.start(t.Context(), rebootArgs{Timeout: 500 * time.Millisecond, Command: ":"}), fault.Timeout, "still up 500ms after")
	})
	t.Run("never up", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		done := m.start(t.Context(), rebootArgs{Timeout: 2 * time.Second})
		m.waitOrder(t, done)
		m.sshd.Stop()
		expect(t, done, fault.Timeout, "not back within 2s: cannot connect to")
	})
	t.Run("never another boot", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		done := m.start(t.Context(), rebootArgs{Timeout: 2 * time.Second})
		m.waitOrder(t, done)
		m.sshd.Stop()
		m.sshd.Start(t)
		expect(t, done, fault.Timeout, "it answers, but has not rebooted")
	})
	t.Run("changed host key", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		done := m.start(t.Context(), rebootArgs{Timeout: long})
		m.waitOrder(t, done)
		m.sshd.Stop()
		m.newBoot(t, "second")
		m.sshd.WriteHostKey(t, "ed25519")
		m.sshd.Start(t)
		expect(t, done, fault.HostKey, "changed")
	})
	t.Run("refused command", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		expect(t, m.start(t.Context(), rebootArgs{Timeout: long, Command: "echo no such right >&2; exit 1"}), fault.Exit, "no such right")
	})
	t.Run("boots without a name", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		m.newBoot(t, "")
		expect(t, m.start(t.Context(), rebootArgs{Timeout: long}), fault.Unsupported, "cannot be told apart")
	})
	t.Run("the check never succeeds", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		done := m.start(t.Context(), rebootArgs{Timeout: 3 * time.Second, Check: "echo not yet >&2; false"})
		m.waitOrder(t, done)
		m.sshd.Stop()
		m.newBoot(t, "second")
		m.sshd.Start(t)
		expect(t, done, fault.Timeout, "not yet")
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		m := startMachineRoom(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := m.start(ctx, rebootArgs{Timeout: long})
		m.waitOrder(t, done)
		m.sshd.Stop()
		cancel()
		expect(t, done, fault.Cancelled, "")
	})
	t.Run("this machine", func(t *testing.T) {
		t.Parallel()
		local := &Handle{Host: &inventory.Host{Name: inventory.LocalName, Transport: inventory.Local}}
		_, err := (&rebooter{h: local, args: rebootArgs{Timeout: long}}).run(t.Context())
		if fault.KindOf(err) != fault.Usage {
			t.Errorf("got %v", err)
		}
	})
}

// A machine that loses its power says no goodbye; no keepalive is waited for.
func TestRebootOfASilentMachine(t *testing.T) {
	testenv.Goroutines(t)
	m := startMachineRoom(t)
	proxy := testenv.Proxy(t, m.sshd.Addr)
	_, port, _ := strings.Cut(proxy.Addr, ":")
	m.reach.Config.Overrides = [][2]string{
		{"Port", port}, {"HostKeyAlias", "[127.0.0.1]:" + strconv.Itoa(m.sshd.Port)}, {"ServerAliveInterval", "0"}, {"ConnectTimeout", "1"},
	}
	m.patience = 500 * time.Millisecond
	done := m.start(t.Context(), rebootArgs{Timeout: long})
	m.waitOrder(t, done)
	proxy.BlackHole()
	waitFor(t, func() bool { return proxy.Connections() > 1 }) // it tries to come back
	m.sshd.Stop()
	m.newBoot(t, "second")
	m.sshd.Start(t)
	proxy.Pass()
	expect(t, done, "", "")
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 2000 {
		if ok() {
			return
		}
		<-tick.C
	}
	t.Fatal("it never happened")
}
