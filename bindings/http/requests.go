package http

import (
	"bytes"
	"context"
	"fmt"
	"io"
	nethttp "net/http"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/httpclient"
)

type urlArgs struct {
	URL string `lua:"url,arg1" doc:"URL; http:// when it has no scheme."`
	question
	connection
}

func get(c *kit.Call, a urlArgs) (*response, error)    { return a.send(c, "GET") }
func head(c *kit.Call, a urlArgs) (*response, error)   { return a.send(c, "HEAD") }
func post(c *kit.Call, a urlArgs) (*response, error)   { return a.send(c, "POST") }
func put(c *kit.Call, a urlArgs) (*response, error)    { return a.send(c, "PUT") }
func patch(c *kit.Call, a urlArgs) (*response, error)  { return a.send(c, "PATCH") }
func remove(c *kit.Call, a urlArgs) (*response, error) { return a.send(c, "DELETE") }

type requestArgs struct {
	Method string `lua:"method,arg1" doc:"Method, such as GET."`
	URL    string `lua:"url,arg2" doc:"URL; http:// when it has no scheme."`
	question
	connection
}

func request(c *kit.Call, a requestArgs) (*response, error) {
	return urlArgs{a.URL, a.question, a.connection}.send(c, a.Method)
}

// send asks over a connection of its own.
func (a urlArgs) send(c *kit.Call, method string) (*response, error) {
	client, err := a.client(c)
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	return a.ask(c, client, method, a.URL)
}

// limited gives a context with the time that a call has.
func limited(c *kit.Call, timeout time.Duration) (context.Context, context.CancelFunc) {
	if timeout <= 0 {
		return context.WithCancel(c.Context)
	}
	return context.WithTimeout(c.Context, timeout)
}

// ask asks through a client and reads the answer into memory.
func (q question) ask(c *kit.Call, client *httpclient.Client, method, address string) (*response, error) {
	if !validMethod(method) {
		return nil, fault.New(fault.Usage, "method: %q is none", method)
	}
	r, err := q.request(c, method, address)
	if err != nil {
		return nil, err
	}
	ctx, end := limited(c, q.Timeout)
	defer end()
	var body *bytes.Buffer
	answer, _, err := client.DoRetry(ctx, r, q.retry(), func() io.Writer { body = &bytes.Buffer{}; return body })
	if err != nil {
		return nil, err
	}
	out := newResponse(answer, body.Bytes())
	if q.Check && out.answer.Status >= 400 {
		return nil, out.failure()
	}
	return out, nil
}

func validMethod(method string) bool {
	return method != "" && strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_") == ""
}

// response is an answer as a script holds it.
type response struct {
	answer *httpclient.Response
	body   []byte
}

func newResponse(answer *httpclient.Response, body []byte) *response { return &response{answer, body} }

// String is how it prints.
func (r *response) String() string {
	return fmt.Sprintf("%d %s %s", r.answer.Status, r.answer.Reason, r.answer.URL)
}

// statusKinds are the kinds of refusals that scripts act on.
var statusKinds = map[int]fault.Kind{
	401: fault.Auth, 403: fault.Denied, 404: fault.NotFound, 408: fault.Timeout, 407: fault.Auth, 409: fault.Exists, 410: fault.NotFound, 504: fault.Timeout,
}

// failure is the error of an answer of 400 and more.
func (r *response) failure() error {
	kind, ok := statusKinds[r.answer.Status]
	if !ok {
		kind = fault.Failed
	}
	e := fault.New(kind, "%s answered %d %s", r.answer.URL, r.answer.Status, r.answer.Reason)
	e.Result = r
	return e.WithHint("check = false gives the answer; here it is in e.result")
}

func responseType() kit.Type {
	return kit.TypeOf[*response]("response", "An answer of a web server.",
		kit.Method("json", "Read the body as JSON.", readJSON),
		kit.Method("header", "Give a header field, whatever its case; several of one name are joined by commas; nil when there is none.", header),
		kit.Method("save", "Write the body to a file, in one step.", save),
	).Fields(
		kit.Field("status", "Status, such as 200.", func(r *response) int { return r.answer.Status }),
		kit.Field("reason", "Its text, such as OK.", func(r *response) string { return r.answer.Reason }),
		kit.Field("ok", "Whether the status is below 400.", func(r *response) bool { return r.answer.Status < 400 }),
		kit.Field("url", "URL that answered, after redirects, without a password.", func(r *response) string { return r.answer.URL }),
		kit.Field("body", "Body, decoded.", func(r *response) []byte { return r.body }),
		kit.Field("headers", "Header fields by name in lower case.", func(r *response) map[string]string { return fields(r.answer.Header) }),
		kit.Field("cookies", "Cookies that were set, by name.", func(r *response) map[string]string { return r.cookies() }),
		kit.Field("version", "Protocol, such as HTTP/1.1.", func(r *response) string { return r.answer.Version }),
		kit.Field("elapsed", "Seconds it took, body included.", func(r *response) time.Duration { return r.answer.Finished.Sub(r.answer.Started) }),
		kit.Field("history", "URLs of the redirects that led here.", func(r *response) []string { return r.history() }),
		kit.Field("size", "Bytes of the body over the wire.", func(r *response) int64 { return r.answer.Last().Body }),
	)
}

// fields joins header fields, by name in lower case.
func fields(h nethttp.Header) map[string]string {
	out := map[string]string{}
	for name, values := range h {
		out[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return out
}

func (r *response) cookies() map[string]string {
	out := map[string]string{}
	for _, cookie := range (&nethttp.Response{Header: r.answer.Header}).Cookies() {
		out[cookie.Name] = cookie.Value
	}
	return out
}

func (r *response) history() []string {
	out := []string{}
	for _, hop := range r.answer.Hops {
		if hop.Location != "" {
			out = append(out, hop.URL)
		}
	}
	return out
}

func readJSON(_ *kit.Call, r *response, _ struct{}) (any, error) {
	value, err := kit.FromJSON(r.body)
	if err != nil {
		return nil, fault.Wrap(fault.Parse, err, "the answer of %s", r.answer.URL)
	}
	return value, nil
}

type headerArgs struct {
	Name string `lua:"name,arg1" doc:"Name of the field."`
}

func header(_ *kit.Call, r *response, a headerArgs) (*string, error) {
	values := r.answer.Header.Values(a.Name)
	if len(values) == 0 {
		return nil, nil
	}
	joined := strings.Join(values, ", ")
	return &joined, nil
}
