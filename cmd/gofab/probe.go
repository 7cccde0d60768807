package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/fault"
	"gofab/internal/httpclient"
	"gofab/internal/termsafe"
)

// probeCommand measures requests, like curl -w.
type probeCommand struct {
	app      *app
	timeout  string
	insecure bool
	caFile   string
	resolve  map[string]string
	method   string
	count    int
	status   []int
	body     string
	maxTotal string
	tlsDays  float64
	json     bool
	picture  string
}

func (a *app) probeCommand() *cobra.Command {
	p := &probeCommand{app: a}
	c := &cobra.Command{
		Use:   "probe URL...",
		Short: "Measure what each step of a request takes",
		Long: `Ask for URLs and show what each step took: the name, the connection, TLS, the
first byte, the body. tcp://host:port and tls://host:port make a connection alone.

  gofab probe https://example.com
  gofab probe https://a.example https://b.example --max-total 1.5 --tls-days 14
  gofab probe https://example.com --count 10 --picture waterfall.svg
  gofab probe tls://mail.example.com:465 --json

The exit code is 0 when everything is as expected and 1 when not.`,
		Args: cobra.MinimumNArgs(1),
		RunE: p.run,
	}
	f := c.Flags()
	f.StringVar(&p.timeout, "timeout", "30s", "limit for one probe")
	f.BoolVarP(&p.insecure, "insecure", "k", false, "accept every certificate; what is wrong with it is still shown")
	f.StringVar(&p.caFile, "ca-file", "", "PEM file of the authorities to trust")
	f.StringToStringVar(&p.resolve, "resolve", nil, "address to use instead of asking DNS: host:port=address")
	f.StringVarP(&p.method, "request", "X", http.MethodGet, "method")
	f.IntVarP(&p.count, "count", "n", 1, "how often each URL is probed")
	f.IntSliceVar(&p.status, "status", nil, "status that is right, or several; any below 400 without it")
	f.StringVar(&p.body, "body", "", "pattern that the body must match")
	f.StringVar(&p.maxTotal, "max-total", "0", "most time a probe may take: 1.5, 800ms")
	f.Float64Var(&p.tlsDays, "tls-days", 0, "days that the certificate must still be valid")
	f.BoolVar(&p.json, "json", false, "print JSON")
	f.StringVar(&p.picture, "picture", "", "draw the probes into this file: .svg or .png")
	return c
}

// probed is one line of the table.
type probed struct {
	asked string
	httpclient.Report
}

func (p *probeCommand) run(cmd *cobra.Command, urls []string) error {
	expect, timeout, err := p.expectation()
	if err != nil {
		return err
	}
	ctx, stop := p.app.world.Run(cmd.Context())
	defer stop()
	var all []probed
	var reports []httpclient.Report
	for _, address := range urls {
		for range max(p.count, 1) {
			r, err := p.once(ctx, address, timeout, expect)
			if err != nil {
				return err
			}
			all, reports = append(all, probed{address, r}), append(reports, r)
			if !r.OK {
				p.app.code = 1
			}
		}
	}
	if err := p.draw(reports); err != nil {
		return err
	}
	if p.json {
		text, err := kit.ResultJSON(reports, 2)
		fmt.Fprintf(p.app.world.Out, "%s\n", text)
		return err
	}
	return p.table(all)
}

func (p *probeCommand) expectation() (e httpclient.Expectation, timeout time.Duration, err error) {
	e = httpclient.Expectation{Statuses: p.status, TLSDays: p.tlsDays}
	if timeout, err = parseDuration(p.timeout); err != nil {
		return e, 0, fault.New(fault.Usage, "--timeout: %v", err)
	}
	if e.MaxTotal, err = parseDuration(p.maxTotal); err != nil {
		return e, 0, fault.New(fault.Usage, "--max-total: %v", err)
	}
	if p.body != "" {
		if e.Body, err = regexp.Compile(p.body); err != nil {
			return e, 0, fault.Wrap(fault.Usage, err, "--body: not a pattern")
		}
	}
	return e, timeout, nil
}

// maxProbeBody bounds what is read of a body.
const maxProbeBody = 64 << 20

func (p *probeCommand) once(ctx context.Context, address string, timeout time.Duration, expect httpclient.Expectation) (httpclient.Report, error) {
	client, err := httpclient.New(httpclient.Config{Insecure: p.insecure, CAFile: p.caFile, Resolve: p.resolve, Getenv: p.app.world.Env})
	if err != nil {
		return httpclient.Report{}, err
	}
	defer func() { _ = client.Close() }()
	limited, end := context.WithTimeout(ctx, timeout)
	defer end()
	var body bytes.Buffer
	var r *httpclient.Response
	if u, parseErr := url.Parse(address); parseErr == nil && (u.Scheme == "tcp" || u.Scheme == "tls") {
		r, err = client.Knock(limited, u.Host, u.Scheme == "tls")
	} else {
		header := http.Header{"User-Agent": {"gofab"}, "Accept": {"*/*"}}
		r, err = client.Do(limited, httpclient.Request{
			Method: p.method, URL: address, Header: header, Follow: true, MaxRedirects: 10, MaxBody: maxProbeBody,
		}, &body)
	}
	if ctx.Err() != nil {
		return httpclient.Report{}, context.Cause(ctx)
	}
	if fault.KindOf(err) == fault.Usage {
		return httpclient.Report{}, err
	}
	report := client.ReportOf(r, err, p.app.world.Now())
	expect.Check(&report, r.Header, body.Bytes())
	return report, nil
}

func (p *probeCommand) draw(reports []httpclient.Report) error {
	if p.picture == "" {
		return nil
	}
	picture, err := httpclient.WaterfallSVG(reports), error(nil)
	switch strings.ToLower(filepath.Ext(p.picture)) {
	case ".svg":
	case ".png":
		picture, err = httpclient.WaterfallPNG(reports)
	default:
		return fault.New(fault.Usage, "--picture: %q ends neither in .svg nor in .png", p.picture)
	}
	if err == nil {
		err = atomicfile.Write(p.picture, picture, 0o644)
	}
	if err != nil {
		return fault.OS(err, "cannot write %s", p.picture)
	}
	return nil
}

// table shows times in milliseconds.
func (p *probeCommand) table(all []probed) error {
	w := tabwriter.NewWriter(p.app.world.Out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "STATUS\tDNS\tCONNECT\tTLS\tWAIT\tTRANSFER\tTOTAL ms\tBYTES\tURL")
	for _, r := range all {
		status := fmt.Sprint(r.Status)
		if r.Failure != "" {
			status = r.Failure
		} else if r.Status == 0 {
			status = "open"
		}
		t := r.Time
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", status, ms(t.DNS), ms(t.Connect), ms(t.TLS), ms(t.Request+t.FirstByte),
			ms(t.Transfer), ms(t.Total), r.Size.Download, termsafe.Line(r.URL))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, r := range all {
		for _, failure := range r.Failures {
			fmt.Fprintf(p.app.world.Err, "%s: %s\n", termsafe.Line(r.asked), termsafe.Line(failure))
		}
	}
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()*1000) }
