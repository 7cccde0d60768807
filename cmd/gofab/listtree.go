package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"gofab/runtime/task"
)

// branch is a namespace with what is in it. Its JSON form is that of
// gofab list --format tree.
type branch struct {
	Name       string     `json:"name"`
	Default    string     `json:"default,omitempty"` // its default task
	Tasks      []taskJSON `json:"tasks"`
	Namespaces []*branch  `json:"namespaces"`
}

// tree puts tasks into their namespaces.
func tree(set *task.Set) *branch {
	root := &branch{Tasks: []taskJSON{}, Namespaces: []*branch{}}
	for _, t := range set.All() {
		if t.Hidden {
			continue
		}
		at, words := root, strings.Split(t.Name, ".")
		for i := range words[:len(words)-1] {
			at = at.child(strings.Join(words[:i+1], "."))
		}
		if t.Default {
			at.Default = t.Name
		}
		at.Tasks = append(at.Tasks, jsonTask(t, set))
	}
	return root
}

func (b *branch) child(name string) *branch {
	for _, one := range b.Namespaces {
		if one.Name == name {
			return one
		}
	}
	one := &branch{Name: name, Tasks: []taskJSON{}, Namespaces: []*branch{}}
	b.Namespaces = append(b.Namespaces, one)
	return one
}

// count is how many tasks there are, at any depth.
func (b *branch) count() int {
	n := len(b.Tasks)
	for _, one := range b.Namespaces {
		n += one.count()
	}
	return n
}

func (a *app) printTree(set *task.Set) error {
	e := json.NewEncoder(a.world.Out)
	e.SetIndent("", "  ")
	return e.Encode(tree(set))
}

// printNested shows namespaces with their tasks below. Those deeper than depth
// are counted only; 0 is no limit.
func (a *app) printNested(set *task.Set, file string, depth int) error {
	fmt.Fprintf(a.world.Out, "Tasks of %s:\n\n", file)
	var width [2]int
	rows := tree(set).rows("  ", depth)
	for _, row := range rows {
		for i := range width {
			width[i] = max(width[i], utf8.RuneCountInString(row[i]))
		}
	}
	for _, row := range rows {
		line := fmt.Sprintf("%-*s   %-*s   %s", width[0], row[0], width[1], row[1], row[2])
		fmt.Fprintln(a.world.Out, strings.TrimRight(line, " "))
	}
	return nil
}

// rows are name, place and text of each line.
func (b *branch) rows(indent string, depth int) [][3]string {
	var rows [][3]string
	for _, t := range b.Tasks {
		name := indent + lastWord(t.Name)
		if t.Name == b.Default {
			name += " (default)"
		}
		rows = append(rows, [3]string{name, whereOf(t.Hosts), t.Doc})
	}
	for _, one := range b.Namespaces {
		name := indent + lastWord(one.Name) + "."
		if depth == 1 {
			rows = append(rows, [3]string{name, "", tasksText(one.count())})
			continue
		}
		rows = append(rows, [3]string{name})
		rows = append(rows, one.rows(indent+"  ", max(depth-1, 0))...)
	}
	return rows
}

func lastWord(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

func whereOf(hosts string) string {
	if hosts == "" {
		return "here"
	}
	return hosts
}

func tasksText(n int) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}
