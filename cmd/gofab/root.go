package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/suggest"
	"gofab/runtime/run"
	"gofab/runtime/task"
)

const rootLong = `gofab runs fabfiles: Lua scripts that deploy, check and report over one machine
or thousands. Nothing is installed on the machines but sshd and a shell.

  gofab deploy.lua                       run the default task, or list the tasks
  gofab deploy.lua deploy --version 1.2  run a task
  gofab deploy --version 1.2             the same, from fabfile.lua here or above
  gofab -e 'print(fs.list("."))'         run a line of Lua
  gofab -H web1,web2 -- uptime           run a command on hosts, as gofab exec does
  gofab --sandbox deploy.lua deploy      try it on embedded hosts

gofab's own options go before the file; what follows the file belongs to it.`

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "gofab [options] [FILE] [TASK [ARGS]...]...",
		Short: "Run fabfiles over one machine or thousands",
		Long:  rootLong, Version: version,
		Args: cobra.ArbitraryArgs, SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
		RunE:              a.runFile,
		ValidArgsFunction: a.completeTask,
	}
	root.SetContext(context.Background())
	root.Flags().SetInterspersed(false)
	root.Flags().StringVarP(&a.flags.eval, "eval", "e", "", "run this Lua instead of a file")
	a.runFlags(root.Flags())
	root.AddCommand(a.execCommand(), a.configCommand(), a.listCommand(), a.inventoryCommand(), a.testCommand(), a.replCommand(), a.recordCommand(), a.replayCommand(), a.resumeCommand(), a.diffCommand(), a.digCommand(), a.probeCommand(), a.putCommand(), a.getCommand(), a.syncCommand(), a.pingCommand(), a.shellCommand(), a.sshCommand(), a.sysinfoCommand(), a.topCommand(), a.versionCommand())
	root.AddCommand(a.documentation()...)
	a.completionCommand(root)
	a.completeTargets(root)
	return root
}

// Fabfile is the script that is taken when none is named.
const Fabfile = "fabfile.lua"

// runFile is gofab without a subcommand.
func (a *app) runFile(cmd *cobra.Command, words []string) error {
	if a.flags.eval != "" {
		return a.evaluate(cmd, words)
	}
	if cmd.ArgsLenAtDash() == 0 { // a command follows, not a file with tasks
		return a.exec(cmd, words, execDefaults())
	}
	file, rest, err := a.locate(words)
	if err != nil {
		return err
	}
	if file == "" {
		return cmd.Help()
	}
	r, err := a.begin(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := r.Load(file, rest); err != nil {
		return a.finish(r, nil, err)
	}
	return a.runTasks(r, file, rest)
}

func (a *app) evaluate(cmd *cobra.Command, words []string) error {
	r, err := a.begin(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	return a.finish(r, nil, r.Evaluate(a.flags.eval, "(command line)", words))
}

// runTasks runs what was asked of a fabfile with tasks; a script without any
// has done its work.
func (a *app) runTasks(r *run.Run, file string, words []string) error {
	if len(r.Tasks.All()) == 0 {
		r.Heed()
		return a.finish(r, nil, r.Ended())
	}
	calls, err := a.calls(r.Tasks, words)
	if err != nil {
		return a.finish(r, nil, err)
	}
	for _, c := range calls {
		if c.Help {
			fmt.Fprint(a.world.Out, taskHelp(file, c.Task))
			return nil
		}
	}
	if len(calls) == 0 {
		return a.printTasks(r, file, "text", 0)
	}
	results, err := r.Do(calls)
	return a.finish(r, results, err)
}

// calls reads the tasks from the command line; without any it is the default
// task.
func (a *app) calls(set *task.Set, words []string) ([]task.Call, error) {
	words = a.expand(set, words)
	if len(words) > 0 && strings.HasPrefix(words[0], "-") && words[0] != "--" {
		t := set.Default()
		if t == nil {
			return nil, fault.New(fault.Usage, "%s: a task goes first, and gofab's own options before the file", words[0]).
				WithHint("gofab %s FILE TASK ...", a.option(words))
		}
		words = append([]string{t.Name}, words...)
	}
	if len(words) > 0 {
		return set.Parse(words)
	}
	t := set.Default()
	if t == nil {
		return nil, nil
	}
	call, err := t.WithDefaults()
	return []task.Call{call}, err
}

// option is the option that begins words, with its value.
func (a *app) option(words []string) string {
	name := strings.TrimLeft(words[0], "-")
	flags := a.root().Flags()
	flag := flags.Lookup(name)
	if len(name) == 1 {
		flag = flags.ShorthandLookup(name)
	}
	if flag == nil || flag.NoOptDefVal != "" || len(words) == 1 {
		return words[0]
	}
	return words[0] + " " + words[1]
}

// locate finds the script: the first word when it is a file or looks like one,
// else the fabfile of this folder or one above, with all words for its tasks.
func (a *app) locate(words []string) (file string, rest []string, err error) {
	defer func() { a.script = file }()
	if len(words) > 0 && looksLikeFile(words[0]) {
		return words[0], words[1:], a.readable(words[0])
	}
	found := findFabfile(a.world.Dir())
	switch {
	case found == "" && len(words) == 0:
		return "", nil, nil
	case found == "":
		return "", nil, a.noSuch(words[0])
	}
	if dir := filepath.Dir(found); dir != a.world.Dir() {
		if err := a.world.Chdir(dir); err != nil {
			return "", nil, err
		}
	}
	return Fabfile, words, nil
}

// readable says early what is wrong with a script that was named.
func (a *app) readable(path string) error {
	_, err := os.Stat(path)
	if err == nil || !os.IsNotExist(err) {
		return nil // the interpreter explains the rest
	}
	e := fault.New(fault.Usage, "no such script: %s", path)
	scripts, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*.lua"))
	if near := suggest.Nearest(path, scripts); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e
}

func looksLikeFile(word string) bool {
	if strings.HasSuffix(word, ".lua") || strings.ContainsRune(word, '/') {
		return true
	}
	info, err := os.Stat(word)
	return err == nil && info.Mode().IsRegular()
}

// findFabfile looks in dir and the folders above it.
func findFabfile(dir string) string {
	for {
		path := filepath.Join(dir, Fabfile)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// noSuch explains a word that is neither a command, nor a file, nor can be a
// task.
func (a *app) noSuch(word string) error {
	e := fault.New(fault.Usage, "%q is neither a command nor a file, and there is no %s here or above", word, Fabfile)
	var names []string
	for _, c := range a.root().Commands() {
		names = append(names, c.Name())
	}
	if near := suggest.Nearest(word, names); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return e.WithHint("gofab init makes one")
}

func parseDuration(text string) (time.Duration, error) { return kit.ParseDuration(text) }

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(*cobra.Command, []string) { fmt.Fprintln(a.world.Out, "gofab", version) },
	}
}
