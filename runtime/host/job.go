package host

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/fault"
	"gofab/internal/sysinfo"
)

// Job is a command in the background: one that ends with the task at the
// latest, or one that stays on its host and can be found again.
type Job struct {
	ID      string
	host    *Handle
	command string
	stays   bool
	run     running
	killed  bool // by the script, which is no failure then
}

// running is what the two kinds of jobs do.
type running interface {
	// wait waits for the end; the error of ctx is no end of the command.
	wait(ctx context.Context) (command.Result, error)
	// poll tells whether the command has ended.
	poll(ctx context.Context) (ended bool, err error)
	tail(ctx context.Context, n int) ([]string, error)
	lines() kit.Iter
	pid(ctx context.Context) (int, error)
	write(text *string) error
	close(ctx context.Context) error
}

func jobType() kit.Type {
	return kit.TypeOf[*Job]("job", "A command in the background, as h:start gives it.",
		kit.Method("wait", "Wait for the end and give the result, which raises as with h:run. What the script itself has killed is no failure.", jobWait).With(
			`local p = host("web1"):start("sleep 0.1; echo done", { hide = true })
assert(p:wait().stdout == "done\n")`),
		kit.Method("poll", "Give the result if the command has ended, else nil.", jobPoll),
		kit.Method("tail", "Give the last lines of its output so far, both streams together; of one that stays, standard error comes first.", jobTail).With(
			`local p = host("web1"):start("seq 5", { hide = true })
p:wait()
assert(table.concat(p:tail(2), ",") == "4,5")`),
		kit.Method("lines", "Go through its output line by line, as it comes: for line in p:lines() do ... end.", jobLines).With(
			`local p, sum = host("web1"):start("seq 4", { hide = true }), 0
for line in p:lines() do sum = sum + tonumber(line) end
assert(sum == 10)`),
		kit.Method("write", "Write to its standard input; start it with input = true.", jobWrite),
		kit.Method("line", "Write a line to its standard input.", jobLine).With(
			`local p = host("web1"):start("while read x; do echo got $x; done", { input = true, hide = true })
p:line("one")
p:close_stdin()
assert(p:wait().stdout == "got one\n")`),
		kit.Method("close_stdin", "End its standard input.", jobCloseStdin),
		kit.Method("kill", "Send a signal to the command and all its children on the host.", jobKill).With(
			`local p = host("web1"):start("sleep 1000", { hide = true })
p:kill("KILL")
assert(p:wait().code == 137)`),
		kit.Method("close", "End the command, and forget what the host keeps of it.", jobClose),
	).Fields(
		kit.Field("id", "Name by which h:job finds one that stays.", func(p *Job) string { return p.ID }),
		kit.Field("host", "Name of the host.", func(p *Job) string { return p.host.Name }),
		kit.Field("command", "The command as it was given.", func(p *Job) string { return p.command }),
		kit.Field("detached", "Whether it stays when the run ends.", func(p *Job) bool { return p.stays }),
	)
}

type waitArgs struct {
	Timeout time.Duration `lua:"timeout" default:"0s" doc:"How long to wait; 0 is for ever. Then an error of the kind timeout is raised, and the command goes on."`
}

func jobWait(c *kit.Call, p *Job, a waitArgs) (command.Result, error) {
	ctx := c.Context
	if a.Timeout > 0 {
		limit := fault.New(fault.Timeout, "the command has not ended within %s: %s", a.Timeout, p.command).WithHint("it goes on; p:close() ends it")
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, a.Timeout, limit)
		defer cancel()
	}
	return p.ended(p.run.wait(ctx))
}

// ended forgives a failure that the script has asked for.
func (p *Job) ended(r command.Result, err error) (command.Result, error) {
	var e *fault.Error
	if p.killed && errors.As(err, &e) && e.Kind == fault.Exit {
		return r, nil
	}
	return r, p.host.named(err)
}

func jobPoll(c *kit.Call, p *Job, _ struct{}) (*command.Result, error) {
	ended, err := p.run.poll(c.Context)
	if err != nil || !ended {
		return nil, p.host.named(err)
	}
	r, err := p.ended(p.run.wait(c.Context))
	return &r, err
}

type tailArgs struct {
	N int `lua:"n,arg1" default:"10" doc:"How many lines."`
}

func jobTail(c *kit.Call, p *Job, a tailArgs) ([]string, error) {
	if a.N < 1 {
		return nil, fault.New(fault.Usage, "n: want at least 1 line, got %d", a.N)
	}
	lines, err := p.run.tail(c.Context, a.N)
	return lines, p.host.named(err)
}

func jobLines(_ *kit.Call, p *Job, _ struct{}) (kit.Iter, error) { return p.run.lines(), nil }

type textArgs struct {
	Text string `lua:"text,arg1" doc:"What is written."`
}

func jobWrite(_ *kit.Call, p *Job, a textArgs) (kit.None, error) {
	return kit.None{}, p.host.named(p.run.write(&a.Text))
}

func jobLine(_ *kit.Call, p *Job, a textArgs) (kit.None, error) {
	text := a.Text + "\n"
	return kit.None{}, p.host.named(p.run.write(&text))
}

func jobCloseStdin(_ *kit.Call, p *Job, _ struct{}) (kit.None, error) {
	return kit.None{}, p.host.named(p.run.write(nil))
}

type killArgs struct {
	Signal string `lua:"signal,arg1" default:"TERM" doc:"Name of the signal without SIG, such as TERM, KILL, HUP, USR1."`
}

var signalName = regexp.MustCompile(`^[A-Z][A-Z0-9]*$`)

// treeScript sends the signal $1 to everything below the process $2, and with
// $3 to that as well: parents first, so that none goes on because its child has
// ended. Where there is no ps, the process alone gets it.
const treeScript = `l=$(ps -A -o pid= -o ppid= 2>/dev/null | awk -v p="$2" -v all="$3" '{ up[$1] = $2 }
END { for (i in up) { x = i; depth = 0; while (x > 1 && x != p && x in up) { x = up[x]; depth++ }
  if (x == p && (all || i != p)) print depth, i } }' | sort -n | cut -d " " -f 2)
kill -s "$1" ${l:-"$2"}`

func jobKill(c *kit.Call, p *Job, a killArgs) (kit.None, error) {
	name := strings.TrimPrefix(strings.ToUpper(a.Signal), "SIG")
	if _, err := sysinfo.ParseSignal(name); err != nil || !signalName.MatchString(name) {
		return kit.None{}, fault.New(fault.Usage, "%q is not the name of a signal", a.Signal)
	}
	pid, err := p.run.pid(c.Context)
	if err != nil || pid == 0 {
		return kit.None{}, p.host.named(err) // it has ended
	}
	ended, err := p.run.poll(c.Context)
	if err != nil || ended {
		return kit.None{}, p.host.named(err)
	}
	p.killed = true
	all := "all"
	if p.stays {
		all = "" // the shell around it notes the exit code
	}
	_, err = p.host.atHome().Output(c.Context, scriptLine(treeScript, name, decimal(pid), all), nil, 0)
	if fault.KindOf(err) == fault.Exit {
		if ended, _ := p.run.poll(c.Context); ended {
			err = nil // just now
		}
	}
	return kit.None{}, err
}

func jobClose(c *kit.Call, p *Job, _ struct{}) (kit.None, error) {
	return kit.None{}, p.host.named(p.run.close(c.Context))
}
