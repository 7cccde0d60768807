package difflib

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/testenv"
)

// comparison is one case for us and for Python.
type comparison struct {
	A        []string `json:"a"`
	B        []string `json:"b"`
	Context  int      `json:"context"`
	AutoJunk bool     `json:"autojunk"`
	LineJunk string   `json:"line_junk"`
	CharJunk string   `json:"char_junk"`
	From     string   `json:"from"`
	To       string   `json:"to"`
	FromDate string   `json:"from_date"`
	ToDate   string   `json:"to_date"`
	Word     string   `json:"word"`
	Words    []string `json:"words"`
	Count    int      `json:"count"`
	Cutoff   float64  `json:"cutoff"`
}

// opcode is a step as Python's JSON has it.
type opcode struct{ Opcode }

func (o *opcode) UnmarshalJSON(data []byte) error {
	return json.Unmarshal(data, &[]any{&o.Tag, &o.A1, &o.A2, &o.B1, &o.B2})
}

type answers struct {
	Opcodes              []opcode
	Ratio, Quick, Length float64
	Blocks               [][3]int
	Hunks                [][]opcode
	Unified, Context     string
	Ndiff, First, Second []string
	Close                []string
}

var (
	lineFilters = map[string]func(string) bool{
		"": nil, "blank-line": BlankLine, "short": func(s string) bool { return len([]rune(s)) < 3 },
	}
	characterFilters = map[string]func(rune) bool{
		"": nil, "blank": BlankCharacter, "vowel": func(r rune) bool { return strings.ContainsRune("aeiou", r) },
	}
)

func ours(t *testing.T, c comparison) answers {
	t.Helper()
	ctx := context.Background()
	junk := lineFilters[c.LineJunk]
	m, err := Compare(ctx, c.A, c.B, Options[string]{Junk: junk, NoAutoJunk: !c.AutoJunk})
	plain, err2 := Compare(ctx, c.A, c.B, Options[string]{})
	edits, err3 := CompareLines(ctx, c.A, c.B, LineOptions{Junk: junk, CharacterJunk: characterFilters[c.CharJunk]})
	closest, err4 := CloseMatches(ctx, c.Word, c.Words, c.Count, c.Cutoff)
	for _, err := range []error{err, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	f := Format{From: c.From, To: c.To, FromDate: c.FromDate, ToDate: c.ToDate, Context: c.Context}
	delta := Ndiff(edits, c.A, c.B)
	out := answers{
		Opcodes: asJSON(m.Opcodes()), Ratio: m.Ratio(), Quick: RatioByCount(c.A, c.B), Length: RatioByLength(c.A, c.B),
		Unified: Unified(plain, c.A, c.B, f), Context: Context(plain, c.A, c.B, f),
		Ndiff: delta, First: Restore(delta, 1), Second: Restore(delta, 2), Close: closest, Hunks: [][]opcode{},
	}
	for _, b := range m.Blocks() {
		out.Blocks = append(out.Blocks, [3]int{b.A, b.B, b.Size})
	}
	for _, h := range m.Hunks(c.Context) {
		out.Hunks = append(out.Hunks, asJSON(h))
	}
	return out
}

func asJSON(codes []Opcode) []opcode {
	out := []opcode{}
	for _, c := range codes {
		out = append(out, opcode{c})
	}
	return out
}

// edgeCases come before the generated ones.
var edgeCases = [][2][]string{
	{{}, {}}, {{"a\n"}, {}}, {{}, {"a\n"}}, {{"a"}, {"a"}}, {{"a"}, {"a\n"}}, {{"\n"}, {""}}, {{""}, {""}},
	{{"\n", "\n"}, {"\n"}}, {{"tide"}, {"diet"}}, {{"\tone\n"}, {" one\n"}}, {{"\t a\tb\n"}, {"\t a\tc\n"}},
	{{"naïve\n"}, {"naive\n"}}, {{"日本語のテキスト\n"}, {"日本語のテクスト\n"}}, {{"a\u2028b\u00a0c\n"}, {"a\u2028d\u00a0c\n"}},
	{{"x\r\n"}, {"x\n"}}, {{"\x1c\x1f\n"}, {"\x1c\x1e\n"}}, {{"#\n", " # \n", "a\n"}, {"a\n", "#\n"}},
	{strings.SplitAfter(strings.Repeat("same\n", 250), "\n"), strings.SplitAfter(strings.Repeat("same\n", 249)+"new\n", "\n")},
	{{strings.Repeat("ab", 150) + "\n"}, {strings.Repeat("ab", 149) + "xb\n"}},
}

func generate(r *rand.Rand, i int) comparison {
	c := comparison{
		Context: r.IntN(5), AutoJunk: r.IntN(4) > 0, LineJunk: pick(r, "", "", "", "blank-line", "short"),
		CharJunk: pick(r, "blank", "blank", "", "vowel"), From: pick(r, "", "old.conf"), To: pick(r, "", "new.conf"),
		FromDate: pick(r, "", "2026-01-02"), ToDate: pick(r, "", "2026-01-03"),
		Word: word(r), Count: 1 + r.IntN(5), Cutoff: pick(r, 0.0, 0.3, 0.6, 0.9, 1.0), Words: []string{},
	}
	for range r.IntN(12) {
		c.Words = append(c.Words, word(r))
	}
	if i < len(edgeCases) {
		c.A, c.B = edgeCases[i][0], edgeCases[i][1]
		return c
	}
	size := pick(r, 3, 10, 10, 30)
	if i%50 == 0 { // popular lines begin at 200; Python takes long over them
		size = 260
	}
	c.A = text(r, size)
	c.B = text(r, size)
	if r.IntN(3) > 0 {
		c.B = mutate(r, c.A)
	}
	return c
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func word(r *rand.Rand) string {
	letters := []rune(pick(r, "ab", "abcdefgh", "aé日😀", "a \t#"))
	out := make([]rune, r.IntN(9))
	for i := range out {
		out[i] = letters[r.IntN(len(letters))]
	}
	return string(out)
}

func text(r *rand.Rand, size int) []string {
	vocabulary := make([]string, 1+r.IntN(size))
	for i := range vocabulary {
		vocabulary[i] = line(r)
	}
	out := make([]string, r.IntN(size+1))
	for i := range out {
		out[i] = pick(r, vocabulary...)
	}
	if n := len(out); n > 0 && r.IntN(3) == 0 {
		out[n-1] = strings.TrimSuffix(out[n-1], "\n")
	}
	return out
}

func line(r *rand.Rand) string {
	words := make([]string, r.IntN(6))
	for i := range words {
		words[i] = word(r)
	}
	return strings.Join(words, pick(r, " ", "\t", "")) + "\n"
}

// mutate changes some lines a little, so that there are similar ones.
func mutate(r *rand.Rand, lines []string) []string {
	out := []string{}
	for _, l := range lines {
		switch r.IntN(8) {
		case 0:
		case 1:
			out = append(out, l, line(r))
		case 2, 3:
			runes := []rune(l)
			at := r.IntN(len(runes) + 1)
			out = append(out, string(runes[:at])+word(r)+string(runes[at:]))
		default:
			out = append(out, l)
		}
	}
	return out
}

// The answers equal those of Python's difflib.
func TestEqualsPython(t *testing.T) {
	python := testenv.Python(t, "difflib")
	for seed := range uint64(2) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			oracle := testenv.Ask(t, python, "testdata/oracle.py")
			r := rand.New(rand.NewPCG(3, seed))
			for i := range 6000 {
				c := generate(r, i)
				var want answers
				oracle.Ask(c, &want)
				if diff := cmp.Diff(want, ours(t, c)); diff != "" {
					text, _ := json.Marshal(c)
					t.Fatalf("case %d differs from Python (-python +ours):\n%s\n%s", i, diff, text)
				}
			}
		})
	}
}
