package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gofab/internal/difflib"
	"gofab/internal/fault"
	"gofab/internal/hostrange"
	"gofab/internal/termsafe"
	"gofab/runtime/event"
	"gofab/runtime/host"
	"gofab/runtime/run"
)

// diffCommand compares files, here and on hosts. Its exit codes are those of
// diff(1): 0 the same, 1 different; what goes wrong has gofab's own.
type diffCommand struct {
	app     *app
	format  string
	context int
	results []event.HostResult // of the hosts that were asked
}

func (a *app) diffCommand() *cobra.Command {
	d := &diffCommand{app: a}
	c := &cobra.Command{
		Use:   "diff A B | diff TARGETS:PATH",
		Short: "Compare files, here and on hosts",
		Long: `Compare two files. Each is a path here or HOST:PATH.

  gofab diff old.conf new.conf
  gofab diff web1:/etc/hosts web2:/etc/hosts
  gofab diff motd @web:/etc/motd       one file here with that of each host
  gofab diff @web:/etc/hosts           one file over a group: who has the same, and how
                                       the others differ from the majority

Hosts with the same content are shown once. The exit code is 0 when all are the
same and 1 when they differ. Groups come from fabfile.lua here or above, or from
what -I names.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: d.run,
	}
	a.runFlags(c.Flags())
	c.Flags().StringVar(&d.format, "format", "auto", "auto, unified, context, ndiff or html; auto is unified, with colours on a terminal")
	c.Flags().IntVarP(&d.context, "unified", "U", 3, "equal lines around each change")
	return c
}

// version is one content and who has it.
type fileVersion struct {
	names   []string // hosts, or the path of a file here
	path    string   // on the hosts; "" for a file here
	content string
	missing bool
}

// label is how a version is called in a header.
func (v fileVersion) label() string {
	if v.path == "" {
		return v.names[0]
	}
	return hostrange.Fold(v.names) + ":" + v.path
}

func (d *diffCommand) run(cmd *cobra.Command, operands []string) error {
	if d.context < 0 || !slices.Contains([]string{"auto", "unified", "context", "ndiff", "html"}, d.format) {
		return fault.New(fault.Usage, "--format %s -U %d: no such format", d.format, d.context).WithHint("gofab diff --help")
	}
	r, err := d.app.begin(cmd)
	if err != nil {
		return err
	}
	defer r.Close()
	differ, err := d.compare(r, operands)
	if ended := d.app.finish(r, d.results, err); ended != nil {
		return ended
	}
	if differ && d.app.code == 0 {
		d.app.code = 1
	}
	return nil
}

func (d *diffCommand) compare(r *run.Run, operands []string) (differ bool, err error) {
	if slices.ContainsFunc(operands, func(o string) bool { targets, _ := splitOperand(o); return targets != "" }) {
		if err := d.app.declareHosts(r); err != nil {
			return false, err
		}
	}
	versions := make([][]fileVersion, len(operands))
	for i, operand := range operands {
		if versions[i], err = d.read(r, operand); err != nil {
			return false, err
		}
	}
	if len(operands) == 1 {
		if targets, _ := splitOperand(operands[0]); targets == "" {
			return false, fault.New(fault.Usage, "%s: compared with what?", operands[0]).WithHint("gofab diff A B, or gofab diff @group:PATH")
		}
		return d.spread(r, versions[0])
	}
	if len(versions[0]) == 0 || len(versions[1]) == 0 {
		return false, nil // nobody answered; the results tell
	}
	from, against := versions[0], versions[1]
	if len(from) > 1 {
		return false, fault.New(fault.Usage, "%s has %d different contents; one is needed to compare with", operands[0], len(from)).
			WithHint("gofab diff %s shows them", operands[0])
	}
	return d.show(r, from[0], against)
}

// splitOperand parts TARGETS:PATH. As for scp, a colon behind a slash belongs
// to a path.
func splitOperand(operand string) (targets, path string) {
	before, after, found := strings.Cut(operand, ":")
	if !found || before == "" || strings.Contains(before, "/") {
		return "", operand
	}
	return before, after
}

// read gives the contents that an operand stands for, the most common first.
func (d *diffCommand) read(r *run.Run, operand string) ([]fileVersion, error) {
	targets, path := splitOperand(operand)
	if targets == "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fault.OS(err, "cannot read %s", path)
		}
		return []fileVersion{{names: []string{path}, content: string(data)}}, nil
	}
	files, err := r.ReadAll(targets, path)
	if err != nil {
		return nil, err
	}
	return d.group(r, path, files), nil
}

// group puts hosts with the same content together. A file that is not there is
// an answer too; any other failure is told and left out.
func (d *diffCommand) group(r *run.Run, path string, files []host.FileOf) []fileVersion {
	var versions []fileVersion
	for _, f := range files {
		missing := fault.KindOf(f.Error) == fault.NotFound || errors.Is(f.Error, os.ErrNotExist)
		if f.Error != nil && !missing {
			r.Problem(f.Error)
			d.results = append(d.results, event.HostResult{Host: f.Host, State: host.StateOf(f.Error), Error: f.Error})
			continue
		}
		d.results = append(d.results, event.HostResult{Host: f.Host, State: event.OK})
		at := slices.IndexFunc(versions, func(v fileVersion) bool { return v.content == string(f.Content) && v.missing == missing })
		if at < 0 {
			at = len(versions)
			versions = append(versions, fileVersion{path: path, content: string(f.Content), missing: missing})
		}
		versions[at].names = append(versions[at].names, f.Host)
	}
	slices.SortStableFunc(versions, func(x, y fileVersion) int { return len(y.names) - len(x.names) })
	return versions
}

// spread shows how one file differs over a group.
func (d *diffCommand) spread(r *run.Run, versions []fileVersion) (differ bool, err error) {
	if len(versions) == 0 {
		return false, nil
	}
	most := versions[0]
	if len(versions) > 1 && d.format == "html" {
		return d.show(r, most, versions[1:])
	}
	what := "has"
	if len(most.names) > 1 {
		what = "have"
	}
	fmt.Fprintf(d.app.world.Out, "%s %s the same: %s\n", counted(len(most.names), "host"), what, most.label()+most.absence())
	return d.show(r, most, versions[1:])
}

func (v fileVersion) absence() string {
	if v.missing {
		return " (no such file)"
	}
	return ""
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// show writes the differences between one version and others.
func (d *diffCommand) show(r *run.Run, from fileVersion, versions []fileVersion) (differ bool, err error) {
	for _, v := range versions {
		if v.content == from.content && v.missing == from.missing {
			continue
		}
		differ = true
		if v.missing || from.missing {
			fmt.Fprintf(d.app.world.Out, "--- %s%s\n+++ %s%s\n", from.label(), from.absence(), v.label(), v.absence())
			continue
		}
		text, err := d.write(r, from, v)
		if err != nil {
			return differ, err
		}
		if _, _, terminal := d.app.world.Terminal(); terminal && !d.app.world.Colour() {
			text = termsafe.Clean(text)
		}
		fmt.Fprint(d.app.world.Out, text)
	}
	return differ, nil
}

func (d *diffCommand) write(r *run.Run, from, to fileVersion) (string, error) {
	a, b := difflib.Lines(from.content), difflib.Lines(to.content)
	f := difflib.Format{From: from.label(), To: to.label(), Context: d.context, Marker: true}
	switch {
	case d.format == "context", d.format == "unified", d.format == "auto" && !d.app.world.Colour():
		m, err := difflib.Compare(r.Context, a, b, difflib.Options[string]{})
		if err != nil {
			return "", err
		}
		if d.format == "context" {
			return difflib.Context(m, a, b, f), nil
		}
		return difflib.Unified(m, a, b, f), nil
	}
	edits, err := difflib.CompareLines(r.Context, a, b, difflib.LineOptions{CharacterJunk: difflib.BlankCharacter})
	if err == nil && d.format != "ndiff" {
		edits, err = difflib.ByWord(r.Context, edits, a, b)
	}
	switch {
	case err != nil:
		return "", err
	case d.format == "ndiff":
		return strings.Join(difflib.Ndiff(edits, a, b), ""), nil
	case d.format == "html":
		return difflib.Page{
			Title: f.From + " → " + f.To, From: f.From, To: f.To, Stat: difflib.Count(edits), Wrap: true, TabSize: 8,
			Groups: difflib.Near(difflib.Rows(edits, a, b), d.context),
		}.HTML(), nil
	}
	return difflib.Terminal(edits, a, b, f), nil
}
