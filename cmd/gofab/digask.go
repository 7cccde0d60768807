package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gofab/internal/dnsclient"
	"gofab/internal/fault"
	"gofab/internal/termsafe"
)

var digClasses = map[string]uint16{"IN": 1, "CH": 3, "HS": 4, "ANY": 255}

// ask puts the question and prints what came.
func (d *dig) ask(ctx context.Context, asker *dnsclient.Resolver) error {
	qtype, err := dnsclient.Type(d.qtype)
	if err != nil {
		return err
	}
	names := []string{d.name}
	if d.plus["search"] {
		names = dnsclient.Candidates(d.name, asker.Options().Search, asker.Options().Ndots)
	}
	var a *dnsclient.Answer
	for _, name := range names {
		if d.plus["validate"] {
			a, err = asker.Validate(ctx, name, qtype, dnsclient.MustRecords(dnsclient.RootAnchors))
		} else {
			a, err = asker.QueryClass(ctx, name, qtype, digClasses[d.class])
		}
		if err != nil {
			return err
		}
		if a.Status == dnsclient.StatusOK {
			break
		}
	}
	d.silent = a.Message == nil
	switch {
	case d.json:
		return d.printJSON(answerJSON(a))
	case d.silent:
		d.printSilence(a)
	case d.plus["short"]:
		for _, r := range a.Message.Answer {
			d.line(r.Text)
		}
	default:
		d.printMessage(a)
	}
	return nil
}

// transfer prints the records of a zone as they come.
func (d *dig) transfer(ctx context.Context, asker *dnsclient.Resolver) error {
	t, err := asker.Transfer(ctx, d.name, d.serial)
	if err != nil {
		return err
	}
	count, began := 0, time.Now()
	var first dnsclient.Record
	for {
		r, ok, err := t.Next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if count++; count == 1 {
			first = r
		}
		if err := d.printRecord(r); err != nil {
			return err
		}
	}
	if !d.json && !d.plus["short"] {
		if d.qtype == "AXFR" {
			d.line(digLine(first)) // as it comes over the wire
		}
		d.line(fmt.Sprintf(";; %d records in %d msec", count, time.Since(began).Milliseconds()))
	}
	return nil
}

func (d *dig) printRecord(r dnsclient.Record) error {
	switch {
	case d.json:
		line, err := json.Marshal(recordJSON(r))
		fmt.Fprintln(d.app.world.Out, string(line))
		return err
	case d.plus["short"]:
		d.line(r.Text)
	default:
		d.line(digLine(r))
	}
	return nil
}

// trace prints the way from the root. With @SERVER that server is asked for the
// root servers.
func (d *dig) trace(ctx context.Context, asker *dnsclient.Resolver) error {
	qtype, err := dnsclient.Type(d.qtype)
	if err != nil {
		return err
	}
	var roots []dnsclient.Root
	if len(d.servers) > 0 {
		if roots, err = asker.RootServers(ctx); err != nil {
			return err
		}
	}
	port := d.port
	if port == 0 {
		port = 53
	}
	steps, err := asker.Trace(ctx, d.name, qtype, roots, port)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		return fault.New(fault.Unreachable, "no root server is known")
	}
	last := steps[len(steps)-1]
	d.silent = last.Problem != ""
	switch {
	case d.json:
		return d.printJSON(stepsJSON(steps))
	case d.plus["short"]:
		for _, r := range last.Answer {
			d.line(r.Text)
		}
		return nil
	}
	for _, s := range steps {
		d.printStep(s)
	}
	return nil
}

func (d *dig) printStep(s dnsclient.Step) {
	for _, r := range append(s.Answer, s.Referral...) {
		d.line(digLine(r))
	}
	what := fmt.Sprintf(";; %s, from %s (%s) in %d ms", s.Status, s.Address, s.Server, s.Elapsed.Milliseconds())
	if s.Problem != "" {
		what += ": " + s.Problem
	}
	d.line(what + "\n")
}

// line prints what a server said, without what could play with the terminal.
func (d *dig) line(text string) { fmt.Fprintln(d.app.world.Out, termsafe.Clean(text)) }

func (d *dig) printSilence(a *dnsclient.Answer) {
	for _, t := range a.Tried {
		d.line(fmt.Sprintf(";; %s by %s: %s", t.Server, t.Protocol, t.Problem))
	}
	d.line("\n;; no server answered")
}

// digLine is a record in dig's columns.
func digLine(r dnsclient.Record) string {
	line := tabsTo(r.Name, 24) + tabsTo(fmt.Sprint(r.TTL), 8) + tabsTo(dnsclient.ClassName(r.Class), 8) + r.TypeName()
	return strings.TrimRight(line+"\t"+r.Text, "\t ")
}

// tabsTo fills a column up with tabs; where it is full, with a blank.
func tabsTo(text string, column int) string {
	if len(text) >= column {
		return text + " "
	}
	return text + strings.Repeat("\t", (column-len(text)+7)/8)
}
