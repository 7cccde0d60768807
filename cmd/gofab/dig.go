package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gofab/internal/dnsclient"
	"gofab/internal/fault"
	"gofab/internal/suggest"
	"gofab/runtime/run"
	"gofab/runtime/world"
)

const digLong = `Ask name servers, with dig's words in any order.

  gofab dig example.com                     addresses
  gofab dig mx example.com @192.0.2.53      another type, another server
  gofab dig -x 192.0.2.10 +short            the name of an address
  gofab dig +trace www.example.com          from the root servers down
  gofab dig axfr example.com @ns1 -y hmac-sha256:key:c2VjcmV0
  gofab dig example.com @tls://192.0.2.53   over TLS; https://.../dns-query as well
  gofab dig example.com -o json

Options: -p PORT, -t TYPE, -c CLASS, -q NAME, -x ADDRESS, -b ADDRESS to ask from,
-y [ALGORITHM:]NAME:SECRET, -o text|json, and
  +short +tcp +trace +dnssec +norecurse +search +ignore +validate
  +cdflag +adflag +time=S +tries=N +bufsize=N +noedns
  +noall +nocomments +noquestion +noanswer +noauthority +noadditional +nostats +nocmd

Long base64 and hexadecimal fields are not split (dig's +nosplit). The exit code
is 0 when a server answered, whatever it said, and 3 when none did.`

func (a *app) digCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "dig [@SERVER] [NAME] [TYPE] [+OPTIONS]", Short: "Ask name servers",
		Long: digLong, DisableFlagParsing: true,
	}
	c.RunE = func(cmd *cobra.Command, words []string) error {
		d := newDig(a)
		if err := d.parse(words); err != nil {
			return err
		}
		if d.help {
			return cmd.Help()
		}
		r, err := a.begin(cmd)
		if err != nil {
			return err
		}
		defer r.Close()
		err = d.run(r)
		if err != nil && r.Context.Err() != nil {
			err = context.Cause(r.Context) // says who ended it
		}
		if err := a.finish(r, nil, err); err != nil {
			return err
		}
		if d.silent {
			a.code = world.ExitUnreachable
		}
		return nil
	}
	return c
}

// dig is one question of the command line.
type dig struct {
	app     *app
	words   []string
	servers []string
	name    string
	qtype   string
	class   string
	serial  int64 // of ixfr=N
	port    int
	json    bool
	help    bool
	silent  bool // nobody answered
	key     string
	tries   int
	options dnsclient.Options
	plus    map[string]bool
}

func newDig(a *app) *dig {
	d := &dig{app: a, qtype: "A", class: "IN", serial: -1, tries: 3, options: dnsclient.Options{Attempt: 5 * time.Second, EDNS: 1232, AD: true}}
	d.plus = map[string]bool{"cmd": true, "comments": true, "question": true, "answer": true, "authority": true, "additional": true, "stats": true, "recurse": true, "adflag": true, "edns": true}
	return d
}

// digFlags are the words that begin with a dash and take a value.
var digFlags = map[string]func(d *dig, value string) error{
	"-t": func(d *dig, v string) error { return d.word(v, true) },
	"-q": func(d *dig, v string) error { d.name = v; return nil },
	"-c": func(d *dig, v string) error { d.class = strings.ToUpper(v); return nil },
	"-b": func(d *dig, v string) error { d.options.Source = v; return nil },
	"-y": func(d *dig, v string) error { d.key = v; return nil },
	"-p": func(d *dig, v string) (err error) { d.port, err = digNumber("-p", v, 65535); return err },
	"-x": func(d *dig, v string) (err error) {
		d.qtype = "PTR"
		d.name, err = dnsclient.ReverseName(v)
		return err
	},
	"-o": func(d *dig, v string) error {
		d.json = v == "json"
		if !d.json && v != "text" {
			return fault.New(fault.Usage, "-o %s: not one of text, json", v)
		}
		return nil
	},
}

func digNumber(what, text string, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, fault.New(fault.Usage, "%s %s: want a number from 0 to %d", what, text, most)
	}
	return n, nil
}

// parse reads the words of the command line.
func (d *dig) parse(words []string) error {
	d.words = words
	for i := 0; i < len(words); i++ {
		w := words[i]
		var err error
		switch {
		case w == "-h" || w == "--help":
			d.help = true
		case strings.HasPrefix(w, "@"):
			d.servers = append(d.servers, w[1:])
		case strings.HasPrefix(w, "+"):
			err = d.option(w[1:])
		case len(w) > 1 && w[0] == '-':
			take, ok := digFlags[w[:2]]
			value := w[2:]
			if value == "" && i+1 < len(words) {
				i++
				value = words[i]
			}
			if !ok || value == "" {
				return fault.New(fault.Usage, "%s: no such option, or its value is missing", w).WithHint("gofab dig --help")
			}
			err = take(d, value)
		default:
			err = d.word(w, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// word is a type, a class or a name.
func (d *dig) word(w string, onlyType bool) error {
	if serial, ok := strings.CutPrefix(strings.ToLower(w), "ixfr="); ok {
		n, err := strconv.ParseUint(serial, 10, 32)
		d.qtype, d.serial = "IXFR", int64(n)
		if err != nil {
			return fault.New(fault.Usage, "%s: want ixfr=SERIAL", w)
		}
		return nil
	}
	if _, err := dnsclient.Type(w); err == nil || onlyType {
		d.qtype = strings.ToUpper(w)
		return err
	}
	if upper := strings.ToUpper(w); upper == "IN" || upper == "CH" || upper == "HS" {
		d.class = upper
		return nil
	}
	if d.name != "" {
		return fault.New(fault.Usage, "%s: one name at a time, and %s is there already", w, d.name)
	}
	d.name = w
	return nil
}

// Options with a plus: switches, which "no" turns off, and those with a value.
var (
	digSwitches = []string{"short", "tcp", "vc", "trace", "dnssec", "recurse", "search", "ignore", "validate", "cdflag", "adflag", "edns",
		"all", "cmd", "comments", "question", "answer", "authority", "additional", "stats", "split", "cookie", "fail"}
	digValues = []string{"time", "timeout", "tries", "retry", "bufsize"}
	digShort  = map[string]string{"rec": "recurse", "cd": "cdflag", "ad": "adflag", "do": "dnssec", "vc": "tcp", "rdflag": "recurse"}
)

func (d *dig) option(word string) error {
	name, value, valued := strings.Cut(word, "=")
	on := true
	if rest, ok := strings.CutPrefix(name, "no"); ok {
		name, on = rest, false
	}
	if long, ok := digShort[name]; ok {
		name = long
	}
	switch {
	case valued || name == "time" || name == "tries":
		return d.value(name, value)
	case name == "all":
		for _, part := range []string{"cmd", "comments", "question", "answer", "authority", "additional", "stats"} {
			d.plus[part] = on
		}
		return nil
	}
	for _, known := range digSwitches {
		if name == known {
			d.plus[name] = on
			return nil
		}
	}
	e := fault.New(fault.Usage, "+%s: no such option", word)
	if near := suggest.Nearest(name, append(digSwitches, digValues...)); near != "" {
		e.Message += fmt.Sprintf(" (did you mean %q?)", "+"+near)
	}
	return e.WithHint("gofab dig --help")
}

func (d *dig) value(name, value string) error {
	switch name {
	case "time", "timeout":
		limit, err := parseDuration(value)
		d.options.Attempt = max(limit, 100*time.Millisecond)
		return err
	case "tries":
		n, err := digNumber("+tries", value, 100)
		d.tries = max(1, n)
		return err
	case "retry":
		n, err := digNumber("+retry", value, 100)
		d.tries = n + 1
		return err
	case "bufsize":
		n, err := digNumber("+bufsize", value, 65535)
		d.options.EDNS = n
		return err
	}
	return fault.New(fault.Usage, "+%s=: no such option", name).WithHint("gofab dig --help")
}

func (d *dig) run(r *run.Run) error {
	if d.name == "" {
		d.name = "."
		if len(d.words) == 0 || d.qtype == "A" {
			d.qtype = "NS"
		}
	}
	pool := dnsclient.NewPool()
	defer func() { _ = pool.Close() }()
	asker, err := d.resolver(pool)
	if err != nil {
		return err
	}
	switch {
	case d.qtype == "AXFR" || d.qtype == "IXFR":
		return d.transfer(r.Context, asker)
	case d.plus["trace"]:
		return d.trace(r.Context, asker)
	}
	return d.ask(r.Context, asker)
}
