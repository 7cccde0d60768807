package ansibleinv

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/testenv"
)

// Ansible itself is the original: values and words of INI files are read by
// both.

func ask(t *testing.T) *testenv.Oracle {
	return testenv.Ask(t, testenv.Python(t, "ansible"), "testdata/oracle.py")
}

type question struct {
	Ask  string `json:"ask"`
	Text string `json:"text"`
}

var someValues = []string{
	"", "5", "-5", "+5", "0", "-0", "007", "00", "0x1F", "0o17", "0b101", "0b102", "1_000", "1__0", "_1", "1_", "1.5", "-1.5", ".5", "5.", "1e5", "1e-2", "1E5",
	"1.5e+3", "0.0", "1..2", "1.2.3", "10.0.0.1", "True", "False", "None", "true", "yes", "null", "Trueish", `"text"`, `'text'`, `"a" "b"`, `'it''s'`,
	`"a\nb"`, `"\x41\u00e9\101"`, `'\q'`, `r'\n'`, `u"x"`, `b"x"`, `rb'\x'`, `"\N{DASH}"`, `"""triple"""`, `'''a'b'''`, `"open`, `"a"b`, "[1, 2]", "[1, 2,]", "[,]",
	"[]", "[1 2]", "(1, 2)", "(1)", "(1,)", "()", "1, 2", "1,", ",1", "{'a': 1}", "{}", "{'a': [1, {'b': None}]}", "{'a': 1,}", "{'a'}", "{a: 1}", "[a]",
	"5 # five", "text # five", "[1] # one", "# only", "a=b", "a b c", "{{ x }}", "{{ x }}/y", "--- x", "- 5", "--5", "+-5", "not 5", "1+2", "1 + 2", "5 5", "é", `"é"`,
	"12345678901234", "[1, [2, [3]]]", "(1, [2])", "{'a': (1, 2)}", "'a' 'b' 'c'", "\t5", "5\t", "lambda", "x[1]", "f(1)", "...", "0777", "0_7", "1_0.5_0", "1._5", "0e0", "00.5", "0x", "5j",
	`{"a": "b", "c": [1, 2.5, True]}`, `'a' + 'b'`, "'\\", `"\`, "[1,\t2]", "[1, # c", "{'a' : 1 , 'b':2}", "( 5 )", "((5))", "((5,),)", "0xG", "1e", "1e+", "e5", "-.5", "-0x10", "- 0.0", "-0.0",
}

// unlike are literals of Python that no data has: complex numbers, bytes, sets,
// and three dots. Here they are text.
var unlike = regexp.MustCompile(`5j|b"|b'|\.\.\.|\{'a'\}`)

func TestValuesAsAnsibleReadsThem(t *testing.T) {
	oracle := ask(t)
	random := rand.New(rand.NewPCG(testenv.Seed(t), 1))
	cases := append([]string{}, someValues...)
	for range 4000 {
		cases = append(cases, randomLiteral(random, 3))
	}
	for _, text := range cases {
		var want struct {
			Value any
			Error string
		}
		oracle.Ask(question{"literal", text}, &want)
		if unlike.MatchString(text) || want.Error != "" {
			continue // what ends Ansible's own reader
		}
		if got := literal(text); !cmp.Equal(got, want.Value) {
			t.Errorf("%q: got %#v, want %#v", text, got, want.Value)
		}
	}
}

// randomLiteral writes values that are right, nearly right and wrong.
func randomLiteral(r *rand.Rand, depth int) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	inner := func() string { return randomLiteral(r, depth-1) }
	if depth == 0 || r.IntN(3) == 0 {
		return pick(pick("5", "-1", "2.5", "True", "None", "'a'", `"b"`, "name", "1_0", "0x1", "''"), someValues[r.IntN(len(someValues))])
	}
	blank := pick("", "", " ", "  ")
	switch r.IntN(6) {
	case 0:
		return "[" + blank + inner() + "," + blank + inner() + pick("]", "]", "]", "", ",]")
	case 1:
		return "(" + inner() + pick(",", "", ", ") + inner() + pick(")", ")", ",)")
	case 2:
		return "{" + pick("'k'", `"k"`, "'é'", "k") + blank + ":" + blank + inner() + pick("}", "}", "}", "", ",}")
	case 3:
		return inner() + pick(",", ", ", " ", "") + inner()
	case 4:
		return pick("[]", "()", "{}", "[[]]", "[()]", "[{}]")
	default:
		return pick("'", `"`) + pick("a", "a b", "#", "\\n", "\\'", "é") + pick("'", `"`)
	}
}

func TestWordsAsAnsibleCutsThem(t *testing.T) {
	oracle := ask(t)
	random := rand.New(rand.NewPCG(testenv.Seed(t), 2))
	parts := []string{"a", "web1", "x=1", " ", "  ", "\t", `"`, "'", `\`, "#", `"a b"`, `'a b'`, "=", "é", `\"`, "$", "[1, 2]", `""`}
	for range 4000 {
		text := ""
		for range random.IntN(8) {
			text += parts[random.IntN(len(parts))]
		}
		var want struct {
			Words []string
			Error string
		}
		oracle.Ask(question{"words", text}, &want)
		got, err := Split(text)
		if (err != nil) != (want.Error != "") || err == nil && fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want.Words) {
			t.Errorf("%q: got %q, %v; want %q, %s", text, got, err, want.Words, want.Error)
		}
	}
}
