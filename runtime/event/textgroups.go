package event

import (
	"fmt"
	"strings"

	"gofab/internal/termsafe"
)

// groups shows equal answers once, the most common one first. With Diff the
// others are told by how they differ from it.
func (t *Text) groups(groups []Folded) error {
	for i, group := range groups {
		text := termsafe.Clean(group.Output)
		if i > 0 && t.o.Diff && group.Output != "" {
			text = t.differences(termsafe.Clean(groups[0].Output), text)
		}
		body := " (no output)"
		if text != "" {
			body = strings.ReplaceAll("\n"+text, "\n", "\n  ")
		}
		if err := t.line(t.o.Out, t.paint("1", groupTitle(group)+":")+body); err != nil {
			return err
		}
	}
	return nil
}

// groupTitle is "web[1-3] (3 hosts) failed exit 2".
func groupTitle(group Folded) string {
	title := names(group.Hosts)
	if len(group.Hosts) > 1 {
		title += fmt.Sprintf(" (%d hosts)", len(group.Hosts))
	}
	if group.State != OK && group.State != "" {
		title += " " + string(group.State)
	}
	if group.Code != nil && *group.Code != 0 {
		title += fmt.Sprintf(" exit %d", *group.Code)
	}
	return title
}

// differences is an answer as the changes that make it of the most common one.
func (t *Text) differences(most, other string) string {
	lines, ok := Differences(strings.Split(most, "\n"), strings.Split(other, "\n"), 3)
	if !ok {
		return other
	}
	if len(lines) == 0 {
		return "(the same)"
	}
	colours := map[byte]string{'@': "36", '-': "31", '+': "32"}
	for i, line := range lines {
		if colour := colours[line[0]]; colour != "" {
			lines[i] = t.paint(colour, line)
		}
	}
	return strings.Join(lines, "\n")
}
