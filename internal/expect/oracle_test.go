package expect

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

var seed = flag.Uint64("seed", 1, "of generated transcripts and patterns")

// oracle is pexpect, fed byte by byte from memory by its own loop: that is the
// rule of this package. How long the match of the winner may grow is asked of
// Python's re, anchored where it begins.
const oracle = `
import json, re, sys, pexpect
from pexpect.spawnbase import SpawnBase

class Feed(SpawnBase):
    def __init__(self, data, closed):
        SpawnBase.__init__(self, timeout=5)
        self.data, self.at, self.closed = data, 0, closed
        self.delayafterread = None
    def read_nonblocking(self, size=1, timeout=None):
        if self.at == len(self.data):
            raise pexpect.EOF("end") if self.closed else pexpect.TIMEOUT("late")
        self.at += 1
        return self.data[self.at-1:self.at]

def patterns(items):
    for kind, text in items:
        yield {"eof": pexpect.EOF, "timeout": pexpect.TIMEOUT, "re": text.encode("latin1"), "lit": re.escape(text.encode("latin1"))}[kind]

def ask(rest, items, closed):
    feed = Feed(rest, closed)
    try:
        i = feed.expect(list(patterns(items)))
    except (pexpect.EOF, pexpect.TIMEOUT) as e:
        return {"index": -1, "kind": type(e).__name__, "before": feed.before.decode("latin1"), "groups": None}, 0
    kind = items[i][0]
    if kind in ("eof", "timeout"):
        return {"index": i, "kind": kind.upper(), "before": feed.before.decode("latin1"), "groups": None}, len(rest) if kind == "eof" else 0
    m = re.compile(list(patterns(items))[i], re.DOTALL).match(rest, len(feed.before))
    groups = [None if g is None else g.decode("latin1") for g in [m.group(0)] + list(m.groups())]
    return {"index": i, "kind": "match", "before": rest[:m.start()].decode("latin1"), "groups": groups}, m.end()

for line in sys.stdin:
    q = json.loads(line)
    rest, out = q["text"].encode("latin1"), []
    for items in q["calls"]:
        answer, n = ask(rest, items, q["closed"])
        out.append(answer)
        rest = rest[n:]
    print(json.dumps(out), flush=True)
`

type dialogueCase struct {
	Text   string        `json:"text"`
	Closed bool          `json:"closed"`
	Calls  [][][2]string `json:"calls"`
}

type outcome struct {
	Index  int       `json:"index"`
	Kind   string    `json:"kind"`
	Before string    `json:"before"`
	Groups []*string `json:"groups"`
}

// TestLikePexpect compares lists of patterns over generated transcripts, which
// come here in random pieces.
func TestLikePexpect(t *testing.T) {
	python := testenv.Python(t, "pexpect")
	script := filepath.Join(t.TempDir(), "oracle.py")
	if err := os.WriteFile(script, []byte(oracle), 0o600); err != nil {
		t.Fatal(err)
	}
	pexpect := testenv.Ask(t, python, script)
	random := rand.New(rand.NewPCG(*seed, 0))
	for n := range 2000 {
		c := generate(random)
		var want []outcome
		pexpect.Ask(c, &want)
		for range 2 {
			if got := play(t, c, random); !reflect.DeepEqual(got, want) {
				t.Fatalf("case %d of -seed %d:\n%+v\ngot  %s\nwant %s", n, *seed, c, show(got), show(want))
			}
		}
	}
}

func show(list []outcome) string {
	var b strings.Builder
	for _, o := range list {
		fmt.Fprintf(&b, "{%d %s before %q", o.Index, o.Kind, o.Before)
		for _, g := range o.Groups {
			if g == nil {
				b.WriteString(" nil")
			} else {
				fmt.Fprintf(&b, " %q", *g)
			}
		}
		b.WriteString("} ")
	}
	return b.String()
}

// play holds the dialogue with the text in random pieces.
func play(t *testing.T, c dialogueCase, random *rand.Rand) []outcome {
	t.Helper()
	b := &buffer{max: MaxBuffer}
	rest := c.Text
	var out []outcome
	for _, call := range c.Calls {
		patterns := make([]Pattern, len(call))
		for i, item := range call {
			patterns[i] = patternOf(t, item)
		}
		program, err := compile(patterns)
		if err != nil {
			t.Fatal(err)
		}
		s := newScanner(newAutomaton(program), b.base, 0)
		for {
			ending := open
			if rest == "" {
				ending = paused
				if c.Closed {
					ending = closed
				}
			}
			if hit, ok := s.scan(b, ending); ok {
				out = append(out, taken(b, hit))
				break
			}
			if rest == "" {
				out = append(out, atEnd(b, patterns, c.Closed))
				break
			}
			n := 1 + random.IntN(len(rest))
			if random.IntN(2) == 0 {
				n = 1
			}
			b.add([]byte(rest[:n]))
			rest = rest[n:]
		}
	}
	return out
}

func patternOf(t *testing.T, item [2]string) Pattern {
	t.Helper()
	switch item[0] {
	case "eof":
		return EOF
	case "timeout":
		return Timeout
	case "lit":
		return Literal(item[1])
	}
	p, err := Regexp("(?s)" + item[1])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func taken(b *buffer, hit found) outcome {
	o := outcome{Index: hit.pattern, Kind: "match", Before: b.between(b.base, hit.groups[0])}
	for i := 0; i < len(hit.groups); i += 2 {
		if hit.groups[i] < 0 {
			o.Groups = append(o.Groups, nil)
			continue
		}
		text := b.between(hit.groups[i], hit.groups[i+1])
		o.Groups = append(o.Groups, &text)
	}
	b.take(hit.groups[1])
	return o
}

func atEnd(b *buffer, patterns []Pattern, closed bool) outcome {
	o := outcome{Before: b.between(b.base, b.end())}
	o.Index, o.Kind = indexOf(patterns, timeout), "TIMEOUT"
	if closed {
		o.Index, o.Kind = indexOf(patterns, eof), "EOF"
		if o.Index >= 0 {
			b.take(b.end())
		}
	}
	return o
}

// generate makes a transcript of few letters, so that patterns match often, and
// lists of patterns with EOF and TIMEOUT anywhere.
func generate(r *rand.Rand) dialogueCase {
	c := dialogueCase{Closed: r.IntN(2) == 0}
	var text strings.Builder
	for range r.IntN(40) {
		text.WriteString(pick(r, "a", "b", "c", "ab", "\r\n", "login: ", "$ ", "1", "42"))
	}
	c.Text = text.String()
	for range 1 + r.IntN(5) {
		var list [][2]string
		for range 1 + r.IntN(4) {
			switch kind := r.IntN(8); kind {
			case 0, 1: // pexpect takes the last of two
				item := [2]string{[]string{"eof", "timeout"}[kind], ""}
				if !slices.Contains(list, item) {
					list = append(list, item)
				}
			case 2:
				list = append(list, [2]string{"lit", pick(r, "ab", "$ ", "login: ", "\r\n", "c1", "aab")})
			default:
				list = append(list, [2]string{"re", expressionOf(r, 3)})
			}
		}
		if len(list) > 0 {
			c.Calls = append(c.Calls, list)
		}
	}
	return c
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

// expressionOf makes an expression that means the same to RE2 and to Python.
func expressionOf(r *rand.Rand, depth int) string {
	if depth == 0 {
		return pick(r, "a", "b", "c", "ab", "[ab]", "[^a]", ".", `\d`, `\$ `, "login", `\r\n`, "1")
	}
	switch r.IntN(7) {
	case 0:
		return expressionOf(r, depth-1) + expressionOf(r, depth-1)
	case 1:
		return "(?:" + expressionOf(r, depth-1) + "|" + expressionOf(r, depth-1) + ")"
	case 2:
		return "(" + expressionOf(r, depth-1) + ")" + expressionOf(r, depth-1)
	case 3:
		return expressionOf(r, 0) + pick(r, "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}") + expressionOf(r, depth-1)
	case 4:
		return "^" + expressionOf(r, depth-1)
	default:
		return expressionOf(r, depth-1)
	}
}
