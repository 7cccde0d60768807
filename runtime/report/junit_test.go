package report

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gofab/runtime/event"
)

// node is an XML element.
type node struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Nodes   []node     `xml:",any"`
	Text    string     `xml:",chardata"`
}

func (n node) attr(name string) string {
	for _, a := range n.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// rules are those of the JUnit schemas that CI systems check against, where
// they agree (junit-4.xsd to junit-10.xsd of the Jenkins xUnit plugin): the
// attributes an element must and may have, and its children in their order.
var rules = map[string]struct{ must, may, children string }{
	"testsuites": {"", "name time tests failures disabled errors", `(testsuite )*`},
	"testsuite": {
		"name tests", "failures errors time disabled skipped timestamp hostname id package",
		`(properties )?(testcase )*(system-out )?(system-err )?`,
	},
	"testcase":   {"name", "assertions time classname status", `(skipped )?(error )*(failure )*(system-out )*(system-err )*`},
	"failure":    {"", "type message", ``},
	"error":      {"", "type message", ``},
	"skipped":    {"", "", ``},
	"system-out": {"", "", ``},
	"system-err": {"", "", ``},
}

func checkRules(t *testing.T, n node) {
	t.Helper()
	name := n.XMLName.Local
	rule, known := rules[name]
	if !known {
		t.Fatalf("element %s", name)
	}
	for _, a := range n.Attrs {
		if !strings.Contains(" "+rule.must+" "+rule.may+" ", " "+a.Name.Local+" ") {
			t.Errorf("%s has an attribute %s", name, a.Name.Local)
		}
	}
	for _, must := range strings.Fields(rule.must) {
		if n.attr(must) == "" {
			t.Errorf("%s has no %s", name, must)
		}
	}
	children := ""
	for _, child := range n.Nodes {
		children += child.XMLName.Local + " "
		checkRules(t, child)
	}
	if !regexp.MustCompile("^" + rule.children + "$").MatchString(children) {
		t.Errorf("%s has the children %s", name, children)
	}
}

func junitOf(t *testing.T, r *Report) node {
	t.Helper()
	var out bytes.Buffer
	if err := JUnit(&out, r); err != nil {
		t.Fatal(err)
	}
	var root node
	d := xml.NewDecoder(&out)
	d.Strict = true
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	checkRules(t, root)
	checkCounts(t, root)
	return root
}

// checkCounts compares what the attributes say with what is there.
func checkCounts(t *testing.T, root node) {
	t.Helper()
	total := map[string]int{}
	for _, suite := range root.Nodes {
		count := map[string]int{"tests": len(suite.Nodes), "failures": 0, "errors": 0, "skipped": 0}
		for _, c := range suite.Nodes {
			for _, child := range c.Nodes {
				switch child.XMLName.Local {
				case "failure":
					count["failures"]++
				case "error":
					count["errors"]++
				case "skipped":
					count["skipped"]++
				}
			}
		}
		for what, n := range count {
			total[what] += n
			if suite.attr(what) != strconv.Itoa(n) {
				t.Errorf("suite %s says %s %s, there are %d", suite.attr("name"), suite.attr(what), what, n)
			}
		}
		if _, err := time.Parse("2006-01-02T15:04:05", suite.attr("timestamp")); err != nil {
			t.Error(err)
		}
	}
	for _, what := range []string{"tests", "failures", "errors"} {
		if root.attr(what) != strconv.Itoa(total[what]) {
			t.Errorf("%s %s, there are %d", root.attr(what), what, total[what])
		}
	}
}

// TestJUnit: a suite for each task, in which each host that came to it is once,
// with the element that its state asks for.
func TestJUnit(t *testing.T) {
	for seed := range uint64(20) {
		f := newFleet(seed, 60)
		f.run(8, "prepare", "deploy")
		cases := map[string][]node{}
		for _, suite := range junitOf(t, f.report(t)).Nodes {
			for _, c := range suite.Nodes {
				if c.attr("classname") != suite.attr("name") {
					t.Errorf("class %s in suite %s", c.attr("classname"), suite.attr("name"))
				}
				cases[c.attr("name")] = append(cases[c.attr("name")], c)
			}
		}
		for _, host := range f.hosts {
			list := cases[host]
			if len(list) == 0 || len(list) > 2 {
				t.Fatalf("%s is there %d times", host, len(list))
			}
			got := ""
			if last := list[len(list)-1]; len(last.Nodes) > 0 && !strings.HasPrefix(last.Nodes[0].XMLName.Local, "system") {
				got = last.Nodes[0].XMLName.Local
			}
			if want := outcome(f.fates[host]); got != want {
				t.Errorf("seed %d: %s is %s, told as %q, want %q", seed, host, f.fates[host], got, want)
			}
		}
	}
}

func TestJUnitTellsEverything(t *testing.T) {
	root := junitOf(t, collect(t, hostile("x")))
	failure := root.Nodes[0].Nodes[0].Nodes[0]
	if failure.attr("message") != "x" || failure.attr("type") != "exit" || failure.Text != "x: x\n  at x\n  at x\nhint: x" {
		t.Errorf("%+v", failure)
	}
	out := root.Nodes[0].Nodes[0].Nodes[1]
	if out.XMLName.Local != "system-out" || out.Text != "$ x\nx\n" {
		t.Errorf("%+v", out)
	}
	if suite := root.Nodes[len(root.Nodes)-1]; suite.attr("name") != "run" || suite.attr("errors") != "1" {
		t.Errorf("the problem of the run: %+v", suite)
	}
}

// TestJUnitIsBounded however much a host writes.
func TestJUnitIsBounded(t *testing.T) {
	f := newFleet(1, 8)
	f.say = func(string, int) (stdout, stderr []string) { return []string{strings.Repeat("y", 1<<20)}, nil }
	f.run(5, "deploy")
	var out bytes.Buffer
	if err := JUnit(&out, f.report(t)); err != nil || out.Len() > 8*2*maxJUnit {
		t.Errorf("%v, %d bytes", err, out.Len())
	}
}

// FuzzJUnit: whatever a host sends, the document is XML 1.0 and keeps the rules.
func FuzzJUnit(f *testing.F) {
	for _, attack := range attacks {
		f.Add(attack)
	}
	f.Fuzz(func(t *testing.T, attack string) {
		if root := junitOf(t, collect(t, hostile("x"+attack))); len(root.Nodes) == 0 {
			t.Error("no suite")
		}
	})
}

// TestJUnitOfNothing is a document as well.
func TestJUnitOfNothing(t *testing.T) {
	if root := junitOf(t, NewCollector(Outputs).Report()); root.attr("tests") != "0" {
		t.Errorf("%+v", root)
	}
	for _, s := range event.States {
		if o := outcome(s); (o == "") != (s == event.OK) {
			t.Errorf("%s: %q", s, o)
		}
	}
}
