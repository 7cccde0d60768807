package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gofab/runtime/event"
)

// Limits of texts on the page, in bytes.
const (
	maxPageText = 2 << 20  // of all outputs
	maxPageLine = 2_000    // of one line
	maxAnswer   = 16 << 10 // of one answer
	minAnswer   = 300
)

// oneLine is a text for a place that has one line.
func oneLine(text string) string { return strings.ReplaceAll(block(text), "\n", `\n`) }

// block is a text of any number of lines, none of them endless.
func block(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(shorten(line, maxPageLine))
	}
	return visible(out.String())
}

// shorten cuts a long line, not through a character.
func shorten(line string, limit int) string {
	if len(line) <= limit {
		return line
	}
	end := limit
	for end > limit-utf8.UTFMax && !utf8.RuneStart(line[end]) {
		end--
	}
	rest := fmt.Sprintf("… (%d more bytes)", len(line)-end)
	if strings.HasSuffix(line, "\n") {
		rest += "\n"
	}
	return line[:end] + rest
}

// messageLine is something that the script or gofab said.
type messageLine struct{ Time, Level, Host, Text, Hint string }

func messageLines(r *Report) []messageLine {
	var all []messageLine
	for _, m := range r.Messages {
		text := m.Text
		if len(m.Fields) > 0 {
			text += event.Fields(m.Fields)
		}
		all = append(all, messageLine{
			Time: clock(m.Time), Level: m.Level, Host: oneLine(m.Host), Text: block(text), Hint: oneLine(m.Hint),
		})
	}
	return all
}

// clock is a time since the start: 1:02:03.4 without what is not needed.
func clock(s event.Seconds) string {
	d := time.Duration(s).Round(100 * time.Millisecond)
	if d < time.Minute {
		return fmt.Sprintf("%.1f", d.Seconds())
	}
	whole := int(d.Seconds())
	if whole < 3600 {
		return fmt.Sprintf("%d:%02d", whole/60, whole%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", whole/3600, whole/60%60, whole%60)
}

func leftOut(l LeftOut) []string {
	var all []string
	add := func(n int64, what string) {
		if n > 0 {
			all = append(all, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(int64(l.Commands), "commands")
	add(int64(l.Transfers), "transfers")
	add(int64(l.Messages), "messages")
	add(l.Output, "bytes of output")
	return all
}
