package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gofab/internal/dnsclient"
)

// printMessage prints a message as dig does.
func (d *dig) printMessage(a *dnsclient.Answer) {
	m := a.Message
	if d.plus["cmd"] {
		d.line("; gofab dig " + strings.Join(d.words, " "))
	}
	if d.plus["comments"] {
		d.printHeader(m)
	}
	if d.plus["question"] {
		d.title("QUESTION")
		for _, q := range m.Question {
			d.line(tabsTo(";"+q.Name, 32) + tabsTo(dnsclient.ClassName(q.Class), 8) + dnsclient.TypeName(q.Type))
		}
		d.line("")
	}
	d.section("ANSWER", "answer", m.Answer)
	d.section("AUTHORITY", "authority", m.Authority)
	d.section("ADDITIONAL", "additional", m.Additional)
	if a.Security != "" && d.plus["comments"] {
		d.line(strings.TrimSuffix(fmt.Sprintf(";; DNSSEC: %s: %s", a.Security, a.Reason), ": "))
	}
	if d.plus["stats"] {
		d.line(fmt.Sprintf(";; Query time: %d msec", a.Elapsed.Milliseconds()))
		d.line(fmt.Sprintf(";; SERVER: %s (%s)", a.Server, strings.ToUpper(a.Protocol)))
		d.line(";; WHEN: " + d.app.world.Now().Format("Mon Jan 02 15:04:05 MST 2006"))
		d.line(fmt.Sprintf(";; MSG SIZE  rcvd: %d\n", m.Size))
	}
}

func (d *dig) printHeader(m *dnsclient.Message) {
	extra := len(m.Additional)
	if m.EDNS != nil {
		extra++
	}
	d.line(";; Got answer:")
	d.line(fmt.Sprintf(";; ->>HEADER<<- opcode: QUERY, status: %s, id: %d", dnsclient.RcodeName(m.Rcode), m.ID))
	d.line(fmt.Sprintf(";; flags: %s; QUERY: %d, ANSWER: %d, AUTHORITY: %d, ADDITIONAL: %d", strings.Join(m.FlagNames(), " "),
		len(m.Question), len(m.Answer), len(m.Authority), extra))
	if m.Has("rd") && !m.Has("ra") {
		d.line(";; WARNING: recursion requested but not available")
	}
	d.line("")
	if m.EDNS == nil {
		return
	}
	d.line(";; OPT PSEUDOSECTION:")
	flags := ""
	if m.EDNS.DO {
		flags = " do"
	}
	d.line(fmt.Sprintf("; EDNS: version: %d, flags:%s; udp: %d", m.EDNS.Version, flags, m.EDNS.UDP))
	for _, o := range m.EDNS.Options {
		d.line(fmt.Sprintf("; %s: %s", strings.ToUpper(o.Name), o.Text))
	}
}

func (d *dig) title(name string) {
	if d.plus["comments"] {
		d.line(";; " + name + " SECTION:")
	}
}

func (d *dig) section(title, option string, records []dnsclient.Record) {
	if !d.plus[option] || len(records) == 0 {
		return
	}
	d.title(title)
	for _, r := range records {
		d.line(digLine(r))
	}
	if d.plus["comments"] {
		d.line("")
	}
}

func (d *dig) printJSON(value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	fmt.Fprintln(d.app.world.Out, string(text))
	return err
}

// recordJSON has the names that records have in Lua.
func recordJSON(r dnsclient.Record) map[string]any {
	out := map[string]any{}
	for _, f := range r.Fields {
		out[f.Name] = f.Value
	}
	out["name"], out["type"], out["class"], out["ttl"], out["text"] = r.Name, r.TypeName(), dnsclient.ClassName(r.Class), r.TTL, r.Text
	return out
}

func recordsJSON(records []dnsclient.Record) []map[string]any {
	out := make([]map[string]any, len(records))
	for i, r := range records {
		out[i] = recordJSON(r)
	}
	return out
}

func answerJSON(a *dnsclient.Answer) map[string]any {
	tried := []map[string]any{}
	for _, t := range a.Tried {
		tried = append(tried, map[string]any{"server": t.Server, "protocol": t.Protocol, "status": t.Status, "problem": t.Problem, "elapsed": seconds(t.Elapsed)})
	}
	out := map[string]any{
		"status": a.Status, "name": a.Question.Name, "type": dnsclient.TypeName(a.Question.Type), "canonical": a.Canonical,
		"server": a.Server, "protocol": a.Protocol, "elapsed": seconds(a.Elapsed), "tried": tried, "records": recordsJSON(a.Records),
	}
	if a.Security != "" {
		out["security"], out["reason"] = a.Security, a.Reason
	}
	if m := a.Message; m != nil {
		out["rcode"], out["flags"], out["size"] = dnsclient.RcodeName(m.Rcode), m.FlagNames(), m.Size
		out["answer"], out["authority"], out["additional"] = recordsJSON(m.Answer), recordsJSON(m.Authority), recordsJSON(m.Additional)
	}
	return out
}

func stepsJSON(steps []dnsclient.Step) []map[string]any {
	out := []map[string]any{}
	for _, s := range steps {
		out = append(out, map[string]any{
			"zone": s.Zone, "server": s.Server, "address": s.Address, "status": s.Status, "problem": s.Problem,
			"elapsed": seconds(s.Elapsed), "referral": recordsJSON(s.Referral), "answer": recordsJSON(s.Answer),
		})
	}
	return out
}

func seconds(d time.Duration) float64 { return d.Seconds() }
