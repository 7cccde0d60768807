package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/termsafe"
	"gofab/runtime/event"
	"gofab/runtime/journal"
	"gofab/runtime/run"
)

// resumeCommand goes on with a run that did not end well.
type resumeCommand struct {
	app     *app
	list    bool
	unknown string
	missing string
	force   bool
}

// ask is the value of --unknown that puts questions.
const ask = "ask"

// unknowns are the values of --unknown.
var unknowns = []string{ask, string(journal.Again), string(journal.Skip), string(journal.Done)}

func (a *app) resumeCommand() *cobra.Command {
	r := &resumeCommand{app: a}
	c := &cobra.Command{
		Use:   "resume [RUN|FILE]",
		Short: "Go on with a run that did not end well",
		Long: `Run the tasks of an earlier run again: the same fabfile, tasks, arguments, options
and hosts. What was done is not repeated: a task that ended well on a host, and
each step("name", ...) of a task that did not. What failed, timed out, was
cancelled, or did not find its host, runs again.

Where nobody knows whether something was done, since gofab was killed or the link
was lost in the middle of it, you are asked before anything runs.

  gofab resume                 the last run in this folder that did not end well
  gofab resume deploy.lua      the last one of this fabfile
  gofab resume 20261123-0745   the run that begins like this in the list
  gofab resume --list          the runs that are known, of all folders

Options of a run that are given here take the place of those that it had; -H,
--limit, --exclude and --sample leave out some of its hosts. A resumed run can be
resumed again.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, words []string) error { return r.run(cmd, strings.Join(words, "")) },
	}
	c.Flags().BoolVar(&r.list, "list", false, "list the runs; with -o json for programs")
	c.Flags().StringVar(&r.unknown, "unknown", ask, "what nobody knows the end of: "+strings.Join(unknowns, ", ")+" (done counts it as done)")
	c.Flags().StringVar(&r.missing, "missing", run.MissingError, "hosts that have left the inventory: error, skip")
	c.Flags().BoolVar(&r.force, "force", false, "no warning when the fabfile has changed since")
	a.runFlags(c.Flags())
	return c
}

func (r *resumeCommand) run(cmd *cobra.Command, word string) error {
	w := r.app.world
	folder := r.app.flags.journal.folder(w.Env, w.Home())
	switch {
	case r.list && word != "":
		return fault.New(fault.Usage, "--list takes no run")
	case r.list:
		return r.app.listRuns(folder)
	case !slices.Contains(unknowns, r.unknown):
		return fault.New(fault.Usage, "--unknown %s: not one of %s", r.unknown, strings.Join(unknowns, ", "))
	case r.missing != run.MissingError && r.missing != run.MissingSkip:
		return fault.New(fault.Usage, "--missing %s: not one of error, skip", r.missing)
	}
	past, err := r.find(folder, word)
	if err != nil {
		return err
	}
	release, err := past.Take()
	if err != nil {
		return err
	}
	defer release()
	return r.resume(cmd, past)
}

// find gives the run that is meant, and refuses those that cannot be resumed.
func (r *resumeCommand) find(folder, word string) (*journal.Run, error) {
	if folder == "" {
		return nil, fault.New(fault.NotFound, "there is no folder of journals: neither HOME nor XDG_STATE_HOME is set").
			WithHint("--journal DIR names one")
	}
	var past, newer *journal.Run
	var err error
	if runs := journal.Runs(folder, r.app.warn); word == "" || strings.HasSuffix(word, ".lua") {
		past, err = journal.Last(runs, r.app.world.Dir(), word)
	} else if past, err = journal.Find(folder, word); err == nil {
		newer = journal.TakenUp(runs, past.ID)
	}
	switch {
	case err != nil:
		return nil, err
	case past.Running:
		return nil, fault.New(fault.Usage, "the run %s is still under way (process %d)", past.ID, past.PID)
	case newer != nil:
		return nil, fault.New(fault.Usage, "the run %s was resumed already", past.ID).
			WithHint("gofab resume %s goes on with that", newer.ID)
	case past.Well():
		return nil, fault.New(fault.NotFound, "there is nothing to resume: the run %s ended well", past.ID)
	}
	return past, nil
}

// warn tells of something that does not stop a command.
func (a *app) warn(err error) {
	fmt.Fprintf(a.world.Err, "warning: %s\n", termsafe.Clean(err.Error()))
}

// narrowing are the options that leave out some of the run's hosts.
var narrowing = []string{"hosts", "limit", "exclude", "sample"}

// resume runs the tasks again.
func (r *resumeCommand) resume(cmd *cobra.Command, past *journal.Run) error {
	a := r.app
	narrow := slices.ContainsFunc(narrowing, cmd.Flags().Changed)
	if err := restore(cmd.Flags(), past.Flags); err != nil {
		return err
	}
	if past.Dir != a.world.Dir() {
		if err := a.world.Chdir(past.Dir); err != nil {
			return err
		}
	}
	if err := a.readable(past.File); err != nil {
		return err
	}
	decided, words, secrets, err := r.settle(cmd.Context(), past)
	if err != nil {
		return err
	}
	o, err := a.options(cmd.Flags())
	if err != nil {
		return err
	}
	o.Journal.Resume, o.Journal.Missing, o.Journal.Narrow = decided, r.missing, narrow
	running, err := a.open(cmd.Context(), o)
	if err != nil {
		return err
	}
	defer running.Close()
	for _, text := range secrets {
		running.Env.Secrets.Add(secret.New(text))
	}
	r.introduce(running, past)
	if err := running.Load(past.File, words); err != nil {
		return a.finish(running, nil, err)
	}
	return a.runTasks(running, past.File, words)
}

// settle asks what only a person can know.
func (r *resumeCommand) settle(ctx context.Context, past *journal.Run) (d *journal.Decided, words, secrets []string, err error) {
	ctx, stop := r.app.world.Run(ctx)
	defer stop()
	q := &questions{app: r.app, ctx: ctx}
	answer := q.ask
	if r.unknown != ask {
		answer = func(journal.Question) (journal.Answer, error) { return journal.Answer(r.unknown), nil }
	}
	if d, err = past.Decide(answer); err != nil {
		return nil, nil, nil, err
	}
	words, err = past.Arguments(func(of string) (string, error) {
		text, err := q.secret(of)
		secrets = append(secrets, text)
		return text, err
	})
	return d, words, secrets, err
}

// introduce says what is about to go on.
func (r *resumeCommand) introduce(running *run.Run, past *journal.Run) {
	running.Events.Emit(event.Log{Level: event.Info, Text: fmt.Sprintf("resuming %s: %s (%s)",
		past.ID, past.Line(), countsText(past.Counts()))})
	if run.Changed(past) && !r.force {
		running.Events.Emit(event.Warning{
			Text: past.File + " has changed since that run: what is done stays done, even where the task is another one now",
			Hint: "if that is not meant, run it from the start: gofab " + past.Line(),
		})
	}
}
