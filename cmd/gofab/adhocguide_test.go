package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gofab/internal/testenv"
	"gofab/runtime/world"
)

// guideRow is a row of the tables for those who come from other programs.
type guideRow struct{ theirs, ours string }

// guideSection gives the rows below a heading of the guide to one-off work.
func guideSection(t *testing.T, heading string) []guideRow {
	t.Helper()
	data, err := os.ReadFile("../../docs/guide/adhoc.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(data), "\n### "+heading)
	if !found {
		t.Fatalf("no heading %q", heading)
	}
	text, _, _ = strings.Cut(text, "\n### ")
	var rows []guideRow
	for _, m := range regexp.MustCompile(`(?m)^\| (.*?) \| (.*) \|$`).FindAllStringSubmatch(text, -1) {
		rows = append(rows, guideRow{m[1], m[2]})
	}
	return rows
}

var optionLine = regexp.MustCompile(`(?m)^ {1,8}(-\w|--[\w-]+)(?:[ =][^ ,]+)?(?:, (--[\w-]+))?`)

// Every option that the other programs tell of has a row.
func TestAdhocGuideNamesTheirOptions(t *testing.T) {
	for heading, programs := range map[string][]string{
		"parallel-ssh": {"parallel-ssh", "parallel-scp", "parallel-rsync", "parallel-slurp", "parallel-nuke"},
		"ClusterShell": {"clush", "clubak", "nodeset"},
	} {
		var theirs []string
		for _, row := range guideSection(t, heading) {
			theirs = append(theirs, row.theirs)
		}
		words := strings.FieldsFunc(strings.Join(theirs, " "), func(r rune) bool { return strings.ContainsRune(" `,=()", r) })
		for _, program := range programs {
			help, err := exec.Command(testenv.Require(t, program), "--help").Output()
			if err != nil {
				t.Fatal(err)
			}
			options := optionLine.FindAllStringSubmatch(string(help), -1)
			if len(options) < 10 {
				t.Fatalf("%s has %d options only", program, len(options))
			}
			for _, o := range options {
				if !slices.Contains(words, o[1]) && !slices.Contains(words, o[2]) {
					t.Errorf("%s: no row for %s %s", program, o[1], o[2])
				}
			}
		}
	}
}

// Every flag that the guide names as ours is one.
func TestAdhocGuideNamesFlagsThatExist(t *testing.T) {
	flags := map[string]bool{"-h": true, "--help": true, "--version": true, "--": true}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.Flags().VisitAll(func(f *pflag.Flag) { flags["--"+f.Name], flags["-"+f.Shorthand] = true, true })
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{world: world.Process()}).root())
	quoted := regexp.MustCompile("`[^`]*`")
	flag := regexp.MustCompile(`(?:^|[ (\x60])(--?[a-zA-Z][\w-]*)`)
	for _, heading := range []string{"parallel-ssh", "pdsh", "ClusterShell"} {
		for _, row := range guideSection(t, heading) {
			for _, code := range quoted.FindAllString(row.ours, -1) {
				code, _, _ = strings.Cut(code, " -- ")
				for _, m := range flag.FindAllStringSubmatch(code, -1) {
					if !flags[m[1]] {
						t.Errorf("%s: there is no %s", row.theirs, m[1])
					}
				}
			}
		}
	}
}
