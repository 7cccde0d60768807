package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gofab/bindings"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// version is set by the linker.
var version = "dev"

// app is one invocation: the world, the flags, and the exit code to be.
type app struct {
	world *world.World
	flags flags
	code  int
}

// flags are the options that hold for a whole run.
type flags struct {
	eval       string
	hosts      string
	forks      int
	timeout    string
	sandbox    string
	sandboxDir string
	format     string
	verbose    int
	quiet      bool
	config     string
	user       string
	key        string
	acceptNew  bool
	askPass    bool
	askSudo    bool

	traceExpect bool
}

// Main runs gofab in a world and gives the exit code.
func Main(w *world.World) int {
	a := &app{world: w}
	root := a.root()
	root.SetArgs(w.Args)
	root.SetIn(w.In)
	root.SetOut(w.Out)
	root.SetErr(w.Err)
	if err := root.Execute(); err != nil && err != errShown {
		a.complain(root, err)
		return codeOf(err)
	}
	return a.code
}

// codeOf tells the exit code of an error of the command line: what cobra says
// is misuse, all our own errors have their kind.
func codeOf(err error) int {
	if _, ours := err.(*fault.Error); !ours {
		return world.ExitUsage
	}
	return run.CodeOf(err)
}

// complain shows an error that no run can show.
func (a *app) complain(root *cobra.Command, err error) {
	fmt.Fprintf(a.world.Err, "error: %s\n", strings.TrimSpace(err.Error()))
	hint := fault.From(err).Hint
	if _, ours := err.(*fault.Error); !ours && hint == "" {
		hint = root.Name() + " --help"
	}
	if hint != "" {
		fmt.Fprintf(a.world.Err, "  hint: %s\n", hint)
	}
}

// errShown says that the run has shown the error itself, and that code is set.
var errShown = fault.New(fault.Failed, "shown")

// runFlags declares the options of a run.
func (a *app) runFlags(set *pflag.FlagSet) {
	f := &a.flags
	set.StringVarP(&f.hosts, "hosts", "H", "", "targets instead of the tasks' own: web1,web2 or \"@web & !web3\"")
	set.IntVarP(&f.forks, "forks", "f", 32, "hosts at once")
	set.StringVar(&f.timeout, "timeout", "0", "limit for the whole run: 90, 30s, 10m; 0 is none")
	set.StringVar(&f.sandbox, "sandbox", "", "reach every host in an embedded one; =N makes sandbox1 to sandboxN where the script names none")
	set.Lookup("sandbox").NoOptDefVal = "on"
	set.StringVar(&f.sandboxDir, "sandbox-dir", "", "keep the sandbox hosts' homes in this folder")
	set.StringVarP(&f.format, "output", "o", run.Text, "what to print: "+strings.Join(run.Formats, ", "))
	set.CountVarP(&f.verbose, "verbose", "v", "show more: connections, times; twice: everything")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "show failures and the summary only")
	set.StringVar(&f.config, "ssh-config", "", "ssh_config file to use instead of your own")
	set.StringVarP(&f.user, "user", "u", "", "login name, where the inventory has none")
	set.StringVarP(&f.key, "identity", "i", "", "private key, where the inventory has none")
	set.BoolVar(&f.acceptNew, "accept-new", false, "add the keys of unknown hosts to known_hosts; changed ones stay an error")
	set.BoolVar(&f.askPass, "ask-pass", false, "ask for the login password, once for all hosts")
	set.BoolVar(&f.askSudo, "ask-sudo-pass", false, "ask for the sudo password at the start, once for all hosts")
	set.BoolVar(&f.traceExpect, "trace-expect", false, "show for each wait of a dialogue what was there and why patterns did not match")
}

// options checks the flags and makes the options of a run of them.
func (a *app) options() (run.Options, error) {
	f := a.flags
	o := run.Options{
		World: a.world, Modules: bindings.Modules(), Stdlib: stdlib.Files,
		Format: f.format, Hosts: f.hosts, Forks: f.forks, TraceExpect: f.traceExpect,
		Remote: run.RemoteOptions{
			ConfigFile: f.config, User: f.user, Key: f.key, AcceptNew: f.acceptNew, AskPass: f.askPass, AskSudo: f.askSudo,
		},
	}
	switch {
	case f.quiet:
		o.Verbosity = event.Quiet
	case f.verbose > 1:
		o.Verbosity = event.Everything
	case f.verbose == 1:
		o.Verbosity = event.Verbose
	}
	if !slices.Contains(run.Formats, f.format) {
		return o, fault.New(fault.Usage, "-o %s: not one of %s", f.format, strings.Join(run.Formats, ", "))
	}
	if f.forks < 1 {
		return o, fault.New(fault.Usage, "-f %d: at least one host at once", f.forks)
	}
	var err error
	if o.Timeout, err = duration(f.timeout); err != nil {
		return o, err
	}
	o.Sandbox, err = a.sandbox()
	return o, err
}

func (a *app) sandbox() (run.SandboxOptions, error) {
	o := run.SandboxOptions{On: a.flags.sandbox != "", Dir: a.flags.sandboxDir, Count: 1}
	if o.On && a.flags.sandbox != "on" {
		if _, err := fmt.Sscanf(a.flags.sandbox+"\n", "%d\n", &o.Count); err != nil || o.Count < 1 || o.Count > 10000 {
			return o, fault.New(fault.Usage, "--sandbox=%s: want a number of hosts", a.flags.sandbox)
		}
	}
	return o, nil
}

// begin opens the run.
func (a *app) begin(cmd *cobra.Command) (*run.Run, error) {
	o, err := a.options()
	if err != nil {
		return nil, err
	}
	return run.Open(cmd.Context(), o)
}

// finish ends a command of a run: an error is shown by the run itself.
func (a *app) finish(r *run.Run, results []event.HostResult, err error) error {
	a.code = r.ExitCode(results, err)
	if err == nil {
		return nil
	}
	r.Problem(err)
	return errShown
}

func duration(text string) (time.Duration, error) {
	d, err := parseDuration(text)
	if err != nil {
		return 0, fault.New(fault.Usage, "--timeout: %v", err)
	}
	return d, nil
}
