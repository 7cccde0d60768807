package httpclient

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// Do asks and writes the decoded body of the final answer to out. With an
// error the response holds what there was until then; it is never nil.
func (c *Client) Do(ctx context.Context, q Request, out io.Writer) (*Response, error) {
	r := &Response{Started: time.Now(), Length: -1}
	err := c.follow(ctx, q, r, out)
	r.Finished = time.Now()
	return r, err
}

// step is the next request of a chain.
type step struct {
	method string
	url    *url.URL
	header http.Header
	body   bool
	auth   Auth
}

// follow asks again as long as redirects or authentication want it.
func (c *Client) follow(ctx context.Context, q Request, r *Response, out io.Writer) error {
	u, err := parseURL(q.URL)
	if err != nil {
		r.Hops = []*Hop{{URL: q.URL, Method: q.Method}}
		return err
	}
	next := step{method: q.Method, url: u, header: q.Header.Clone(), body: q.Body != nil, auth: q.Auth.fromURL(u)}
	if next.header == nil {
		next.header = http.Header{}
	}
	for redirects := 0; ; {
		hop := &Hop{URL: shown(next.url), Method: next.method}
		r.Hops = append(r.Hops, hop)
		answer, record, err := c.ask(ctx, q, next, hop)
		if err != nil {
			return err
		}
		if again, ok := next.challenged(answer); ok {
			discard(answer)
			next = again
			continue
		}
		location := redirectTo(answer)
		if location == "" || !q.Follow {
			return c.receive(q, r, answer, record, out)
		}
		discard(answer)
		if redirects++; redirects > q.MaxRedirects {
			return tooManyRedirects(hop, q.MaxRedirects)
		}
		if next, err = next.redirected(answer.StatusCode, location); err != nil {
			return failed(hop, "redirect", err)
		}
		hop.Location = shown(next.url)
	}
}

// ask sends one request and waits for the head of the answer.
func (c *Client) ask(ctx context.Context, q Request, s step, hop *Hop) (*http.Response, *recorder, error) {
	record := newRecorder(hop)
	hop.Time.Start = time.Now()
	request, err := c.request(httptrace.WithClientTrace(ctx, record.hooks()), q, s, hop)
	if err != nil {
		return nil, nil, failed(hop, "request", err)
	}
	answer, err := c.transport.RoundTrip(request)
	if err != nil {
		hop.Time.End = time.Now()
		return nil, nil, failed(hop, record.reached(), cause(ctx, err))
	}
	if c.Jar != nil {
		c.Jar.SetCookies(s.url, answer.Cookies())
	}
	hop.Status, hop.Header = answer.StatusCode, headSize(answer)
	if hop.TLS == nil {
		hop.TLS = answer.TLS
	}
	return answer, record, nil
}

// cause prefers the reason why the context ended to what it broke.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func (c *Client) request(ctx context.Context, q Request, s step, hop *Hop) (*http.Request, error) {
	bare := *s.url
	bare.User = nil
	request, err := http.NewRequestWithContext(ctx, s.method, bare.String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header = s.header.Clone()
	if host := request.Header.Get("Host"); host != "" {
		request.Host = host
		request.Header.Del("Host")
	}
	if s.body {
		body, err := q.Body()
		if err != nil {
			return nil, err
		}
		request.Body = &countedBody{body, &hop.RequestBody}
		request.ContentLength = q.BodySize
		if q.BodySize == 0 {
			request.Body = http.NoBody
		}
	}
	if request.Header.Get("Accept-Encoding") == "" && !q.Raw {
		request.Header.Set("Accept-Encoding", "gzip, deflate")
	}
	if err := s.auth.apply(request); err != nil {
		return nil, err
	}
	if c.Jar != nil {
		for _, cookie := range c.Jar.Cookies(s.url) {
			request.AddCookie(cookie)
		}
	}
	hop.RequestHeader = len(request.Method) + len(request.URL.RequestURI()) + len("  HTTP/1.1\r\n") + len("\r\n")
	return request, nil
}

// countedBody counts what is sent.
type countedBody struct {
	io.ReadCloser
	n *int64
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	*b.n += int64(n)
	return n, err
}

// parseURL reads a URL; one without a scheme is http, as curl has it.
func parseURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return nil, badURL(err)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, badScheme(u.Scheme)
	}
	return u, nil
}

// shown is a URL without its password.
func shown(u *url.URL) string { return u.Redacted() }

// discard reads what little an answer has left, so that its connection can be
// used again, and closes it.
func discard(answer *http.Response) {
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10)
	_ = answer.Body.Close()
}

// headSize is how many bytes an answer has in front of its body, as HTTP/1.1
// writes them.
func headSize(answer *http.Response) int {
	n := len(answer.Proto) + 1 + len(answer.Status) + 4
	for key, values := range answer.Header {
		for _, value := range values {
			n += len(key) + len(value) + 4
		}
	}
	for _, encoding := range answer.TransferEncoding {
		n += len("Transfer-Encoding: \r\n") + len(encoding)
	}
	return n
}
