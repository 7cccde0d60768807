package http

import (
	"bytes"
	"context"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/fault"
	"gofab/internal/httpclient"
)

// expectation is what must hold of a probe.
type expectation struct {
	Status   statuses          `lua:"status" default:"" doc:"Status, or a list of those that are right."`
	Body     string            `lua:"body" default:"" doc:"Pattern that the body must match."`
	NotBody  string            `lua:"not_body" default:"" doc:"Pattern that the body must not match."`
	Header   map[string]string `lua:"header" default:"" doc:"Patterns that header fields must match, by name."`
	MaxTotal time.Duration     `lua:"max_total" default:"0s" doc:"Most time it may take."`
	TLSDays  float64           `lua:"tls_days" default:"0" doc:"Days that the certificate must still be valid."`
}

// compiled makes the patterns of it.
func (e expectation) compiled() (httpclient.Expectation, error) {
	out := httpclient.Expectation{Statuses: e.Status, MaxTotal: e.MaxTotal, TLSDays: e.TLSDays, Header: map[string]*regexp.Regexp{}}
	var err error
	if out.Body, err = pattern("body", e.Body); err != nil {
		return out, err
	}
	if out.NotBody, err = pattern("not_body", e.NotBody); err != nil {
		return out, err
	}
	for name, text := range e.Header {
		if out.Header[name], err = pattern("header "+name, text); err != nil {
			return out, err
		}
	}
	return out, nil
}

// pattern compiles a pattern; nil for none.
func pattern(what, text string) (*regexp.Regexp, error) {
	if text == "" && !strings.HasPrefix(what, "header") {
		return nil, nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "expect: %s: not a pattern", what)
	}
	return re, nil
}

// probing is what a probe asks and expects.
type probing struct {
	Method  string      `lua:"method" default:"GET" doc:"Method of the request."`
	Expect  expectation `lua:"expect" default:"" doc:"What must hold; without a status any answer below 400 is right."`
	Keep    kit.Size    `lua:"keep_body" default:"0" doc:"How many bytes of the body to give in body."`
	Picture string      `lua:"picture" default:"" doc:"Draw the probes into this file, a row each and a colour for each step; .svg or .png."`
	question
	connection
}

type probeArgs struct {
	URL string `lua:"url,arg1" doc:"URL; tcp://host:port and tls://host:port make a connection alone."`
	probing
}

func probe(c *kit.Call, a probeArgs) (httpclient.Report, error) {
	p, err := a.prepare()
	if err != nil {
		return httpclient.Report{}, err
	}
	r, err := p.once(c, a.URL)
	if err != nil {
		return r, err
	}
	return r, illustrate(c, a.Picture, []httpclient.Report{r})
}

// prober probes URLs in one way.
type prober struct {
	probing
	expect httpclient.Expectation
}

func (a probing) prepare() (*prober, error) {
	expect, err := a.Expect.compiled()
	return &prober{a, expect}, err
}

// once makes one probe over a new connection.
func (p *prober) once(c *kit.Call, address string) (httpclient.Report, error) {
	client, err := p.client(c)
	if err != nil {
		return httpclient.Report{}, err
	}
	defer func() { _ = client.Close() }()
	ctx, end := limited(c, p.Timeout)
	defer end()
	if u, err := url.Parse(address); err == nil && (u.Scheme == "tcp" || u.Scheme == "tls") {
		return p.report(c, client, nil)(client.Knock(ctx, u.Host, u.Scheme == "tls"))
	}
	q, err := p.request(c, p.Method, address)
	if err != nil {
		return httpclient.Report{}, err
	}
	var body bytes.Buffer
	return p.report(c, client, &body)(client.Do(ctx, q, &body))
}

// report judges what came of a probe. Ctrl-C and a wrong URL are errors, all
// else is an outcome.
func (p *prober) report(c *kit.Call, client *httpclient.Client, body *bytes.Buffer) func(*httpclient.Response, error) (httpclient.Report, error) {
	return func(r *httpclient.Response, err error) (httpclient.Report, error) {
		if c.Context.Err() != nil {
			return httpclient.Report{}, context.Cause(c.Context)
		}
		if fault.KindOf(err) == fault.Usage {
			return httpclient.Report{}, err
		}
		out := client.ReportOf(r, err, c.World.Now())
		if body == nil {
			p.expect.Check(&out, r.Header, nil)
			return out, nil
		}
		out.Body = string(body.Bytes()[:min(int64(body.Len()), int64(p.Keep))])
		p.expect.Check(&out, r.Header, body.Bytes())
		if len(p.expect.Statuses) == 0 && out.Failure == "" && out.Status >= 400 {
			out.OK, out.Failures = false, append(out.Failures, r.Reason)
		}
		return out, nil
	}
}

type manyArgs struct {
	URLs     []string      `lua:"urls,arg1" doc:"URLs to probe."`
	Count    int           `lua:"count" default:"1" doc:"How often each is probed."`
	Interval time.Duration `lua:"interval" default:"0s" doc:"Pause between two probes of one URL."`
	Workers  int           `lua:"workers" default:"10" doc:"How many URLs are probed at a time."`
	probing
}

func probeMany(c *kit.Call, a manyArgs) ([]httpclient.Summary, error) {
	if a.Count < 1 || a.Workers < 1 {
		return nil, fault.New(fault.Usage, "count and workers are at least 1")
	}
	p, err := a.prepare()
	if err != nil {
		return nil, err
	}
	summaries := make([]httpclient.Summary, len(a.URLs))
	errs := make([]error, len(a.URLs))
	slots := make(chan struct{}, a.Workers)
	var wg sync.WaitGroup
	for i, address := range a.URLs {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			var probes []httpclient.Report
			probes, errs[i] = p.several(c, address, a.Count, a.Interval)
			summaries[i] = httpclient.Summarize(address, probes)
		})
	}
	wg.Wait()
	var all []httpclient.Report
	for i, err := range errs {
		if err != nil {
			return nil, err
		}
		all = append(all, summaries[i].Probes...)
	}
	return summaries, illustrate(c, a.Picture, all)
}

func (p *prober) several(c *kit.Call, address string, count int, interval time.Duration) ([]httpclient.Report, error) {
	probes := []httpclient.Report{}
	for i := range count {
		if i > 0 {
			select {
			case <-time.After(interval):
			case <-c.Context.Done():
				return nil, context.Cause(c.Context)
			}
		}
		r, err := p.once(c, address)
		if err != nil {
			return nil, err
		}
		probes = append(probes, r)
	}
	return probes, nil
}

// illustrate draws probes into a file, when one is wanted.
func illustrate(c *kit.Call, path string, probes []httpclient.Report) error {
	if path == "" {
		return nil
	}
	picture, err := draw(path, probes)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(c.Path(path), picture, 0o644); err != nil {
		return fault.OS(err, "cannot write %s", path)
	}
	return nil
}

func draw(path string, probes []httpclient.Report) ([]byte, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".svg":
		return httpclient.WaterfallSVG(probes), nil
	case ".png":
		return httpclient.WaterfallPNG(probes)
	}
	return nil, fault.New(fault.Usage, "picture: %q ends neither in .svg nor in .png", path)
}
