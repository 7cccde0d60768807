package diff

import (
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/difflib"
	"gofab/internal/fault"
)

func misuse(format string, args ...any) error { return fault.New(fault.Usage, format, args...) }

// sequenceArgs are two sequences: lists as they are, texts cut into pieces.
type sequenceArgs struct {
	pairArgs
	By       string       `lua:"by" default:"" enum:"|line|word|char" doc:"What is compared of texts: lines; words are runs of letters and digits, and every other character. Lists are compared by item."`
	Junk     kit.Callback `lua:"junk" default:"" doc:"Tells pieces that nothing is aligned by: a function of a piece."`
	AutoJunk bool         `lua:"autojunk" default:"true" doc:"Align by no piece that makes up more than 1 % of a second sequence of 200 pieces or more."`
}

// compare compares the pieces; texts are cut by what is the usual one for them.
func (s *sequenceArgs) compare(c *kit.Call, usual string) (*difflib.Match, error) {
	a, err := s.pieces(c, &s.A, usual)
	if err != nil {
		return nil, err
	}
	b, err := s.pieces(c, &s.B, usual)
	if err != nil {
		return nil, err
	}
	var failed error
	o := difflib.Options[string]{NoAutoJunk: !s.AutoJunk}
	if !s.Junk.IsZero() {
		o.Junk = func(piece string) bool {
			results, err := s.Junk.Call(c.Context, piece)
			if err != nil && failed == nil {
				failed = err
			}
			return len(results) > 0 && results[0] != nil && results[0] != false
		}
	}
	m, err := difflib.Compare(c.Context, a, b, o)
	if failed != nil {
		return nil, failed
	}
	return m, err
}

// pieces cuts one side.
func (s *sequenceArgs) pieces(c *kit.Call, t *text, usual string) ([]string, error) {
	if t.items != nil {
		return t.items, nil
	}
	content, err := t.string(c)
	if err != nil {
		return nil, err
	}
	switch or(s.By, usual) {
	case "line":
		return difflib.Lines(content), nil
	case "word":
		return difflib.Words(content), nil
	default:
		return difflib.Characters(content), nil
	}
}

// step is an opcode in Lua's way of counting.
type step struct {
	Tag difflib.Tag `lua:"tag" doc:"equal, replace, delete or insert."`
	A1  int         `lua:"a1" doc:"First piece of the first sequence, from 1."`
	A2  int         `lua:"a2" doc:"Last piece of it; a1 - 1 where there is none."`
	B1  int         `lua:"b1" doc:"First piece of the second sequence."`
	B2  int         `lua:"b2" doc:"Last piece of it; b1 - 1 where there is none."`
}

func steps(codes []difflib.Opcode) []step {
	out := make([]step, len(codes))
	for i, c := range codes {
		out[i] = step{c.Tag, c.A1 + 1, c.A2, c.B1 + 1, c.B2}
	}
	return out
}

func opcodes(c *kit.Call, a sequenceArgs) ([]step, error) {
	m, err := a.compare(c, "line")
	if err != nil {
		return nil, err
	}
	return steps(m.Opcodes()), nil
}

type hunksArgs struct {
	sequenceArgs
	Context int `lua:"context" default:"3" doc:"Equal pieces around each group of changes."`
}

func hunks(c *kit.Call, a hunksArgs) ([][]step, error) {
	m, err := a.compare(c, "line")
	if err != nil {
		return nil, err
	}
	out := [][]step{}
	for _, hunk := range m.Hunks(max(a.Context, 0)) {
		out = append(out, steps(hunk))
	}
	return out, nil
}

type block struct {
	A    int `lua:"a" doc:"Where the run begins in the first sequence, from 1."`
	B    int `lua:"b" doc:"Where it begins in the second."`
	Size int `lua:"size" doc:"How many pieces it has."`
}

func blocks(c *kit.Call, a sequenceArgs) ([]block, error) {
	m, err := a.compare(c, "line")
	if err != nil {
		return nil, err
	}
	out := []block{}
	for _, b := range m.Blocks() {
		if b.Size > 0 {
			out = append(out, block{b.A + 1, b.B + 1, b.Size})
		}
	}
	return out, nil
}

func ratio(c *kit.Call, a sequenceArgs) (float64, error) {
	m, err := a.compare(c, "char")
	if err != nil {
		return 0, err
	}
	return m.Ratio(), nil
}

type closeArgs struct {
	Word   string   `lua:"word,arg1" doc:"The word to look for."`
	Words  []string `lua:"words,arg2" doc:"The words to choose from."`
	Count  int      `lua:"count" default:"3" doc:"At most so many."`
	Cutoff float64  `lua:"cutoff" default:"0.6" doc:"How alike they must be at least, from 0 to 1."`
}

func closeMatches(c *kit.Call, a closeArgs) ([]string, error) {
	switch {
	case a.Count < 1:
		return nil, misuse("count: %d is not above 0", a.Count)
	case a.Cutoff < 0 || a.Cutoff > 1:
		return nil, misuse("cutoff: %v is not from 0 to 1", a.Cutoff)
	}
	return difflib.CloseMatches(c.Context, a.Word, a.Words, a.Count, a.Cutoff)
}

type linesArgs struct {
	Text text `lua:"text,arg1" doc:"The text, or {file = path, on = host}."`
}

func splitLines(c *kit.Call, a linesArgs) ([]string, error) {
	content, err := a.Text.string(c)
	if err != nil {
		return nil, err
	}
	lines := difflib.Lines(content)
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	}
	return lines, nil
}
