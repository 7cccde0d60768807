package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"gofab/runtime/task"
)

// taskHelp is --help of a task.
func taskHelp(file string, t *task.Task) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: gofab %s %s%s\n", file, t.Name, usageLine(t))
	if t.Doc != "" {
		fmt.Fprintf(&b, "\n%s\n", t.Doc)
	}
	if t.Hosts != "" {
		fmt.Fprintf(&b, "\nRuns on %s.\n", t.Hosts)
	}
	if len(t.Args) > 0 {
		b.WriteString("\nArguments:\n")
	}
	w := tabwriter.NewWriter(&b, 0, 8, 3, ' ', 0)
	for _, x := range t.Args {
		line := "  " + argName(x)
		if doc := describeArg(x); doc != "" {
			line += "\t" + doc
		}
		fmt.Fprintln(w, line)
	}
	_ = w.Flush()
	return b.String()
}

// usageLine shows what must be given, and that there is more.
func usageLine(t *task.Task) string {
	var flags, words string
	optional := false
	for _, x := range t.Args {
		switch {
		case x.Positional > 0 || x.Rest:
			words += " " + optionally(x, argName(x))
		case x.Required:
			flags += " " + x.Form()
		default:
			optional = true
		}
	}
	if optional {
		flags += " [options]"
	}
	return flags + words
}

func optionally(x task.Arg, text string) string {
	if x.Required {
		return text
	}
	return "[" + text + "]"
}

// argName is an argument as it is given: <word>, <words>... or --flag TYPE.
func argName(x task.Arg) string {
	switch {
	case x.Rest:
		return "<" + x.Flag() + ">..."
	case x.Positional > 0:
		return "<" + x.Flag() + ">"
	case x.Type == task.Boolean && x.Default == true:
		return strings.Replace(x.Form(), "--", "--[no-]", 1)
	default:
		return x.Form()
	}
}

func describeArg(x task.Arg) string {
	text := x.Doc
	if len(x.Choices) > 0 {
		text += " (" + strings.Join(x.Choices, ", ") + ")"
	}
	switch {
	case x.Required:
		text += " (required)"
	case x.Default != nil && x.Default != "" && x.Default != false:
		text += " (default " + defaultText(x) + ")"
	}
	return strings.TrimSpace(text)
}

// defaultText is a default as it would be typed.
func defaultText(x task.Arg) string {
	switch value := x.Default.(type) {
	case float64:
		if x.Type == task.Duration {
			return time.Duration(value * float64(time.Second)).String()
		}
		return strconv.FormatFloat(value, 'f', -1, 64)
	case []any:
		words := make([]string, len(value))
		for i, v := range value {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, ", ")
	default:
		return fmt.Sprint(value)
	}
}
