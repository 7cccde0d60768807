package event

import (
	"hash/fnv"
	"io"
	"strings"
	"time"

	"gofab/internal/termsafe"
)

// Verbosity is how much the text renderer shows.
type Verbosity int

// Quiet shows failures, the summary and what the script prints; Normal adds
// commands, their output, transfers and warnings; Verbose adds connections,
// tasks, ends of commands with their times, hidden commands and tracebacks;
// Everything adds hidden output and debug lines.
const (
	Quiet Verbosity = iota - 1
	Normal
	Verbose
	Everything
)

// TextOptions say where a Text writes and what that can do.
type TextOptions struct {
	Out       io.Writer // output of commands, results and prints
	Err       io.Writer // everything else; may be the same as Out
	Verbosity Verbosity
	Colour    bool             // colours of hosts, and those of the programs themselves
	Raw       bool             // Out is no terminal: the script's own prints go there as they are
	Status    bool             // Err is a terminal: draw a status line at its bottom
	Width     func() int       // columns of that terminal; 80 when nil
	Now       func() time.Time // for the status line; nil takes the time of the last event

	Fold     bool            // show equal answers of several hosts once
	Diff     bool            // and the others by how they differ from the most common one
	NoPrefix bool            // no names in front of what hosts say
	Summary  SummaryStyle    // the end of a run
	Table    func() []Row    // how the hosts fared; may be nil
	Timing   func() []string // where the time went; nil unless asked for
}

// Text renders a run for people. Every line of a host has its name in front and
// a mark: "|" stdout, "!" stderr, "$" a command ("#" as root), ">" a file sent,
// "<" a file fetched, "*" a log line, "=" an end.
//
//	web1  $ uptime -p
//	web1  | up 3 weeks
//	db-01 ! no such file
//	error: deploy.lua:3: db-01: exit 2: cat /etc/missing
type Text struct {
	o       TextOptions
	buf     []byte
	dst     io.Writer // where buf goes
	pad     int       // columns of the host names
	heads   map[string]string
	status  status
	drawn   string // the status line on the screen
	several bool   // the run has more than one task
	copied  int64  // bytes of files, to and from all hosts
	said    map[string]bool
	folding *folding // nil where nothing is held back
	last    time.Time
}

// widestName bounds the room for host names; longer ones stick out.
const widestName = 32

// NewText returns a renderer for people.
func NewText(o TextOptions) *Text {
	if o.Width == nil {
		o.Width = func() int { return 80 }
	}
	t := &Text{o: o, dst: o.Out, heads: map[string]string{}, said: map[string]bool{}}
	if o.Fold || o.Diff {
		t.folding = newFolding()
	}
	return t
}

// Flush writes what was rendered and draws the status line below it.
func (t *Text) Flush() error {
	if err := t.send(); err != nil || !t.o.Status {
		return err
	}
	line := t.status.line(t.o.Width()-1, t.now())
	if line == t.drawn {
		return nil
	}
	if err := t.wipe(); err != nil || line == "" {
		return err
	}
	t.drawn = line
	_, err := io.WriteString(t.o.Err, line)
	return err
}

// Pause takes the status line away; the next Flush brings it back.
func (t *Text) Pause() error { return t.wipe() }

// wipe removes the status line from the screen.
func (t *Text) wipe() error {
	if t.drawn == "" {
		return nil
	}
	t.drawn = ""
	_, err := io.WriteString(t.o.Err, "\r\x1b[K")
	return err
}

// send writes the lines that wait, below which no status line may stand.
func (t *Text) send() error {
	if len(t.buf) == 0 {
		return nil
	}
	if err := t.wipe(); err != nil {
		return err
	}
	_, err := t.dst.Write(t.buf)
	t.buf = t.buf[:0]
	return err
}

// line adds one line that is safe already. Lines for the two writers keep
// their order among each other.
func (t *Text) line(dst io.Writer, text string) error { return t.exact(dst, text+"\n") }

// exact adds text as it is.
func (t *Text) exact(dst io.Writer, text string) error {
	if dst != t.dst || len(t.buf) > keepBuffer {
		if err := t.send(); err != nil {
			return err
		}
		t.dst = dst
	}
	t.buf = append(t.buf, text...)
	return nil
}

// block adds a raw text of any number of lines, each behind host and mark.
func (t *Text) block(dst io.Writer, host, mark, text string) error {
	clean := termsafe.Clean
	if t.o.Colour {
		clean = termsafe.Colour
	}
	head := t.head(host, mark)
	for line := range strings.SplitSeq(clean(text), "\n") {
		if line == "" {
			line = strings.TrimRight(head, " ")
		} else {
			line = head + line
		}
		if err := t.line(dst, line); err != nil {
			return err
		}
	}
	return nil
}

// head is the beginning of a host's line; nothing when there is no host.
func (t *Text) head(host, mark string) string {
	if host == "" {
		return ""
	}
	t.fit(host)
	name, known := t.heads[host]
	if !known {
		safe := termsafe.Line(host)
		name = t.paint(colourOf(host), safe) + strings.Repeat(" ", max(t.pad-termsafe.Width(safe), 0))
		t.heads[host] = name
	}
	if mark == "!" {
		mark = t.paint("31", mark)
	}
	return name + " " + mark + " "
}

// fit makes room for names, so that the lines of all hosts stay aligned.
func (t *Text) fit(hosts ...string) {
	for _, host := range hosts {
		if _, known := t.heads[host]; known {
			continue
		}
		if width := min(termsafe.Width(termsafe.Line(host)), widestName); width > t.pad {
			t.pad = width
			clear(t.heads)
		}
	}
}

func (t *Text) paint(colour, text string) string {
	if !t.o.Colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// now is the time by which a status line tells durations.
func (t *Text) now() time.Time {
	if t.o.Now != nil {
		return t.o.Now()
	}
	return t.last
}

// colourOf is the same in every run: green, yellow, blue, magenta, cyan and
// their bright forms. Red is for errors.
func colourOf(host string) string {
	colours := [...]string{"32", "33", "34", "35", "36", "92", "93", "94", "95", "96"}
	sum := fnv.New32a()
	_, _ = io.WriteString(sum, host)
	return colours[sum.Sum32()%uint32(len(colours))]
}
