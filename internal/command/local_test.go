package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// lifeline is a named pipe: who has it open for writing still lives. Commands
// reach it as $LIFE.
type lifeline struct {
	path  string
	file  *os.File
	begun chan struct{} // closed when file is set
}

func newLifeline(t testing.TB) *lifeline {
	path := filepath.Join(t.TempDir(), "life")
	if err := syscall.Mkfifo(path, 0o666); err != nil {
		t.Fatal(err)
	}
	return &lifeline{path: path, begun: make(chan struct{})}
}

// begin waits until somebody has opened it.
func (l *lifeline) begin(t testing.TB) {
	var err error
	if l.file, err = os.Open(l.path); err != nil {
		t.Error(err)
	}
	close(l.begun)
}

// end waits until nobody has it open any more.
func (l *lifeline) end(t testing.TB) {
	t.Helper()
	<-l.begun
	_ = l.file.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.ReadAll(l.file); err != nil {
		t.Errorf("something lives on: %v", err)
	}
	_ = l.file.Close()
}

// trees are commands that keep the lifeline open in several processes.
var trees = map[string]string{
	"simple":    `exec 9>"$LIFE"; sleep 1000`,
	"pipe":      `exec 9>"$LIFE"; sleep 1000 | sleep 1000`,
	"children":  `exec 9>"$LIFE"; for i in 1 2 3; do (sleep 1000 & sleep 1000) & done; wait`,
	"leader":    `exec 9>"$LIFE"; (sleep 1000; echo) & trap "exit 0" TERM; sleep 1000`,
	"stubborn":  `exec 9>"$LIFE"; trap "" TERM HUP INT; sleep 1000; sleep 1000; sleep 1000`,
	"stubborn2": `exec 9>"$LIFE"; (trap "" TERM HUP; sleep 1000; sleep 1000) & sleep 1000`,
}

func TestCancelEndsTheWholeTree(t *testing.T) {
	kinds := map[string]func(*Options){
		"watched": nil,
		"stdin":   func(o *Options) { o.Stdin = Text("x") },
		"pty":     func(o *Options) { o.PTY = true },
		"bash":    func(o *Options) { o.Shell = "/bin/bash" },
	}
	if os.Geteuid() == 0 {
		kinds["sudo"] = func(o *Options) { o.Sudo = true }
	}
	for name, tree := range trees {
		for kind, change := range kinds {
			if kind != "watched" && name != "children" && name != "stubborn2" {
				continue
			}
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				life, l := newLifeline(t), local(t)
				ctx, cancel := context.WithCancel(t.Context())
				go func() {
					life.begin(t)
					cancel()
				}()
				options := with(change)
				options.Env = map[string]string{"LIFE": life.path}
				_, err := Run(ctx, l, Request{Line: tree, Options: options}, Deps{})
				if fault.KindOf(err) != fault.Cancelled {
					t.Fatal(err)
				}
				life.end(t)
			})
		}
	}
}

// A stubborn command is gone when Close returns.
func TestCloseWaitsForTheEnd(t *testing.T) {
	testenv.Goroutines(t)
	life, l := newLifeline(t), local(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		life.begin(t)
		cancel()
	}()
	_, err := l.Exec(ctx, Exec{Line: trees["stubborn"], Env: map[string]string{"LIFE": life.path}})
	if err != context.Canceled {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	life.end(t)
}

// TestGofabDies kills the process that runs the command; the watcher sees it.
func TestGofabDies(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("GOFAB_TEST_LIFE"); path != "" {
		o := with(func(o *Options) { o.Env = map[string]string{"LIFE": path} })
		_, err := Run(context.Background(), &Local{}, Request{Line: trees["stubborn2"], Options: o}, Deps{})
		t.Fatalf("ended: %v", err)
	}
	life := newLifeline(t)
	gofab := exec.Command(os.Args[0], "-test.run=^TestGofabDies$")
	gofab.Env = append(os.Environ(), "GOFAB_TEST_LIFE="+life.path)
	if err := gofab.Start(); err != nil {
		t.Fatal(err)
	}
	life.begin(t)
	_ = gofab.Process.Kill()
	_ = gofab.Wait()
	life.end(t)
}

// A child left behind lives on, and holds nobody up with the streams it keeps.
func TestChildrenLeftBehind(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"watched": nil,
		"stdin":   func(o *Options) { o.Stdin = Text("x") },
	} {
		life := newLifeline(t)
		r := mustRun(t, `(exec 9>"$LIFE"; trap 'exit 0' TERM; while :; do sleep 0.02; done) & echo $!`, func(o *Options) {
			o.Env = map[string]string{"LIFE": life.path}
			if change != nil {
				change(o)
			}
		})
		life.begin(t)
		var pid int
		if _, err := fmt.Sscan(r.Stdout, &pid); err != nil {
			t.Fatal(name, err)
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Errorf("%s: the child was killed: %v", name, err)
		}
		life.end(t)
	}
}

func TestDetachedCommandSurvives(t *testing.T) {
	l, life := local(t), newLifeline(t)
	line := `exec 9>"$LIFE"; read pid rest </proc/self/stat; echo $$ >pid; sleep 1000`
	o := with(func(o *Options) { o.Detach, o.Env = true, map[string]string{"LIFE": life.path} })
	r, err := Run(t.Context(), l, Request{Line: line, Options: o}, Deps{})
	if err != nil || r.Stdout != "" || !r.OK {
		t.Fatalf("%+v, %v", r, err)
	}
	_ = l.Close()
	life.begin(t)
	var pid int
	for pid == 0 { // the file is written right behind the opening of the lifeline
		text, _ := os.ReadFile(filepath.Join(l.Dir, "pid"))
		_, _ = fmt.Sscan(string(text), &pid)
	}
	if err := syscall.Kill(-pid, syscall.SIGKILL); err != nil {
		t.Errorf("not in a session of its own: %v", err)
	}
	life.end(t)
}

func TestNothingIsLeftBehind(t *testing.T) {
	testenv.Goroutines(t)
	files := countFiles(t)
	l := local(t)
	for i := range 30 {
		ctx, cancel := context.WithCancel(t.Context())
		req := Request{Line: "echo up; sleep 1000", Options: with(func(o *Options) { o.PTY = i%3 == 0 })}
		if i%2 == 0 {
			req.Line = "exit " + fmt.Sprint(i%5)
		}
		req.OnLine = func(string, string) { cancel() }
		_, _ = Run(ctx, l, req, Deps{})
		cancel()
	}
	_ = l.Close()
	if now := countFiles(t); now > files {
		t.Errorf("%d open files, %d before", now, files)
	}
	if state, err := os.ReadFile("/proc/self/task/" + fmt.Sprint(os.Getpid()) + "/children"); err == nil {
		for _, pid := range strings.Fields(string(state)) {
			t.Errorf("process %s is left", pid)
		}
	}
}

func countFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc")
	}
	return len(entries)
}

func TestStartErrors(t *testing.T) {
	l := &Local{Shell: []string{"/no/such/shell", "-c"}}
	if _, err := l.Exec(t.Context(), Exec{Line: "true"}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no shell: %v", err)
	}
	l = &Local{}
	if _, err := l.Exec(t.Context(), Exec{Line: strings.Repeat("x", 1<<20)}); fault.KindOf(err) != fault.Usage {
		t.Errorf("too long: %v", err)
	}
	if _, err := Run(t.Context(), l, Request{Line: strings.Repeat("x", 1<<20)}, Deps{}); fault.KindOf(err) != fault.Usage {
		t.Errorf("too long: %v", err)
	}
}

// A writer that fails does not stop the command, which may have work to do.
func TestFailingWriter(t *testing.T) {
	r, w := io.Pipe()
	_ = r.Close()
	exit, err := local(t).Exec(t.Context(), Exec{Line: "yes | head -c 1000000; exit 3", Stdout: w})
	if exit.Code != 3 || err != nil {
		t.Fatalf("%+v, %v", exit, err)
	}
}

func BenchmarkTrue(b *testing.B) {
	b.Run("os/exec", func(b *testing.B) {
		for b.Loop() {
			if _, err := exec.Command("/bin/sh", "-c", "true").Output(); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, change := range map[string]func(*Options){
		"watched": nil,
		"stdin":   func(o *Options) { o.Stdin = Text("x") },
		"raw":     func(o *Options) { o.Shell = NoShell },
	} {
		b.Run(name, func(b *testing.B) {
			l := local(b)
			for b.Loop() {
				if _, err := Run(b.Context(), l, Request{Line: "true", Options: with(change)}, Deps{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkOutput(b *testing.B) {
	l, count := local(b), 0
	b.SetBytes(64 << 20)
	for b.Loop() {
		req := Request{Line: "yes 'a line of an ordinary length, as in a log' | head -c 67108864", Options: Defaults()}
		req.OnLine = func(string, string) { count++ }
		if _, err := Run(b.Context(), l, req, Deps{}); err != nil {
			b.Fatal(err)
		}
	}
}
