package httpclient

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

func get(t testing.TB, c Config, q Request, limit time.Duration) (*Response, []byte, error) {
	t.Helper()
	client, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, end := context.WithTimeout(context.Background(), limit)
	defer end()
	if q.Method == "" {
		q.Method = "GET"
	}
	if q.Header == nil {
		q.Header = http.Header{}
	}
	var body bytes.Buffer
	r, err := client.Do(ctx, q, &body)
	return r, body.Bytes(), err
}

// endless writes the same over and over.
func endless(start, more string) func(net.Conn) {
	return func(conn net.Conn) {
		if !head(conn) {
			return
		}
		_, err := io.WriteString(conn, start)
		for err == nil {
			_, err = io.WriteString(conn, more)
		}
	}
}

// Servers that misbehave end in a clear error, within the time and the memory
// that they were given.
func TestHostileServers(t *testing.T) {
	bomb := "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
	for name, test := range map[string]struct {
		serve func(net.Conn)
		kind  string
	}{
		"endless head":       {endless("HTTP/1.1 200 OK\r\n", "X-More: "+strings.Repeat("x", 1000)+"\r\n"), "protocol"},
		"endless head line":  {endless("HTTP/1.1 200 OK\r\nX: ", strings.Repeat("x", 1000)), "protocol"},
		"endless body":       {endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat("x", 1000)), "toolarge"},
		"endless chunks":     {endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", strings.Repeat("5\r\nhello\r\n", 10000)), "toolarge"},
		"endless 100s":       {endless("", "HTTP/1.1 100 Continue\r\n\r\n"), "protocol"},
		"no HTTP":            {answering("SSH-2.0-OpenSSH_9.2\r\n"), "protocol"},
		"negative length":    {answering("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"), "protocol"},
		"two lengths":        {answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), "protocol"},
		"chunk size too big": {answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"), "protocol"},
		"bad gzip":           {answering(bomb + "\x1f\x8bgarbage"), "encoding"},
		"unknown encoding":   {answering("HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx"), "encoding"},
		"redirect loop":      {answering("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"), "redirects"},
		"redirect to file":   {answering("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"), "failed"},
		"silent":             {func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, "timeout"},
		"silent body": {func(conn net.Conn) {
			answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx")(conn)
			_, _ = io.Copy(io.Discard, conn)
		}, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			address := rawServer(t, test.serve)
			started := time.Now()
			_, _, err := get(t, Config{}, Request{URL: "http://" + address, Follow: true, MaxRedirects: 5, MaxBody: 1 << 20}, time.Second)
			f, ok := FailureOf(err)
			if !ok || f.Kind != test.kind {
				t.Errorf("got %+v, %v, want %s", f, err, test.kind)
			}
			if took := time.Since(started); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

// What proves who is asking is not given to other servers, nor to another
// port of the same.
func TestCredentialsStayAtHome(t *testing.T) {
	var seen http.Header
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Clone() }))
	t.Cleanup(other.Close)
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusFound)
	}))
	t.Cleanup(home.Close)
	for name, q := range map[string]Request{
		"basic":  {Auth: Auth{User: "ann", Password: "secret"}},
		"bearer": {Auth: Auth{Bearer: "token"}},
		"header": {Header: http.Header{"Authorization": {"x"}, "Cookie": {"a=b"}}},
		"url":    {URL: strings.Replace(home.URL, "://", "://ann:secret@", 1)},
	} {
		if q.URL == "" {
			q.URL = home.URL
		}
		q.Follow, q.MaxRedirects = true, 3
		r, _, err := get(t, Config{}, q, 5*time.Second)
		if err != nil || seen.Get("Authorization") != "" || seen.Get("Cookie") != "" {
			t.Errorf("%s: the other server saw %v, %v", name, seen, err)
		}
		if strings.Contains(fmt.Sprint(r.URL, r.Hops[0].URL), "secret") {
			t.Errorf("%s: the password is in %s", name, r.Hops[0].URL)
		}
	}
}

// guard is a server with digest authentication: user ann, password s3cret.
func guard(newHash func() hash.Hash, algorithm, qop string) http.Handler {
	sum := func(parts ...string) string {
		h := newHash()
		_, _ = io.WriteString(h, strings.Join(parts, ":"))
		return hex.EncodeToString(h.Sum(nil))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		p := parameters(rest)
		secret := sum("ann", "the realm", "s3cret")
		if strings.HasSuffix(algorithm, "-sess") {
			secret = sum(secret, p["nonce"], p["cnonce"])
		}
		want := sum(secret, p["nonce"], sum(r.Method, r.URL.RequestURI()))
		if qop != "" {
			want = sum(secret, p["nonce"], p["nc"], p["cnonce"], p["qop"], sum(r.Method, r.URL.RequestURI()))
		}
		if p["response"] == want && p["nonce"] == "abc" && p["opaque"] == "o,\"x" && p["uri"] == r.URL.RequestURI() {
			_, _ = io.WriteString(w, "welcome")
			return
		}
		header := `Digest realm="the realm", nonce="abc", opaque="o,\"x"`
		if algorithm != "" { // two schemes in one line
			header = `Basic realm="another", ` + header + ", algorithm=" + algorithm
		}
		if qop != "" {
			header += `, qop="` + qop + `"`
		}
		w.Header().Set("WWW-Authenticate", header)
		w.WriteHeader(http.StatusUnauthorized)
	})
}

// Digest authentication is let in where libcurl is.
func TestDigestAsCurl(t *testing.T) {
	oracle := testenv.Ask(t, testenv.Python(t, "pycurl"), "testdata/oracle.py")
	for _, algorithm := range []string{"", "MD5", "MD5-sess", "SHA-256", "SHA-256-sess"} {
		for _, qop := range []string{"", "auth", "auth-int,auth"} {
			for _, user := range []string{"ann:s3cret", "ann:wrong"} {
				newHash := md5.New
				if strings.HasPrefix(algorithm, "SHA") {
					newHash = sha256.New
				}
				server := httptest.NewServer(guard(newHash, algorithm, qop))
				if strings.HasSuffix(algorithm, "-sess") && qop == "" {
					server.Close() // has no meaning: a session needs a cnonce
					continue
				}
				q := question{URL: server.URL + "/x?y=1", Method: "GET", User: user, Digest: true, MaxRedirects: 3}
				var want curlAnswer
				oracle.Ask(q, &want)
				got, body, _ := q.ask(t)
				if strings.HasSuffix(user, "s3cret") && got.Status != 200 || got.Status != want.Status || body != string(want.Body) {
					t.Errorf("%s, qop %q, %s: %d %q, curl %d %q", algorithm, qop, user, got.Status, body, want.Status, want.Body)
				}
				server.Close()
			}
		}
	}
}

// A request that may have had an effect is not sent twice.
func TestRetry(t *testing.T) {
	for name, test := range map[string]struct {
		method   string
		failures int
		answer   string
		attempts int
		status   int
	}{
		"get, busy":       {"GET", 2, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 3, 200},
		"get, dropped":    {"GET", 2, "", 3, 200},
		"post, dropped":   {"POST", 2, "", 1, 0},
		"post, busy":      {"POST", 2, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 1, 503},
		"get, always":     {"GET", 9, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 4, 503},
		"get, not found":  {"GET", 2, "HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 1, 404},
		"get, asked wait": {"GET", 1, "HTTP/1.1 429 Slow\r\nRetry-After: 100000\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 2, 200},
	} {
		t.Run(name, func(t *testing.T) {
			left := test.failures
			address := rawServer(t, func(conn net.Conn) { // one at a time, since each attempt waits for its answer
				answer := "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
				if !head(conn) {
					return
				}
				if left > 0 {
					left--
					answer = test.answer
				}
				_, _ = io.WriteString(conn, answer)
			})
			client, err := New(Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			policy := Retry{Times: 3, Delay: time.Millisecond, MaxDelay: 10 * time.Millisecond, Statuses: Unavailable}
			r, attempts, _ := client.DoRetry(context.Background(), Request{Method: test.method, URL: "http://" + address}, policy,
				func() io.Writer { return io.Discard })
			if attempts != test.attempts || r.Status != test.status {
				t.Errorf("%d attempts, status %d; want %d, %d", attempts, r.Status, test.attempts, test.status)
			}
		})
	}
}

// A form with files arrives as it was sent.
func TestParts(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f, header, err := r.FormFile("file")
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		data, _ := io.ReadAll(f)
		fmt.Fprintf(w, "%s|%s|%s|%s|%d", r.FormValue(`na"me`), header.Filename, header.Header.Get("Content-Type"), data, r.ContentLength)
	}))
	t.Cleanup(server.Close)
	q := Request{Method: "POST", URL: server.URL, Header: http.Header{}}
	if err := q.SetParts([]Part{{Name: `na"me`, Value: "välue"}, {Name: "file", Path: "testdata/oracle.py", FileName: "x y.py", Type: "text/x-python"}}); err != nil {
		t.Fatal(err)
	}
	_, body, err := get(t, Config{}, q, 5*time.Second)
	if err != nil || !strings.HasPrefix(string(body), "välue|x y.py|text/x-python|# Asks web servers") || strings.HasSuffix(string(body), "|-1") {
		t.Errorf("%s, %v", body, err)
	}
	if err := q.SetParts([]Part{{Name: "a\r\nX: y"}}); fault.KindOf(err) != fault.Usage {
		t.Errorf("a line break in a name: %v", err)
	}
}
