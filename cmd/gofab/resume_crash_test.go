package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"gofab/internal/testenv"
	"gofab/runtime/journal"
)

// crashFile has 3 hosts, 2 tasks and 3 steps each, one inside another; every
// step leaves a mark each time that it runs.
const crashFile = `inventory{ web = { "web1", "web2", "web3" } }
local marks = os.getenv("MARKS")
for _, name in ipairs{ "first", "second" } do
  task(name, { hosts = "@web" }, function(h)
    local function mark(s) return function() h:run("echo . >> " .. marks .. "/" .. h.name .. "." .. name .. "." .. s) return s end end
    assert("one" == (step("one", mark("one")) or "one")) -- nothing where it was counted as done
    step("outer", function()
      assert("two" == (step("two", mark("two")) or "two"))
      step("three", mark("three"))
    end)
  end)
end`

// crash is one run that is killed again and again.
type crash struct {
	t       *testing.T
	dir     string
	random  *rand.Rand
	doubted map[string]bool // marks of steps that nobody knows the end of: host.task.step
	kills   int
	counted map[string]bool // and of what was then counted as done
}

// A run that is killed at any point, and resumed until it is through, has done
// every step exactly once, but for those that it asks about.
func TestKilledRunsDoEachStepOnce(t *testing.T) {
	testKilled(t, syscall.SIGKILL)
}

// Ctrl-C is the same with more manners: what was under way is known to have
// been ended, and runs again.
func TestInterruptedRunsDoEachStepOnce(t *testing.T) {
	testKilled(t, syscall.SIGINT)
}

func testKilled(t *testing.T, sig syscall.Signal) {
	first := testenv.Seed(t)
	for seed := first; seed < first+crashSeeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := &crash{
				t: t, dir: t.TempDir(), random: rand.New(rand.NewPCG(seed, uint64(sig))),
				doubted: map[string]bool{}, counted: map[string]bool{},
			}
			c.write("deploy.lua", crashFile)
			if err := os.Mkdir(filepath.Join(c.dir, "marks"), 0o700); err != nil {
				t.Fatal(err)
			}
			c.story(sig)
			c.check()
		})
	}
}

// crashSeeds is how many stories each signal has.
const crashSeeds = 6

func (c *crash) write(name, text string) {
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// story runs, kills and resumes until the run is through.
func (c *crash) story(sig syscall.Signal) {
	args := []string{"--sandbox", "--forks", fmt.Sprint(1 + c.random.IntN(3)), "deploy.lua", "first", "second"}
	for round := 0; ; round++ {
		if c.once(args, sig, round < 6) {
			return
		}
		if round > 8 {
			c.t.Fatal("it does not come to its end")
		}
		runs := journal.Runs(filepath.Join(c.dir, "gofab", "runs"), func(err error) { c.t.Error(err) })
		past, err := journal.Last(runs, c.dir, "")
		switch {
		case err == nil:
			args = []string{"resume", "--unknown", c.doubts(past)}
		case len(slices.Collect(runs)) > 0:
			return // it was killed after its end
		}
	}
}

// once runs gofab and tells whether it came to a good end before it was killed.
func (c *crash) once(args []string, sig syscall.Signal, kill bool) bool {
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	var out bytes.Buffer
	cmd := exec.Command(self, append([]string{args[0]}, args[1:]...)...)
	cmd.Args[0], cmd.Dir, cmd.Stdout, cmd.Stderr = "gofab", c.dir, &out, &out
	cmd.Env = append(os.Environ(), "HOME="+c.dir, "XDG_STATE_HOME="+c.dir, "MARKS="+filepath.Join(c.dir, "marks"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // nobody is asked
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if !kill {
		err = <-ended
	} else {
		err = c.killAt(cmd, sig, ended)
	}
	code := cmd.ProcessState.ExitCode()
	if err != nil && code != -1 && code != 130 {
		c.t.Fatalf("exit code %d\n%s", code, out.String())
	}
	return err == nil
}

// killAt sends a signal once some more marks are there.
func (c *crash) killAt(cmd *exec.Cmd, sig syscall.Signal, ended chan error) error {
	until := c.marks() + c.random.IntN(8)
	more := time.Duration(c.random.IntN(6000)) * time.Microsecond // somewhere between two marks
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
		if c.marks() >= until {
			break
		}
	}
	timer := time.NewTimer(more)
	defer timer.Stop()
	select {
	case err := <-ended:
		return err
	case <-timer.C:
	}
	_ = cmd.Process.Signal(sig)
	c.kills++
	return <-ended
}

func (c *crash) marks() int {
	n := 0
	files, _ := filepath.Glob(filepath.Join(c.dir, "marks", "*"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		n += bytes.Count(text, []byte("\n"))
	}
	return n
}

// doubts notes what the journal has no end of, and chooses how it is settled.
func (c *crash) doubts(past *journal.Run) string {
	note := c.doubted
	how := "run"
	if c.random.IntN(3) == 0 {
		note, how = c.counted, "done"
	}
	_, err := past.Decide(func(q journal.Question) (journal.Answer, error) {
		for _, step := range []string{"one", "two", "three"} {
			if q.Step == "" || q.Step == step || q.Step == "outer/"+step || q.Step == "outer" && step != "one" {
				note[q.Host+"."+q.Task+"."+step] = true
			}
		}
		return journal.Again, nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.cancelled(past)
	return how
}

// cancelled notes the steps that ended in any other way than well: the mark may
// have been made before the end.
func (c *crash) cancelled(past *journal.Run) {
	text, err := os.ReadFile(past.Path)
	if err != nil {
		c.t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var l struct {
			Type, Host, Step, State string
			Call                    int
		}
		if json.Unmarshal(line, &l) == nil && l.Type == "step_end" && l.State != "ok" {
			c.doubted[l.Host+"."+past.Calls[l.Call].Task+"."+filepath.Base(l.Step)] = true
		}
	}
}

// check counts the marks of every step.
func (c *crash) check() {
	c.t.Logf("%d kills, doubted %d, counted as done %d", c.kills, len(c.doubted), len(c.counted))
	for _, host := range []string{"web1", "web2", "web3"} {
		for _, task := range []string{"first", "second"} {
			for _, step := range []string{"one", "two", "three"} {
				name := host + "." + task + "." + step
				text, _ := os.ReadFile(filepath.Join(c.dir, "marks", name))
				n := bytes.Count(text, []byte("\n"))
				if n == 1 || n > 1 && c.doubted[name] || n == 0 && c.counted[name] {
					continue
				}
				c.t.Errorf("%s was done %d times (doubted %t, counted as done %t)", name, n, c.doubted[name], c.counted[name])
			}
		}
	}
}
