package datafile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/fault"
)

// outline writes a node with the line of each value.
func outline(n *Node) string {
	switch n.Kind {
	case Map:
		var parts []string
		for _, f := range n.Fields {
			parts = append(parts, fmt.Sprintf("%s@%d=%s", f.Name, f.Line, outline(f.Value)))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case List:
		var parts []string
		for _, item := range n.Items {
			parts = append(parts, outline(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	default:
		return fmt.Sprintf("%v@%d", n.Value, n.Line)
	}
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{YAML, "web:\n  hosts:\n    - a\n    - {name: b, port: 22}\n", "{web@1={hosts@2=[a@3 {name@4=b@4 port@4=22@4}]}}"},
		{YAML, "b: &x\n  k: 1\nc:\n  <<: *x\n  l: 2\n", "{b@1={k@2=1@2} c@3={l@5=2@5 k@2=1@2}}"},
		{YAML, "# only a comment\n", "{}"},
		{JSON, "{\n \"web\": {\n  \"hosts\": [\"a\",\n   {\"port\": 22}]}}\n", "{web@2={hosts@3=[a@3 {port@4=22@4}]}}"},
		{TOML, "top = 1\n[web]\nhosts = [\n  \"a\",\n  { name = \"b\", port = 22 },\n]\n[web.vars]\ntier = \"x\"\n",
			"{top@1=1@1 web@2={hosts@3=[a@4 {name@5=b@5 port@5=22@5}] vars@7={tier@8=x@8}}}"},
		{TOML, "[[host]]\nname = \"a\"\n[[host]]\nname = \"b\"\n", "{host@1=[{name@2=a@2} {name@4=b@4}]}"},
		{CSV, "name, port\n# comment\na,1\n\nb,\n", "[{name@3=a@3 port@3=1@3} {name@5=b@5}]"},
		{JSON, "", "{}"},
		{YAML, "a: 12345678901234567890\nb: 9007199254740993\nc: 2026-01-02\nd: null\ne: yes\nf: 0x10\n",
			"{a@1=12345678901234567890@1 b@2=9007199254740993@2 c@3=2026-01-02@3 d@4=<nil>@4 e@5=yes@5 f@6=16@6}"},
	} {
		n, err := Read(c.format, "f", []byte(c.text))
		if err != nil || outline(n) != c.want {
			t.Errorf("%s %q:\n got %v %v\nwant %s", c.format, c.text, outline(n), err, c.want)
		}
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{YAML, "a: 1\nb: [\n", "hosts:3: not YAML"},
		{YAML, "a: 1\na: 2\n", `hosts:2: the key "a" is there twice`},
		{YAML, "a: 1\n---\nb: 2\n", "hosts:2: a second document"},
		{YAML, "a: &x [*x]\n", `the anchor "x" contains itself`},
		{YAML, "? [a]\n: 1\n", "hosts:1: a key must be a plain value"},
		{JSON, "{\n\"a\": 1,\n}", "hosts:3: not JSON"},
		{JSON, "{\"a\": 1,\n\"a\": 2}", `hosts:2: the key "a" is there twice`},
		{JSON, "{\"a\":\n[1", "hosts:2: not JSON: it ends too early"},
		{JSON, "{}\n{}", "hosts:2: not JSON: something follows"},
		{JSON, strings.Repeat("[", 5000), "nested more than 1000 deep"},
		{TOML, "a = 1\nb = \n", "hosts:2: not TOML"},
		{TOML, "a = 1\na = 2\n", "hosts:2: not TOML"},
		{CSV, "a,b\n1,2,3\n", "hosts:2: not CSV: another number of values"},
		{CSV, "a,a\n", "hosts:1: column 2 has no name of its own"},
		{CSV, "a\n\"x\n", "not CSV"},
		{"ini", "x", `no such format "ini"`},
	} {
		_, err := Read(c.format, "hosts", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.20q: got %v, want %s", c.format, c.text, err, c.want)
		}
	}
}

// A bomb of aliases ends early.
func TestAliasesAreBounded(t *testing.T) {
	text := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'l'; c++ {
		p := string(c - 1)
		text += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+p+",", 9), ","))
	}
	if _, err := Read(YAML, "f", []byte(text)); fault.KindOf(err) != fault.Parse {
		t.Errorf("got %v", err)
	}
}

func TestOfAndPlain(t *testing.T) {
	value := map[string]any{"b": []any{1.0, "x", nil, map[string]any{}}, "a": true}
	if diff := cmp.Diff(value, Of(value).Plain()); diff != "" {
		t.Error(diff)
	}
	if n := Of(value); n.Fields[0].Name != "a" || n.Get("b").Kind != List || n.Get("c") != nil {
		t.Errorf("got %s", outline(n))
	}
}

// FuzzRead: whatever the bytes are, there is a value or an error with a place.
func FuzzRead(f *testing.F) {
	f.Add(YAML, "a: [1, {b: c}]\n")
	f.Add(TOML, "[a]\nb = [1, {c = 2}]\n[[d]]\n[[d]]\n")
	f.Add(JSON, `{"a": [1, null, "x"]}`)
	f.Add(CSV, "a,b\n1,2\n")
	f.Fuzz(func(t *testing.T, format, text string) {
		n, err := Read(format, "f", []byte(text))
		if err == nil && n == nil || err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%v, %v", n, err)
		}
	})
}
