package http

import (
	"io"
	nethttp "net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/fault"
	"gofab/internal/httpclient"
	"gofab/internal/secret"
)

// closers closes what a script left open, at the end of the run.
type closers struct {
	mu   sync.Mutex
	open map[io.Closer]bool
}

type closersKey struct{}

func closersOf(c *kit.Call) *closers {
	return kit.SharedValue(c.Shared, closersKey{}, func() *closers { return &closers{open: map[io.Closer]bool{}} })
}

func (l *closers) add(x io.Closer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[x] = true
}

func (l *closers) remove(x io.Closer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, x)
}

// Close ends the run.
func (l *closers) Close() error {
	l.mu.Lock()
	open := l.open
	l.open = map[io.Closer]bool{}
	l.mu.Unlock()
	for x := range open {
		_ = x.Close()
	}
	return nil
}

type sessionArgs struct {
	Base     string                  `lua:"base,arg1" default:"" doc:"URL that paths are put behind."`
	Headers  map[string]secret.Value `lua:"headers" default:"" doc:"Header fields of every request."`
	User     string                  `lua:"user" default:"" doc:"User name of every request to base."`
	Password secret.Value            `lua:"password" default:"" doc:"Password of the user."`
	Auth     string                  `lua:"auth" default:"basic" enum:"basic|digest" doc:"How user and password are sent."`
	Bearer   secret.Value            `lua:"bearer" default:"" doc:"Token of every request to base."`
	connection
}

// webSession is requests that belong together.
type webSession struct {
	client   *httpclient.Client
	settings sessionArgs
	base     *url.URL
	jar      nethttp.CookieJar
}

func session(c *kit.Call, a sessionArgs) (*webSession, error) {
	client, err := a.client(c)
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List})
	if err != nil {
		return nil, fault.From(err)
	}
	client.Jar = jar
	s := &webSession{client: client, settings: a, jar: jar}
	if a.Base != "" {
		if s.base, err = url.Parse(a.Base); err != nil || s.base.Host == "" {
			return nil, fault.New(fault.Usage, "base: not a URL").WithHint("https://host:port/path")
		}
	}
	closersOf(c).add(client)
	return s, nil
}

func sessionType() kit.Type {
	return kit.TypeOf[*webSession]("http_session", "Requests that share connections, cookies and settings.",
		kit.Method("get", "Ask for a page.", sessionMethod("GET")),
		kit.Method("head", "Ask for the head of a page alone.", sessionMethod("HEAD")),
		kit.Method("post", "Send something.", sessionMethod("POST")),
		kit.Method("put", "Put something under a URL.", sessionMethod("PUT")),
		kit.Method("patch", "Change something under a URL.", sessionMethod("PATCH")),
		kit.Method("delete", "Delete what is under a URL.", sessionMethod("DELETE")),
		kit.Method("request", "Ask with any method.", func(c *kit.Call, s *webSession, a sessionRequest) (*response, error) {
			return s.send(c, a.Method, a.URL, a.question)
		}),
		kit.Method("cookies", "Give the cookies that a URL would get, by name.", sessionCookies),
		kit.Method("close", "Close the connections.", func(c *kit.Call, s *webSession, _ struct{}) (kit.None, error) {
			closersOf(c).remove(s.client)
			return kit.None{}, s.client.Close()
		}),
	)
}

type sessionURL struct {
	URL string `lua:"url,arg1" doc:"URL, or a path behind base."`
	question
}

type sessionRequest struct {
	Method string `lua:"method,arg1" doc:"Method, such as GET."`
	URL    string `lua:"url,arg2" doc:"URL, or a path behind base."`
	question
}

func sessionMethod(method string) func(*kit.Call, *webSession, sessionURL) (*response, error) {
	return func(c *kit.Call, s *webSession, a sessionURL) (*response, error) {
		return s.send(c, method, a.URL, a.question)
	}
}

func (s *webSession) send(c *kit.Call, method, address string, q question) (*response, error) {
	address = s.address(address)
	headers := map[string]secret.Value{}
	for name, value := range s.settings.Headers {
		headers[name] = value
	}
	for name, value := range q.Headers {
		headers[name] = value
	}
	q.Headers = headers
	if q.User == "" && q.Bearer.Empty() && s.athome(address) {
		q.User, q.Password, q.Auth, q.Bearer = s.settings.User, s.settings.Password, s.settings.Auth, s.settings.Bearer
	}
	return q.ask(c, s.client, method, address)
}

// address puts a path behind base.
func (s *webSession) address(text string) string {
	if s.base == nil || strings.Contains(text, "://") {
		return text
	}
	return strings.TrimSuffix(s.base.String(), "/") + "/" + strings.TrimPrefix(text, "/")
}

// athome tells whether a URL lies where the session's credentials belong.
func (s *webSession) athome(address string) bool {
	u, err := url.Parse(address)
	return s.base == nil || err == nil && u.Scheme == s.base.Scheme && u.Host == s.base.Host
}

type cookiesArgs struct {
	URL string `lua:"url,arg1" default:"" doc:"URL, or a path behind base."`
}

func sessionCookies(_ *kit.Call, s *webSession, a cookiesArgs) (map[string]string, error) {
	u, err := url.Parse(s.address(a.URL))
	if err != nil {
		return nil, fault.New(fault.Usage, "not a URL: %v", err)
	}
	out := map[string]string{}
	for _, cookie := range s.jar.Cookies(u) {
		out[cookie.Name] = cookie.Value
	}
	return out, nil
}

type saveArgs struct {
	Path string `lua:"path,arg1" doc:"Path of the file."`
}

func save(c *kit.Call, r *response, a saveArgs) (kit.None, error) {
	if err := atomicfile.Write(c.Path(a.Path), r.body, 0o644); err != nil {
		return kit.None{}, fault.OS(err, "cannot write %s", a.Path)
	}
	return kit.None{}, nil
}
