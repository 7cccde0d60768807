package luastr_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"gofab/internal/luastr"
	"gofab/internal/testenv"
)

// puc runs a script in PUC Lua 5.1 with input on stdin and gives its lines.
func puc(t *testing.T, script, input string) []string {
	t.Helper()
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		if strings.Contains(os.Getenv("GOFAB_REQUIRE"), "lua5.1") {
			t.Fatal(err)
		}
		t.Skip("lua5.1 is not installed")
	}
	cmd := exec.Command(path, "-e", script)
	cmd.Stdin = strings.NewReader(input)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	var lines []string
	scanner := bufio.NewScanner(&out)
	scanner.Buffer(nil, 1<<26)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines
}

// Cases travel as hexadecimal words on a line.
const prelude = `
local function unhex(h) return (h:sub(2):gsub("..", function(x) return string.char(tonumber(x, 16)) end)) end
local function hex(s) return "x" .. (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end):gsub("\n", "0a")) end
local function enc(v) if type(v) == "string" then return hex(v) end return tostring(v) end
local function show(ok, ...)
  if not ok then return "error " .. (tostring((...)):gsub("^[^:]*:%d+: ", "")) end
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = enc((select(i, ...))) end
  return table.concat(parts, " ")
end
`

func hexWord(s string) string { return fmt.Sprintf("x%x", s) }

const patternScript = prelude + `
for line in io.lines() do
  local words = {}
  for w in line:gmatch("%S+") do words[#words + 1] = w end
  local op, s, p = words[1], unhex(words[2]), unhex(words[3])
  local init = tonumber(words[4])
  if op == "find" then print(show(pcall(string.find, s, p, init)))
  elseif op == "match" then print(show(pcall(string.match, s, p, init)))
  elseif op == "gsub" then print(show(pcall(string.gsub, s, p, unhex(words[5]), init >= 0 and init or nil)))
  else
    print(show(pcall(function()
      local all = {}
      for a, b in s:gmatch(p) do all[#all + 1] = enc(a) .. "," .. enc(b) end
      return table.concat(all, ";")
    end)))
  end
end`

type patternCase struct {
	op, s, p, repl string
	init           int
}

func (c patternCase) line() string {
	return fmt.Sprintf("%s %s %s %d %s\n", c.op, hexWord(c.s), hexWord(c.p), c.init, hexWord(c.repl))
}

// ours gives what our engine says of a case, in the form of the script.
func (c patternCase) ours(m *luastr.Matcher) string {
	p := luastr.Compile(c.p)
	var words []string
	var err error
	switch c.op {
	case "find", "match":
		words, err = c.first(m, p)
	case "gsub":
		limit := c.init
		if limit < 0 {
			limit = -1
		}
		var text string
		var n int
		text, n, err = m.Gsub(c.s, p, limit, luastr.Template(c.repl))
		words = []string{hexWord(text), strconv.Itoa(n)}
	default:
		words, err = c.all(m, p)
	}
	if err != nil {
		return "error " + err.Error()
	}
	return strings.Join(words, " ")
}

func (c patternCase) first(m *luastr.Matcher, p *luastr.Pattern) ([]string, error) {
	find := m.Match
	if c.op == "find" {
		find = func(s string, p *luastr.Pattern, init int) (int, int, error) { return m.Find(s, p, init, false) }
	}
	start, end, err := find(c.s, p, luastr.Start(c.s, c.init))
	if err != nil || start < 0 {
		return []string{"nil"}, err
	}
	var words []string
	if c.op == "find" {
		words = []string{strconv.Itoa(start + 1), strconv.Itoa(end)}
	}
	n := m.Captures()
	if n == 0 && c.op == "match" {
		n = 1
	}
	for i := range n {
		word, err := captured(m, i, start, end)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
	}
	return words, nil
}

func captured(m *luastr.Matcher, i, start, end int) (string, error) {
	text, at, err := m.Capture(i, start, end)
	if at > 0 {
		return strconv.Itoa(at), err
	}
	return hexWord(text), err
}

func (c patternCase) all(m *luastr.Matcher, p *luastr.Pattern) ([]string, error) {
	var all []string
	for from := 0; from <= len(c.s); {
		start, end, err := m.Next(c.s, p, from)
		if err != nil {
			return nil, err
		}
		if start < 0 {
			break
		}
		pair := []string{"nil", "nil"}
		for i := range 2 {
			if i > 0 && i >= m.Captures() {
				break
			}
			if pair[i], err = captured(m, i, start, end); err != nil {
				return nil, err
			}
		}
		for i := 2; i < m.Captures(); i++ { // errors of further captures count too
			if _, err = captured(m, i, start, end); err != nil {
				return nil, err
			}
		}
		all = append(all, strings.Join(pair, ","))
		from = end
		if end == start {
			from++
		}
	}
	return []string{hexWord(strings.Join(all, ";"))}, nil
}

// generator makes patterns from Lua's grammar, and garbage of them.
type generator struct{ *rand.Rand }

func (g generator) pick(list ...string) string { return list[g.Intn(len(list))] }

func (g generator) item() string {
	switch g.Intn(14) {
	case 0:
		return "."
	case 1, 2:
		return "%" + g.pick("a", "c", "d", "l", "p", "s", "u", "w", "x", "z", "A", "D", "S", "W", "Z", "X", ".", "%", "-", "]", "q")
	case 3:
		return "[" + g.pick("", "^") + g.pick("a-c", "%d", "abc", "]", "%]x", "a-", "-a", "^b", "%w_", "c-a", "\x80-\xff") + g.pick("", "1", "%s") + "]"
	case 4:
		return g.pick("%b()", "%bab", "%f[%w]", "%f[^a]", "%1", "%2", "()", "%f[b-c]")
	default:
		return g.pick("a", "b", "c", "ab", "1", " ", "(", "x", "\xe9", "_")
	}
}

func (g generator) pattern(depth int) string {
	var b strings.Builder
	if g.Intn(8) == 0 {
		b.WriteByte('^')
	}
	for range 1 + g.Intn(4) {
		if depth > 0 && g.Intn(4) == 0 {
			b.WriteString("(" + g.pattern(depth-1) + ")")
			continue
		}
		item := g.item()
		if item == "(" {
			item = "%("
		}
		b.WriteString(item + g.pick("", "", "", "*", "+", "-", "?"))
	}
	if g.Intn(8) == 0 {
		b.WriteByte('$')
	}
	return b.String()
}

func (g generator) garbage(p string) string {
	bytes := []byte(p)
	for range 1 + g.Intn(3) {
		at := g.Intn(len(bytes) + 1)
		switch c := g.pick("%", "[", "]", "(", ")", "-", "*", "^", "$", "%b", "%f", "\x00", "a")[0:]; g.Intn(3) {
		case 0:
			bytes = append(bytes[:at:at], append([]byte(c), bytes[at:]...)...)
		case 1:
			if at < len(bytes) {
				bytes = append(bytes[:at:at], bytes[at+1:]...)
			}
		default:
			bytes = bytes[:at]
		}
	}
	return string(bytes)
}

func (g generator) subject() string {
	var b strings.Builder
	for range g.Intn(14) {
		b.WriteString(g.pick("a", "b", "c", "ab", "1", "2", " ", "(", ")", "x", "_", "\n", "\xe9", "\x00", "A", "Z.", "-", "]", "%"))
	}
	return b.String()
}

func TestPatternsEqualPUCLua(t *testing.T) {
	const total = 200_000
	seed := int64(testenv.Seed(t))
	g := generator{rand.New(rand.NewSource(seed))}
	cases := make([]patternCase, total)
	var input strings.Builder
	for i := range cases {
		c := patternCase{op: g.pick("find", "match", "gsub", "gmatch"), s: g.subject(), p: g.pattern(2)}
		if g.Intn(4) == 0 {
			c.p = g.garbage(c.p)
		}
		c.init = g.Intn(12) - 4
		c.repl = g.pick("", "x", "%0%0", "<%1>", "%2", "%%", "%", "a%qb", "%1%0")
		cases[i] = c
		input.WriteString(c.line())
	}
	want := puc(t, patternScript, input.String())
	if len(want) != total {
		t.Fatalf("%d answers of %d", len(want), total)
	}
	m := &luastr.Matcher{}
	differences := 0
	for i, c := range cases {
		if got := c.ours(m); got != want[i] {
			if differences++; differences < 10 {
				t.Errorf("seed %d: %s(%q, %q, init %d, %q)\n got %s\nwant %s", seed, c.op, c.s, c.p, c.init, c.repl, got, want[i])
			}
		}
	}
	t.Logf("%d cases, %d differences", total, differences)
}

type list []any

func (l list) Number(i int) (float64, error) {
	if i > len(l) {
		return 0, errors.New("no value")
	}
	n, ok := l[i-1].(float64)
	if !ok {
		return 0, errors.New("number expected")
	}
	return n, nil
}

func (l list) Text(i int) (string, error) {
	if i > len(l) {
		return "", errors.New("no value")
	}
	if n, ok := l[i-1].(float64); ok {
		return luastr.NumberText(n), nil
	}
	return l[i-1].(string), nil
}

var numbers = []float64{0, 1, -1, 0.1, 0.5, 1.5, 2.5, -0.05, 100, 1e5, 123456, 1234567, 1e14, 1e15, 1e16, 1e100, 1e-5, 1e-4, 3.14159265358979,
	2147483647, 2147483648, -2147483649, 9007199254740993, 0.30000000000000004, math.Inf(1), math.Inf(-1), math.MaxFloat64, 5e-324, 9.99999e9, 0.00012345, 65}

func TestFormatEqualsPUCLua(t *testing.T) {
	const total = 30_000
	seed := int64(testenv.Seed(t))
	g := generator{rand.New(rand.NewSource(seed))}
	type formatCase struct {
		format string
		arg    any
	}
	cases := make([]formatCase, total)
	var input strings.Builder
	for i := range cases {
		var flags string
		for range g.Intn(4) {
			flags += g.pick("-", "+", " ", "#", "0")
		}
		spec := flags + g.pick("", "", "1", "5", "12", "20", "99") + g.pick("", "", ".", ".0", ".3", ".10", ".20")
		c := formatCase{format: "<%" + spec + g.pick("d", "i", "u", "o", "x", "X", "c", "e", "E", "f", "g", "G", "s", "q") + ">"}
		c.arg = numbers[g.Intn(len(numbers))]
		last := c.format[len(c.format)-2]
		switch {
		case last == 's' || last == 'q':
			c.arg = g.subject() + g.pick("", "\"\\\r\n", strings.Repeat("long", 30))
			if last == 'q' {
				c.format = "<%q>"
			}
		case last == 'c':
			c.arg = float64(g.Intn(256))
			c.format = "<%" + g.pick("", "-", "5", "-3") + "c>"
		case strings.IndexByte("uoxX", last) >= 0:
			c.arg = math.Abs(numbers[g.Intn(23)])
		}
		if g.Intn(50) == 0 {
			c.format = g.garbage(c.format)
		}
		cases[i] = c
		word := "n"
		if s, ok := c.arg.(string); ok {
			word = hexWord(s)
		} else {
			word += strconv.FormatFloat(c.arg.(float64), 'g', 17, 64)
		}
		fmt.Fprintf(&input, "%s %s\n", hexWord(c.format), word)
	}
	want := puc(t, prelude+`
local special = { ["+Inf"] = 1/0, ["-Inf"] = -1/0 }
for line in io.lines() do
  local f, a = line:match("(%S+) (%S+)")
  if a:sub(1, 1) == "n" then a = special[a:sub(2)] or tonumber(a:sub(2)) else a = unhex(a) end
  print(show(pcall(string.format, unhex(f), a)))
end`, input.String())
	differences := 0
	for i, c := range cases {
		text, err := luastr.Format(c.format, list{c.arg})
		got := hexWord(text)
		if err != nil {
			got = "error " + err.Error()
		}
		bothFail := strings.HasPrefix(want[i], "error bad argument") && err != nil
		if got != want[i] && !bothFail {
			if differences++; differences < 10 {
				t.Errorf("seed %d: format(%q, %v)\n got %s\nwant %s", seed, c.format, c.arg, got, want[i])
			}
		}
	}
	t.Logf("%d cases, %d differences", total, differences)
}

func TestNumbersEqualPUCLua(t *testing.T) {
	const total = 100_000
	seed := int64(testenv.Seed(t))
	r := rand.New(rand.NewSource(seed))
	values := append([]float64{}, numbers[:24]...)
	for len(values) < total {
		switch r.Intn(4) {
		case 0:
			values = append(values, float64(r.Int63n(1<<55)-1<<54))
		case 1:
			values = append(values, math.Float64frombits(r.Uint64()))
		case 2:
			values = append(values, float64(r.Intn(100000))/1000)
		default:
			values = append(values, r.NormFloat64()*math.Pow(10, float64(r.Intn(40)-20)))
		}
	}
	var input strings.Builder
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			values[i] = 0
		}
		fmt.Fprintln(&input, strconv.FormatFloat(values[i], 'g', 17, 64))
	}
	want := puc(t, `for line in io.lines() do print(tostring(tonumber(line))) end`, input.String())
	for i, v := range values {
		if got := luastr.NumberText(v); got != want[i] {
			t.Fatalf("seed %d: %v prints as %s, want %s", seed, v, got, want[i])
		}
	}
	for _, v := range []struct {
		n    float64
		want string
	}{{math.Inf(1), "inf"}, {math.Inf(-1), "-inf"}, {math.Copysign(0, -1), "-0"}} {
		if got := luastr.NumberText(v.n); got != v.want {
			t.Errorf("%v prints as %s", v.n, got)
		}
	}
}

func TestToNumberEqualsPUCLua(t *testing.T) {
	texts := []string{"1", " 1 ", "\t2\n", "0x10", "0X1F", "-0x10", "1e5", "1e", "1.", ".5", ".", "", " ", "abc", "1a", "0x", "1_000", "0b1",
		"1e400", "-1e400", "1e-400", "+5", "--5", "+-5", "inf", "1 2", "0x1p4", "0x.8", "5e+3", "1,5", "٣"}
	var input strings.Builder
	for _, text := range texts {
		input.WriteString(hexWord(text) + "\n")
	}
	want := puc(t, prelude+`for line in io.lines() do print(tostring(tonumber(unhex(line)))) end`, input.String())
	for i, text := range texts {
		got := "nil"
		if n, ok := luastr.ToNumber(text); ok {
			got = luastr.NumberText(n)
		}
		if got != want[i] {
			t.Errorf("%q reads as %s, want %s", text, got, want[i])
		}
	}
}

func TestBombsStop(t *testing.T) {
	stop := errors.New("stopped")
	for _, c := range []struct{ s, p string }{
		{strings.Repeat("a", 30), strings.Repeat("a?", 30) + strings.Repeat("a", 31)},
		{strings.Repeat("a", 5000), ".-.-.-.-.-b"},
		{strings.Repeat("a", 100000), strings.Repeat("(a*)", 20) + "b"},
	} {
		polls := 0
		m := &luastr.Matcher{Poll: func() error {
			if polls++; polls > 10 {
				return stop
			}
			return nil
		}}
		if _, _, err := m.Match(c.s, luastr.Compile(c.p), 0); !errors.Is(err, stop) {
			t.Errorf("%q: %v", c.p, err)
		}
	}
}

func TestRepIsBounded(t *testing.T) {
	if _, err := luastr.Rep("x", 1e12); !errors.Is(err, luastr.ErrTooLong) {
		t.Error(err)
	}
	if s, err := luastr.Rep("ab", 3); s != "ababab" || err != nil {
		t.Error(s, err)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("hello world", "(%w+) (%w+)")
	f.Add("a[b", "[%a")
	f.Add("((x))", "%b()%f[%z]")
	f.Fuzz(func(_ *testing.T, s, p string) {
		polls := 0
		m := &luastr.Matcher{Poll: func() error {
			if polls++; polls > 50 {
				return errors.New("enough")
			}
			return nil
		}}
		start, end, err := m.Match(s, luastr.Compile(p), 0)
		if err == nil && start >= 0 {
			for i := range m.Captures() {
				_, _, _ = m.Capture(i, start, end)
			}
		}
		_, _, _ = m.Gsub(s, luastr.Compile(p), -1, luastr.Template("%1"))
	})
}
