// Package run is one run from start to end: it puts world, events, interpreter,
// inventory, hosts and tasks together, and takes them apart again.
//
// Rules: what a run keeps lives in the run, so that two of them in one process
// know nothing of each other; whatever was opened is closed, also after
// Ctrl-C; the last thing a run shows is how every host ended.
package run

import (
	"context"
	"io/fs"
	"sync/atomic"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/runtime/config"
	"gofab/runtime/event"
	"gofab/runtime/extend"
	"gofab/runtime/hooks"
	"gofab/runtime/host"
	"gofab/runtime/inventory"
	"gofab/runtime/journal"
	"gofab/runtime/replay"
	"gofab/runtime/task"
	"gofab/runtime/transport"
	"gofab/runtime/vm"
	"gofab/runtime/world"
)

// Options is what the command line says of a run.
type Options struct {
	World   *world.World
	Modules []*kit.Module // of the bindings; the run adds its own vocabulary
	Stdlib  fs.FS

	Format    string // what goes to standard output; "" is text
	Verbosity event.Verbosity
	Output    OutputOptions

	Target  TargetOptions
	Forks   int // hosts at once
	Fan     FanOptions
	Timeout time.Duration // for the whole run; 0 is none
	Remote  RemoteOptions
	Link    LinkOptions
	Sandbox SandboxOptions
	Journal JournalOptions
	Record  RecordOptions

	Settings  *config.Config // nil has no settings but those of a script
	Questions kit.Questions
	Commands  CommandOptions
	Passwords PasswordOptions

	TraceExpect bool // explain each wait of a dialogue
}

// SandboxOptions say whether hosts are embedded ones.
type SandboxOptions struct {
	On    bool
	Count int    // hosts sandbox1 to sandboxN where the script names none
	Dir   string // keeps the homes; "" is a folder that is removed
}

// Run is one run.
type Run struct {
	Context context.Context
	Env     *kit.Env
	VM      *vm.VM
	Tasks   *task.Set
	Hosts   *inventory.Inventory
	Events  *event.Stream

	options   Options
	hooks     *hooks.Set
	services  *host.Services
	passwords *passwords
	asked     atomic.Bool // the hosts of the command line were asked for
	seedTold  atomic.Bool
	around    []task.Around // every task on every host; outermost first
	stopped   error         // why a rollout stopped the run
	began     time.Time
	recorder  *replay.Recorder // nil when nothing is recorded
	clock     func() time.Time // of a run that is shown again; nil is the world's
	cleanup   []func()
	file      string
	dir       string   // the working folder when it was loaded
	words     []string // what followed the file
}

// Open makes a run. It must be closed.
func Open(parent context.Context, o Options) (*Run, error) {
	ctx, stop := o.World.Run(parent)
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, o.Timeout,
			fault.New(fault.Timeout, "the run took longer than %s", o.Timeout).WithHint("--timeout sets the limit"))
		outer := stop
		stop = func() { cancel(); outer() }
	}
	r := &Run{Context: ctx, options: o, began: o.World.Now()}
	r.onClose(stop)
	secrets := &secret.Redactor{}
	events, late, err := r.events(secrets)
	if err != nil {
		stop()
		return nil, err
	}
	r.Events = events
	r.Env = &kit.Env{World: &desk{o.World, r}, Events: r.door(), Secrets: secrets, Shared: kit.NewShared(), Questions: o.Questions}
	r.passwords = r.newPasswords()
	r.commands()
	r.Env.Dialogues().Trace = o.TraceExpect
	extend.Of(r.Env).Await(ctx, late)
	if o.Settings != nil {
		config.Install(r.Env, o.Settings)
	}
	r.Tasks, r.Hosts, r.hooks = task.SetOf(r.Env), inventory.Of(r.Env), hooks.Of(r.Env)
	if err := r.reach(); err != nil {
		r.Close()
		return nil, err
	}
	if o.Passwords.AskBecome {
		if _, err := r.passwords.become(ctx, ""); err != nil {
			r.Close()
			return nil, err
		}
	}
	r.VM = vm.New(vm.Options{Env: r.Env, Modules: Modules(o.Modules), Stdlib: o.Stdlib})
	r.onClose(r.VM.Close)
	r.lendInventory()
	if err := r.loadSources(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Modules adds the vocabulary of a run to the modules of the bindings.
func Modules(bindings []*kit.Module) []*kit.Module {
	return append([]*kit.Module{task.Module(), inventory.Module(), host.Module(), config.Module(), extend.Module(), hooks.Module(), journal.Module(), replay.Module()}, bindings...)
}

func (r *Run) onClose(f func()) { r.cleanup = append(r.cleanup, f) }

// closeLimit bounds how long a slow terminal can hold up the end of a run.
const closeLimit = 10 * time.Second

// Close ends the run: connections, processes, temporary files.
func (r *Run) Close() {
	_ = r.hooks.Close() // handlers may want the connections
	_ = r.Env.Shared.Close()
	r.Env.Events.Flush()
	for i := len(r.cleanup) - 1; i >= 0; i-- {
		if i == 0 { // the context goes last: the events need it no more
			ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
			_ = r.Events.Close(ctx)
			cancel()
		}
		r.cleanup[i]()
	}
}

// reach opens the ways to the hosts.
func (r *Run) reach() error {
	if err := r.play(); err != nil {
		return err
	}
	ssh := r.ssh()
	if err := r.options.Link.link(r.Context, ssh); err != nil {
		return err
	}
	dial, locate := ssh.Dial, r.locate
	if r.options.Sandbox.On {
		sandbox, err := r.sandbox(ssh)
		if err != nil {
			return err
		}
		dial, locate = sandbox.Dial, sandbox.Locate
	}
	if r.options.Record.Replay != "" {
		locate = nowhere
	}
	pool := transport.NewPool(r.recorded(func(ctx context.Context, h *inventory.Host) (transport.Conn, error) {
		r.Hosts.Settle()
		if h.Problem != nil {
			return nil, h.Problem
		}
		if h.Transport == inventory.Local {
			return transport.NewLocal(r.Env.Local(), r.options.World.Home(), r.options.World.Dir()), nil
		}
		return r.hooks.Dial(ctx, h, r.extended(dial))
	}))
	pool.SetRoom(r.options.Link.room(r.options.Sandbox.On))
	r.onClose(func() { _ = pool.Close() })
	r.services = &host.Services{
		Pool: pool, Events: r.Events, Inventory: r.Hosts, Forks: r.options.Forks, Fan: r.options.Fan.Fan, Commands: *r.Env.Commands(),
	}
	host.Install(r.Env, r.services)
	task.InstallLoader(r.Env, r.include)
	task.Install(r.Env, func() *task.Runner { return r.runner(false) })
	r.hooks.Install(r.Context, r.services)
	r.lend(ssh, locate)
	return nil
}

// explain gives the reason for which a run ended, when it was ended.
func (r *Run) explain(err error) error {
	if r.Context.Err() == nil {
		return err
	}
	if _, exited := world.Exited(r.Context); exited {
		return context.Cause(r.Context)
	}
	cause := context.Cause(r.Context)
	if fault.KindOf(cause) != fault.Timeout {
		return err
	}
	e := *fault.From(cause) // the limit of the whole run, whatever the script did at that moment
	e.Where, e.Trace = fault.From(err).Where, fault.From(err).Trace
	return &e
}

// Do runs tasks and tells how every host ended.
func (r *Run) Do(calls []task.Call) ([]event.HostResult, error) {
	steps, err := r.Tasks.Plan(calls)
	if err != nil {
		return nil, err
	}
	runner := r.runner(true)
	targets, err := runner.Targets(steps)
	if err != nil {
		return nil, err
	}
	planned := r.plannedHosts(steps, targets)
	left, err := r.again(planned, targets)
	if err != nil {
		return nil, err
	}
	keeper, err := r.remember(steps, planned)
	if err != nil {
		return nil, err
	}
	runner.Around = append([]task.Around{keeper.Around}, runner.Around...)
	config.Of(r.Env).Close()
	results, err := r.hooked(r.start(steps, targets), func(ctx context.Context) []event.HostResult {
		return runner.Run(ctx, steps, targets)
	})
	r.tell(results)
	r.stopped = runner.Stop
	results = append(results, r.skipped(left)...)
	r.end(results)
	keeper.Finish(results, r.ExitCode(results, nil), r.options.World.Now().Sub(r.began))
	return results, err
}

// Problem shows an error that belongs to the run as a whole.
func (r *Run) Problem(err error) {
	if _, exited := world.Exited(r.Context); exited {
		return // the script's own decision
	}
	r.Events.Emit(event.Problem{Error: event.Fail(err)})
}
