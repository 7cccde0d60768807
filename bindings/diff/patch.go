package diff

import (
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/difflib"
	"gofab/internal/fault"
)

type parseArgs struct {
	Patch text `lua:"patch,arg1" doc:"A unified diff, or {file = path}."`
}

// filePatch is the part of a patch that belongs to one file.
type filePatch struct {
	Old     string `lua:"old" doc:"Name in the --- line; /dev/null for a new file."`
	New     string `lua:"new" doc:"Name in the +++ line; /dev/null for a file that goes."`
	Copied  bool   `lua:"copied" doc:"Whether the old file stays where the names differ."`
	Mode    string `lua:"mode" doc:"Mode that git gives the file, such as 100755; empty when it says nothing."`
	Hunks   []hunk `lua:"hunks" doc:"The places of change."`
	Added   int    `lua:"added" doc:"Lines that come."`
	Removed int    `lua:"removed" doc:"Lines that go."`
}

type hunk struct {
	OldStart int      `lua:"old_start" doc:"First line in the old file."`
	NewStart int      `lua:"new_start" doc:"First line in the new file."`
	Lines    []string `lua:"lines" doc:"Lines with a blank, - or + in front."`
}

func parse(c *kit.Call, a parseArgs) ([]filePatch, error) {
	patches, err := readPatch(c, &a.Patch)
	if err != nil {
		return nil, err
	}
	out := make([]filePatch, len(patches))
	for i, p := range patches {
		out[i] = filePatch{Old: p.Old, New: p.New, Copied: p.Copied, Mode: p.NewMode, Hunks: []hunk{}}
		for _, h := range p.Hunks {
			out[i].add(h)
		}
	}
	return out, nil
}

func (f *filePatch) add(h difflib.Hunk) {
	f.Hunks = append(f.Hunks, hunk{h.OldStart, h.NewStart, h.Lines})
	for _, line := range h.Lines {
		switch line[0] {
		case '+':
			f.Added++
		case '-':
			f.Removed++
		}
	}
}

func readPatch(c *kit.Call, t *text) ([]difflib.Patch, error) {
	content, err := t.string(c)
	if err != nil {
		return nil, err
	}
	return difflib.ParsePatch(content)
}

// applyOptions is what both ways of applying have in common.
type applyOptions struct {
	Fuzz    int  `lua:"fuzz" default:"2" doc:"How many lines of context at each end of a change may differ."`
	Reverse bool `lua:"reverse" default:"false" doc:"Take the patch back."`
}

type applyArgs struct {
	Text  text `lua:"text,arg1" doc:"The text to change, or {file = path, on = host}. A file is read, not written."`
	Patch text `lua:"patch,arg2" doc:"A unified diff of one file, or {file = path}."`
	applyOptions
	Check bool `lua:"check" default:"true" doc:"Raise when a change fits nowhere. With false the others are applied and rejected has the rest."`
}

type applied struct {
	Text     string           `lua:"text" doc:"The changed text."`
	OK       bool             `lua:"ok" doc:"Whether all changes were applied."`
	Placed   []difflib.Placed `lua:"placed" doc:"Where each change was applied."`
	Rejected string           `lua:"rejected" doc:"A patch of the changes that fit nowhere; empty when there are none."`
}

func apply(c *kit.Call, a applyArgs) (applied, error) {
	patches, err := readPatch(c, &a.Patch)
	if err != nil {
		return applied{}, err
	}
	content, err := a.Text.string(c)
	if err != nil {
		return applied{}, err
	}
	switch len(patches) {
	case 0:
		return applied{Text: content, OK: true, Placed: []difflib.Placed{}}, nil
	case 1:
	default:
		return applied{}, misuse("the patch changes %d files", len(patches)).(*fault.Error).WithHint("diff.apply_files changes the files of a folder")
	}
	out := a.change(patches[0], content)
	if a.Check && !out.OK {
		return applied{}, rejects(or(a.Text.name(), "the text"), patches[0], content, out, a.applyOptions)
	}
	return out, nil
}

// change applies one file's part to its content.
func (o applyOptions) change(p difflib.Patch, content string) applied {
	if o.Reverse {
		p = p.Reverse()
	}
	result := p.Apply(difflib.Lines(content), max(o.Fuzz, 0))
	out := applied{Text: strings.Join(result.Lines, ""), OK: len(result.Rejected) == 0, Placed: append([]difflib.Placed{}, result.Placed...)}
	if !out.OK {
		out.Rejected = difflib.Patch{Old: p.Old, New: p.New, Hunks: result.Rejected}.Text()
	}
	return out
}

// rejects is the error of a patch that does not fit, with a guess why.
func rejects(name string, p difflib.Patch, content string, out applied, o applyOptions) error {
	e := fault.New(fault.Failed, "%d of %d changes do not fit %s:\n%s", len(p.Hunks)-len(out.Placed), len(p.Hunks), name,
		strings.TrimSuffix(out.Rejected, "\n"))
	o.Reverse = !o.Reverse
	if o.change(p, content).OK {
		return e.WithHint("it looks as if the patch was applied already")
	}
	return e.WithHint("check = false applies what fits and gives the rest in rejected")
}

type mergeArgs struct {
	Ours   text `lua:"ours,arg1" doc:"One version."`
	Theirs text `lua:"theirs,arg2" doc:"The other version."`
	Base   text `lua:"base" doc:"What both versions began with."`

	OursLabel   string `lua:"ours_label" default:"ours" doc:"Name of the one version in conflict marks."`
	BaseLabel   string `lua:"base_label" default:"base" doc:"Name of the base."`
	TheirsLabel string `lua:"theirs_label" default:"theirs" doc:"Name of the other version."`
	ShowBase    bool   `lua:"show_base" default:"false" doc:"Show in a conflict what the base had."`
}

type merged struct {
	Text      string `lua:"text" doc:"The merged text."`
	Conflicts int    `lua:"conflicts" doc:"How many places have conflict marks."`
}

func merge(c *kit.Call, a mergeArgs) (merged, error) {
	var versions [3][]string
	for i, t := range []*text{&a.Base, &a.Ours, &a.Theirs} {
		content, err := t.string(c)
		if err != nil {
			return merged{}, err
		}
		versions[i] = difflib.Lines(content)
	}
	marks := difflib.Marks{Ours: a.OursLabel, Base: a.BaseLabel, Theirs: a.TheirsLabel, ShowBase: a.ShowBase}
	m, err := difflib.Merge(c.Context, versions[0], versions[1], versions[2], marks)
	if err != nil {
		return merged{}, err
	}
	return merged{strings.Join(m.Lines, ""), m.Conflicts}, nil
}
