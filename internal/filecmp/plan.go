package filecmp

import "slices"

// Step is one thing to do so that one side becomes like the other.
type Step struct {
	Op   string `lua:"op" doc:"copy (a folder with all that is in it), link or delete."`
	Path string `lua:"path" doc:"Path below both folders."`
	Kind Kind   `lua:"kind" doc:"What it is on the side that is followed; for delete what goes."`
}

// Plan lists what makes the right side like the left (or the other way round
// with fromRight), deletions first where a kind changes. With remove what only
// the other side has goes.
func (r *Result) Plan(fromRight, remove bool) []Step {
	steps := []Step{}
	for _, i := range r.Items {
		source, target := i.Left, i.Right
		missing, extra := LeftOnly, RightOnly
		if fromRight {
			source, target = target, source
			missing, extra = extra, missing
		}
		switch {
		case i.State == extra && remove:
			steps = append(steps, Step{"delete", i.Path, target})
		case i.State == Funny && movable(source) && target != Gone && remove:
			steps = append(steps, Step{"delete", i.Path, target}, Step{opFor(source), i.Path, source})
		case i.State == missing && movable(source), i.State == Different && source != Dir:
			steps = append(steps, Step{opFor(source), i.Path, source})
		}
	}
	return slices.Clip(steps)
}

// movable says that there is something to copy.
func movable(k Kind) bool { return k == File || k == Dir || k == Link }

func opFor(k Kind) string {
	if k == Link {
		return "link"
	}
	return "copy"
}
