package httpclient

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/testenv"
)

// question is one request for us and for libcurl.
type question struct {
	URL          string   `json:"url"`
	Method       string   `json:"method"`
	Body         *string  `json:"body,omitempty"`
	MaxRedirects int      `json:"max_redirects"`
	Timeout      int      `json:"timeout_ms,omitempty"`
	Encoding     bool     `json:"encoding,omitempty"`
	CAFile       string   `json:"ca_file,omitempty"`
	Insecure     bool     `json:"insecure,omitempty"`
	User         string   `json:"user,omitempty"`
	Digest       bool     `json:"digest,omitempty"`
	Resolve      []string `json:"resolve,omitempty"`
	MaxBody      int64    `json:"max_body,omitempty"`
}

// curlAnswer is what libcurl says.
type curlAnswer struct {
	Code, Status, Redirects                                                      int
	URL                                                                          string
	Body                                                                         []byte
	ContentType                                                                  string `json:"content_type"`
	Namelookup, Connect, Appconnect, Pretransfer, Starttransfer, Total, Redirect float64
	Download, Upload, Header, Length                                             float64
}

// ask is the question through our client.
func (q question) ask(t testing.TB) (Report, string, *Response) {
	t.Helper()
	config := Config{CAFile: q.CAFile, Insecure: q.Insecure, Resolve: map[string]string{}, Version: "1.1"}
	for _, entry := range q.Resolve { // host:port:address
		at := strings.LastIndex(entry, ":")
		config.Resolve[entry[:at]] = entry[at+1:]
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	if q.Timeout > 0 {
		var end context.CancelFunc
		ctx, end = context.WithTimeout(ctx, time.Duration(q.Timeout)*time.Millisecond)
		defer end()
	}
	request := Request{
		Method: q.Method, URL: q.URL, Header: http.Header{"User-Agent": {"test"}, "Accept": {"*/*"}}, Follow: true,
		MaxRedirects: q.MaxRedirects, MaxBody: q.MaxBody, Raw: !q.Encoding,
	}
	if q.Body != nil {
		request.SetBody([]byte(*q.Body))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if user, password, ok := strings.Cut(q.User, ":"); ok {
		request.Auth = Auth{User: user, Password: password, Digest: q.Digest}
	}
	var body bytes.Buffer
	r, err := client.Do(ctx, request, &body)
	return client.ReportOf(r, err, time.Now()), body.String(), r
}

// site is a server with something of everything.
func site() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		names := []string{}
		for name := range r.Header {
			if name != "Accept" && name != "Accept-Encoding" {
				names = append(names, name+"="+r.Header.Get(name))
			}
		}
		slices.Sort(names)
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "%s %s %q %q", r.Method, r.URL, body, names)
	})
	for _, status := range []int{301, 302, 303, 307, 308} {
		mux.HandleFunc(fmt.Sprintf("/to/%d", status), func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.Query().Get("l"))
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "moved")
		})
	}
	mux.HandleFunc("/chain", func(w http.ResponseWriter, r *http.Request) {
		n := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("n"), &n)
		if n > 0 {
			http.Redirect(w, r, fmt.Sprintf("chain?n=%d", n-1), http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "end")
	})
	for _, status := range []int{200, 204, 304, 400, 401, 404, 500, 503} {
		mux.HandleFunc(fmt.Sprintf("/status/%d", status), func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
	}
	text := strings.Repeat("compress me ", 1000)
	mux.HandleFunc("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, text)
		z.Close()
	})
	mux.HandleFunc("/deflate", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "deflate")
		z := zlib.NewWriter(w)
		_, _ = io.WriteString(z, text)
		z.Close()
	})
	mux.HandleFunc("/badgzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.WriteString(w, "this is not gzip at all")
	})
	mux.HandleFunc("/chunks", func(w http.ResponseWriter, _ *http.Request) {
		for range 5 {
			_, _ = io.WriteString(w, "chunk of text\n")
			w.(http.Flusher).Flush()
		}
	})
	mux.HandleFunc("/basic", func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "ann" || password != "s e:c" {
			w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3000000")
		_, _ = w.Write(make([]byte, 3_000_000))
	})
	return mux
}

// Answers, sizes and codes are those of libcurl.
func TestAnswersAsCurl(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "pycurl"), "testdata/oracle.py")
	server := httptest.NewServer(site())
	t.Cleanup(server.Close)
	empty, form := "", "a=1&b=ü"
	var questions []question
	add := func(path, method string, change func(*question)) {
		q := question{URL: server.URL + path, Method: method, MaxRedirects: 10}
		if change != nil {
			change(&q)
		}
		questions = append(questions, q)
	}
	for _, method := range []string{"GET", "HEAD", "DELETE", "OPTIONS"} {
		add("/echo?x=1&y=%20z", method, nil)
		add("/nowhere", method, nil)
	}
	for _, method := range []string{"POST", "PUT", "PATCH"} {
		add("/echo", method, func(q *question) { q.Body = &form })
	}
	add("/echo", "POST", func(q *question) { q.Body = &empty })
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"GET", "POST", "HEAD"} {
			for _, location := range []string{"/echo", "../echo?q=1", "echo#frag", "//" + server.Listener.Addr().String() + "/echo"} {
				add(fmt.Sprintf("/to/%d?l=%s", status, url.QueryEscape(location)), method, func(q *question) {
					if method == "POST" {
						q.Body = &form
					}
				})
			}
		}
	}
	add("/to/302", "GET", nil)
	for n := range 6 {
		add(fmt.Sprintf("/chain?n=%d", n), "GET", func(q *question) { q.MaxRedirects = 3 })
	}
	for _, status := range []int{200, 204, 304, 400, 401, 404, 500, 503} {
		add(fmt.Sprintf("/status/%d", status), "GET", nil)
	}
	for _, path := range []string{"/gzip", "/deflate", "/badgzip", "/chunks", "/large"} {
		add(path, "GET", nil)
		add(path, "GET", func(q *question) { q.Encoding = true })
	}
	add("/basic", "GET", func(q *question) { q.User = "ann:s e:c" })
	add("/basic", "GET", func(q *question) { q.User = "ann:wrong" })
	add("/large", "GET", func(q *question) { q.MaxBody = 1000 })
	for _, q := range questions {
		compareWithCurl(t, oracle, q)
	}
}

func compareWithCurl(t *testing.T, oracle *testenv.Oracle, q question) {
	t.Helper()
	var want curlAnswer
	oracle.Ask(q, &want)
	got, body, _ := q.ask(t)
	type answer struct {
		Code, Status, Redirects  int
		URL, Body                string
		Download, Upload, Header int64
	}
	ours := answer{got.Curl, got.Status, got.Redirects, got.URL, body, got.Size.Download, got.Size.Upload, int64(got.Size.Header)}
	theirs := answer{want.Code, want.Status, want.Redirects, want.URL, string(want.Body), int64(want.Download), int64(want.Upload), int64(want.Header)}
	if want.Code != 0 { // what there was until then depends on buffers
		ours.Body, ours.Download, ours.Header = "", 0, 0
		theirs.Body, theirs.Download, theirs.Header = "", 0, 0
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("%s %s (-curl +ours): %v\n%.2000s", q.Method, q.URL, got.Failures, diff)
	}
}

// greeting answers a TLS handshake in plain text.
func greeting(conn net.Conn) {
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
	}
}

// What goes wrong has the code that libcurl gives it.
func TestFailsAsCurl(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "pycurl"), "testdata/oracle.py")
	ca := testenv.NewAuthority(t)
	secured := func(name string, until time.Time) string {
		certificate := ca.Issue(t, name, until)
		return rawServer(t, func(conn net.Conn) {
			c := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
			answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")(c)
		})
	}
	plain := func(text string) string { return "http://" + rawServer(t, answering(text)) }
	soon := time.Now().Add(100 * time.Hour)
	closed := rawServer(t, func(conn net.Conn) { head(conn) })
	for name, q := range map[string]question{
		"refused":            {URL: "http://127.0.0.1:1"},
		"unknown name":       {URL: "http://no-such-name.invalid/"},
		"empty answer":       {URL: "http://" + closed},
		"body cut":           {URL: plain("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")},
		"chunk cut":          {URL: plain("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")},
		"bad chunk":          {URL: plain("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhel\r\n")},
		"good":               {URL: plain("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")},
		"no length":          {URL: plain("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nall there is")},
		"good TLS":           {URL: "https://" + secured("127.0.0.1", soon), CAFile: ca.File},
		"unknown authority":  {URL: "https://" + secured("127.0.0.1", soon)},
		"insecure":           {URL: "https://" + secured("127.0.0.1", soon), Insecure: true},
		"wrong name":         {URL: "https://" + secured("other.example", soon), CAFile: ca.File},
		"expired":            {URL: "https://" + secured("127.0.0.1", time.Now().Add(-time.Hour)), CAFile: ca.File},
		"plain on TLS port":  {URL: "https://" + rawServer(t, greeting), CAFile: ca.File},
		"silent":             {URL: "http://" + rawServer(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }), Timeout: 200},
		"silent TLS":         {URL: "https://" + rawServer(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }), Timeout: 200},
		"scheme":             {URL: "gopher2://127.0.0.1/"},
		"resolved elsewhere": {URL: "http://name.invalid:8080/", Resolve: []string{"name.invalid:8080:127.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			q.Method, q.MaxRedirects = "GET", 10
			var want curlAnswer
			oracle.Ask(q, &want)
			got, body, _ := q.ask(t)
			if got.Curl != want.Code || want.Code == 0 && (got.Status != want.Status || body != string(want.Body)) {
				t.Errorf("code %d, status %d, %q (%v); curl %d, %d, %q", got.Curl, got.Status, body, got.Failures, want.Code, want.Status, want.Body)
			}
		})
	}
}
