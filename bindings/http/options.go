package http

import (
	nethttp "net/http"
	"net/url"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/httpclient"
	"gofab/internal/secret"
)

// connection is how servers are reached; it holds for a session.
type connection struct {
	ConnectTimeout time.Duration     `lua:"connect_timeout" default:"10s" doc:"Limit for name, connection and TLS of each hop."`
	Verify         bool              `lua:"verify" default:"true" doc:"Check certificates."`
	CAFile         string            `lua:"ca_file" default:"" doc:"PEM file of the authorities to trust instead of the system's."`
	CertFile       string            `lua:"cert_file" default:"" doc:"PEM file of a client certificate."`
	KeyFile        string            `lua:"key_file" default:"" doc:"PEM file of its key; cert_file when empty."`
	ServerName     string            `lua:"server_name" default:"" doc:"Name to expect in the certificate, instead of the URL's."`
	Proxy          string            `lua:"proxy" default:"" doc:"URL of a proxy, http:// or socks5://; \"none\" goes straight; empty takes http_proxy, HTTPS_PROXY and NO_PROXY."`
	Resolve        map[string]string `lua:"resolve" default:"" doc:"Addresses to use instead of asking DNS: { [\"host:443\"] = \"192.0.2.1\" }, with or without port on either side."`
	DNSServer      string            `lua:"dns_server" default:"" doc:"Name server to ask instead of the system's."`
	Source         string            `lua:"source" default:"" doc:"Local address to connect from."`
	Family         string            `lua:"family" default:"" enum:"|4|6" doc:"IPv4 or IPv6 alone."`
	UnixSocket     string            `lua:"unix_socket" default:"" doc:"Path of a socket that takes the place of the network."`
	Version        string            `lua:"version" default:"" enum:"|1.1|2" doc:"HTTP version; the best that both sides have when empty."`
}

func (o connection) client(c *kit.Call) (*httpclient.Client, error) {
	return httpclient.New(httpclient.Config{
		ConnectTimeout: o.ConnectTimeout, Insecure: !o.Verify, CAFile: c.Path(o.CAFile), CertFile: c.Path(o.CertFile), KeyFile: c.Path(o.KeyFile),
		ServerName: o.ServerName, Proxy: o.Proxy, Resolve: o.Resolve, DNSServer: o.DNSServer, Source: o.Source, Family: o.Family,
		UnixSocket: c.Path(o.UnixSocket), Version: o.Version,
		Getenv: func(name string) string { value, _ := c.World.Getenv(name); return value },
	})
}

// question is what one request asks.
type question struct {
	Params  map[string]any          `lua:"params" default:"" doc:"Query parameters, added to those of the URL; a list gives one several times."`
	Headers map[string]secret.Value `lua:"headers" default:"" doc:"Header fields. A value may be a secret."`
	Cookies map[string]secret.Value `lua:"cookies" default:"" doc:"Cookies to send."`

	JSON  any               `lua:"json" default:"" doc:"Value to send as JSON."`
	Form  map[string]any    `lua:"form" default:"" doc:"Fields to send as a form; with files they go along as parts."`
	Files map[string]upload `lua:"files" default:"" doc:"Files to send as parts of a form: a path, or { path = } or { data = } with name and type."`
	Body  *string           `lua:"body" doc:"Bytes to send as they are."`
	File  string            `lua:"file" default:"" doc:"File to send as it is."`

	User     string       `lua:"user" default:"" doc:"User name to log in with."`
	Password secret.Value `lua:"password" default:"" doc:"Password of the user."`
	Auth     string       `lua:"auth" default:"basic" enum:"basic|digest" doc:"How user and password are sent."`
	Bearer   secret.Value `lua:"bearer" default:"" doc:"Token to log in with."`

	Timeout      time.Duration `lua:"timeout" default:"30s" doc:"Limit for all of it, redirects and body included; 0 is none."`
	Follow       bool          `lua:"follow" default:"true" doc:"Follow redirects."`
	MaxRedirects int           `lua:"max_redirects" default:"10" doc:"Most redirects to follow; one more is an error."`
	MaxSize      kit.Size      `lua:"max_size" default:"64M" doc:"A larger body is an error."`
	Limit        kit.Size      `lua:"limit" default:"0" doc:"Most bytes a second to read; 0 is no limit."`
	UserAgent    string        `lua:"user_agent" default:"gofab" doc:"What we call ourselves."`

	Check   bool          `lua:"check" default:"true" doc:"Raise when the status is 400 or more; the answer is in e.result."`
	Retries int           `lua:"retries" default:"0" doc:"How often to ask again after a failed connection, and, for requests without an effect, after a broken one or an answer in retry_on."`
	Delay   time.Duration `lua:"delay" default:"1s" doc:"Pause before the first further attempt; it doubles each time. The server may ask for longer, up to a minute."`
	RetryOn []int         `lua:"retry_on" default:"" doc:"Answers after which to ask again; 429, 502, 503 and 504 when empty."`
}

// maxDelay bounds the pause between attempts.
const maxDelay = time.Minute

func (q question) retry() httpclient.Retry {
	r := httpclient.Retry{Times: q.Retries, Delay: q.Delay, MaxDelay: maxDelay, Statuses: q.RetryOn}
	if len(r.Statuses) == 0 {
		r.Statuses = httpclient.Unavailable
	}
	return r
}

// request makes the engine's request of it.
func (q question) request(c *kit.Call, method, address string) (httpclient.Request, error) {
	r := httpclient.Request{
		Method: strings.ToUpper(method), Header: nethttp.Header{}, Follow: q.Follow, MaxRedirects: q.MaxRedirects,
		MaxBody: int64(q.MaxSize), Limit: int64(q.Limit),
		Auth: httpclient.Auth{User: q.User, Password: q.Password.Reveal(), Bearer: q.Bearer.Reveal(), Digest: q.Auth == "digest"},
	}
	var err error
	if r.URL, err = withParams(address, q.Params); err != nil {
		return r, err
	}
	r.Header.Set("User-Agent", q.UserAgent)
	r.Header.Set("Accept", "*/*")
	if err := q.body(c, &r); err != nil {
		return r, err
	}
	for name, value := range q.Headers {
		if strings.ContainsAny(name+value.Reveal(), "\r\n\x00") {
			return r, fault.New(fault.Usage, "headers: %q has a line break", name)
		}
		r.Header.Set(name, value.Reveal())
	}
	for name, value := range q.Cookies {
		cookie := &nethttp.Cookie{Name: name, Value: value.Reveal()}
		if err := cookie.Valid(); err != nil {
			return r, fault.New(fault.Usage, "cookies: %q cannot be sent", name)
		}
		r.Header.Add("Cookie", cookie.String())
	}
	return r, nil
}

// body sets the one body that was given.
func (q question) body(c *kit.Call, r *httpclient.Request) error {
	given := 0
	for _, is := range []bool{q.JSON != nil, len(q.Form) > 0 || len(q.Files) > 0, q.Body != nil, q.File != ""} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return fault.New(fault.Usage, "more than one of json, form, body and file is given")
	case q.JSON != nil:
		data, err := kit.ToJSON(q.JSON, 0)
		if err != nil {
			return err
		}
		r.SetBody(data)
		r.Header.Set("Content-Type", "application/json")
	case len(q.Files) > 0:
		return q.parts(c, r)
	case len(q.Form) > 0:
		values, err := formValues("form", q.Form)
		if err != nil {
			return err
		}
		r.SetBody([]byte(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case q.Body != nil:
		r.SetBody([]byte(*q.Body))
	case q.File != "":
		return r.SetFile(c.Path(q.File))
	}
	return nil
}

func (q question) parts(c *kit.Call, r *httpclient.Request) error {
	values, err := formValues("form", q.Form)
	if err != nil {
		return err
	}
	var parts []httpclient.Part
	for name, list := range values {
		for _, value := range list {
			parts = append(parts, httpclient.Part{Name: name, Value: value})
		}
	}
	for name, f := range q.Files {
		parts = append(parts, httpclient.Part{Name: name, Value: f.data, Path: c.Path(f.path), FileName: f.fileName(name), Type: f.mediaType})
	}
	return r.SetParts(httpclient.SortedParts(parts))
}

// withParams adds query parameters to a URL.
func withParams(address string, params map[string]any) (string, error) {
	if len(params) == 0 {
		return address, nil
	}
	values, err := formValues("params", params)
	if err != nil {
		return "", err
	}
	base, fragment, _ := strings.Cut(address, "#")
	glue := "?"
	if strings.Contains(base, "?") {
		glue = "&"
	}
	if fragment != "" {
		fragment = "#" + fragment
	}
	return base + glue + values.Encode() + fragment, nil
}

// formValues turns a table into fields: strings, numbers, booleans, and lists
// of them.
func formValues(what string, table map[string]any) (url.Values, error) {
	values := url.Values{}
	for name, value := range table {
		list, isList := value.([]any)
		if !isList {
			list = []any{value}
		}
		for _, item := range list {
			text, err := scalar(item)
			if err != nil {
				return nil, fault.New(fault.Usage, "%s: %s: %v", what, name, err)
			}
			values.Add(name, text)
		}
	}
	return values, nil
}
