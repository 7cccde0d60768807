package http

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
)

type serveArgs struct {
	Dir      string                  `lua:"dir" default:"" doc:"Folder whose files are served. No link leads out of it."`
	Routes   map[string]kit.Callback `lua:"routes" default:"" doc:"Functions by path: \"/hook\", \"POST /hook\", \"/item/{id}\", \"/tree/\" for all below it, \"/{$}\" for the top alone. They get a table with method, path, query, params, headers, body and remote, and return a text, or a table with any of status, headers, body, json and file."`
	Host     string                  `lua:"host" default:"127.0.0.1" doc:"Address to listen on; 0.0.0.0 is every IPv4 address of this machine."`
	Port     int                     `lua:"port" default:"0" doc:"Port; 0 takes a free one."`
	User     string                  `lua:"user" default:"" doc:"User name that is asked for."`
	Password secret.Value            `lua:"password" default:"" doc:"Password that is asked for."`
	CertFile string                  `lua:"cert_file" default:"" doc:"PEM file of a certificate: serve HTTPS."`
	KeyFile  string                  `lua:"key_file" default:"" doc:"PEM file of its key; cert_file when empty."`
	MaxSize  kit.Size                `lua:"max_size" default:"16M" doc:"A larger body is refused."`
}

// server is a running web server.
type server struct {
	URL    string
	Port   int
	http   *nethttp.Server
	root   *os.Root
	routes map[string]kit.Callback
	ended  chan struct{}

	mu      sync.Mutex
	seen    []seen
	arrived chan struct{} // closed and made anew when a request was answered
}

// seen is a request that was answered.
type seen struct {
	Method string `lua:"method" doc:"Method."`
	Path   string `lua:"path" doc:"Path with its query."`
	Status int    `lua:"status" doc:"Status that was answered."`
	Remote string `lua:"remote" doc:"Who asked."`
	Body   string `lua:"body" doc:"Body that was sent to a route."`
}

// maxSeen bounds what a server remembers: the newest.
const maxSeen = 1000

func serve(c *kit.Call, a serveArgs) (*server, error) {
	if a.Dir == "" && len(a.Routes) == 0 {
		return nil, fault.New(fault.Usage, "neither dir nor routes is given")
	}
	s := &server{ended: make(chan struct{}), arrived: make(chan struct{}), routes: a.Routes}
	handler, err := s.handler(c, a)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(c.Context, "tcp", net.JoinHostPort(a.Host, strconv.Itoa(a.Port)))
	if err != nil {
		return nil, fault.OS(errors.Unwrap(err), "cannot listen on %s port %d", a.Host, a.Port)
	}
	s.listen(c, a, listener, handler)
	closersOf(c).add(s)
	return s, nil
}

// listen serves until the server is closed.
func (s *server) listen(c *kit.Call, a serveArgs, listener net.Listener, handler nethttp.Handler) {
	s.Port = listener.Addr().(*net.TCPAddr).Port
	scheme := "http"
	if a.CertFile != "" {
		scheme = "https"
	}
	s.URL = scheme + "://" + net.JoinHostPort(reachable(a.Host), strconv.Itoa(s.Port))
	s.http = &nethttp.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: nil}
	go func() {
		defer close(s.ended)
		var err error
		if a.CertFile == "" {
			err = s.http.Serve(listener)
		} else {
			key := a.KeyFile
			if key == "" {
				key = a.CertFile
			}
			err = s.http.ServeTLS(listener, c.Path(a.CertFile), c.Path(key))
		}
		if !errors.Is(err, nethttp.ErrServerClosed) {
			c.Events.Log("error", "", "http.serve: "+err.Error(), nil)
		}
	}()
}

// reachable is the host to put into a URL.
func reachable(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		return "127.0.0.1"
	}
	return host
}

func (s *server) handler(c *kit.Call, a serveArgs) (handler nethttp.Handler, err error) {
	mux := nethttp.NewServeMux()
	if a.Dir != "" {
		if s.root, err = os.OpenRoot(c.Path(a.Dir)); err != nil {
			return nil, fault.OS(err, "cannot serve %s", a.Dir)
		}
		if _, taken := a.Routes["/"]; !taken {
			mux.Handle("/", nethttp.FileServerFS(s.root.FS()))
		}
	}
	for path, f := range a.Routes {
		if err := s.route(c, mux, path, f, int64(a.MaxSize)); err != nil {
			return nil, err
		}
	}
	return s.remember(guarded(a, mux)), nil
}

// route adds one path; what is wrong with its pattern is an error, not a panic.
func (s *server) route(c *kit.Call, mux *nethttp.ServeMux, path string, f kit.Callback, limit int64) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fault.New(fault.Usage, "routes: %q: %v", path, p)
		}
	}()
	mux.HandleFunc(path, func(w nethttp.ResponseWriter, q *nethttp.Request) {
		body, err := io.ReadAll(nethttp.MaxBytesReader(w, q.Body, limit))
		if err != nil {
			nethttp.Error(w, "the body is too large", nethttp.StatusRequestEntityTooLarge)
			return
		}
		if r, ok := w.(*recorder); ok {
			r.body = string(body)
		}
		s.answer(c, w, f, path, q, body)
	})
	return nil
}

// answer calls the function of a route.
func (s *server) answer(c *kit.Call, w nethttp.ResponseWriter, f kit.Callback, path string, q *nethttp.Request, body []byte) {
	ctx, end := context.WithCancel(c.Context)
	defer end()
	stop := context.AfterFunc(q.Context(), end)
	defer stop()
	results, err := f.Call(ctx, request2lua(path, q, body))
	if err == nil {
		var value any
		if len(results) > 0 {
			value = results[0]
		}
		err = s.reply(w, q, value)
	}
	if err != nil {
		c.Events.Log("error", "", "http.serve: "+q.Method+" "+q.URL.Path+": "+err.Error(), nil)
		nethttp.Error(w, "internal error", nethttp.StatusInternalServerError)
	}
}

// request2lua is what a function learns of a request.
func request2lua(pattern string, q *nethttp.Request, body []byte) map[string]any {
	query := map[string]string{}
	for name, values := range q.URL.Query() {
		query[name] = values[0]
	}
	params := map[string]string{}
	for _, part := range strings.Split(pattern, "{")[1:] {
		name, _, _ := strings.Cut(part, "}")
		name = strings.TrimSuffix(name, "...")
		params[name] = q.PathValue(name)
	}
	return map[string]any{
		"method": q.Method, "path": q.URL.Path, "query": query, "params": params, "headers": fields(q.Header),
		"body": string(body), "remote": q.RemoteAddr,
	}
}

// guarded asks for user and password, when there are any.
func guarded(a serveArgs, next nethttp.Handler) nethttp.Handler {
	if a.User == "" && a.Password.Empty() {
		return next
	}
	return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, q *nethttp.Request) {
		user, password, _ := q.BasicAuth()
		right := subtle.ConstantTimeCompare([]byte(user), []byte(a.User)) & subtle.ConstantTimeCompare([]byte(password), []byte(a.Password.Reveal()))
		if right == 1 {
			next.ServeHTTP(w, q)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="gofab"`)
		nethttp.Error(w, "who are you?", nethttp.StatusUnauthorized)
	})
}

// recorder notes what was answered.
type recorder struct {
	nethttp.ResponseWriter
	status int
	body   string
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (s *server) remember(next nethttp.Handler) nethttp.Handler {
	return nethttp.HandlerFunc(func(w nethttp.ResponseWriter, q *nethttp.Request) {
		r := &recorder{ResponseWriter: w, status: nethttp.StatusOK}
		next.ServeHTTP(r, q)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen = append(s.seen, seen{q.Method, q.URL.RequestURI(), r.status, q.RemoteAddr, r.body})
		s.seen = s.seen[max(len(s.seen)-maxSeen, 0):]
		close(s.arrived)
		s.arrived = make(chan struct{})
	})
}

// Close ends the server at once.
func (s *server) Close() error {
	err := s.http.Close()
	<-s.ended
	if s.root != nil {
		_ = s.root.Close()
	}
	return err
}

func serverType() kit.Type {
	return kit.TypeOf[*server]("http_server", "A running web server.",
		kit.Method("wait", "Wait until so many requests were answered, and give those so far, the newest 1,000.", waitFor).With(
			`local s = http.serve{ routes = { ["POST /done"] = function() return "thanks" end } }
http.post(s.url .. "/done", { body = "build 7" })
assert(s:wait{ count = 1 }[1].body == "build 7")
s:close()`),
		kit.Method("close", "Stop serving.", func(c *kit.Call, s *server, _ struct{}) (kit.None, error) {
			closersOf(c).remove(s)
			return kit.None{}, s.Close()
		}),
	).Fields(
		kit.Field("url", "URL of the server.", func(s *server) string { return s.URL }),
		kit.Field("port", "Port it listens on.", func(s *server) int { return s.Port }),
	)
}

type waitArgs struct {
	Count   int           `lua:"count" default:"1" doc:"How many requests to wait for, since the start."`
	Timeout time.Duration `lua:"timeout" default:"30s" doc:"How long to wait."`
}

func waitFor(c *kit.Call, s *server, a waitArgs) ([]seen, error) {
	ctx, end := limited(c, a.Timeout)
	defer end()
	for {
		s.mu.Lock()
		have, arrived := append([]seen{}, s.seen...), s.arrived
		s.mu.Unlock()
		if len(have) >= a.Count {
			return have, nil
		}
		select {
		case <-arrived:
		case <-s.ended:
			return nil, fault.New(fault.Cancelled, "the server was closed")
		case <-ctx.Done():
			if c.Context.Err() != nil {
				return nil, context.Cause(c.Context)
			}
			return nil, fault.New(fault.Timeout, "%d of %d requests came in %v", len(have), a.Count, a.Timeout)
		}
	}
}

// String is how a server prints.
func (s *server) String() string { return fmt.Sprintf("server at %s", s.URL) }
