package httpclient

import (
	"crypto/tls"
	"io"
	"net/http"
	"time"
)

// Request is one question. The zero value of an option is the plain one.
type Request struct {
	Method string
	URL    string
	Header http.Header
	// Body gives the body afresh each time it is called: for redirects, digest
	// authentication and retries. Nil is none.
	Body func() (io.ReadCloser, error)
	// BodySize is the length of the body in bytes, -1 when nobody knows.
	BodySize int64

	Auth         Auth
	Follow       bool // redirects
	MaxRedirects int
	MaxBody      int64 // most bytes of the decoded body; 0 is no limit
	// Limit is the most bytes a second that are read of the body; 0 is no limit.
	Limit int64
	// Raw leaves a compressed body as it is.
	Raw bool
	// OnHeader is told of the final answer before its body is read. An error
	// ends the request.
	OnHeader func(*Response) error
	// OnProgress is told how much of the final body was read, in bytes over the
	// wire; total is -1 when nobody knows. An error ends the request.
	OnProgress func(done, total int64) error
}

// Response is the answer, after redirects.
type Response struct {
	Status   int
	Reason   string // such as "Not Found"
	URL      string // the one that answered, without a password
	Version  string // such as "HTTP/1.1"
	Header   http.Header
	Length   int64 // Content-Length, -1 when there is none
	Hops     []*Hop
	Started  time.Time
	Finished time.Time
	Decoded  int64 // bytes of the body after decoding
}

// Hop is one request of those that redirects and authentication led to.
type Hop struct {
	URL           string // without a password
	Method        string
	Status        int
	Location      string // where a redirect led
	Time          Timeline
	Remote, Local string // addresses with ports
	Reused        bool   // the connection was open already
	TLS           *tls.ConnectionState
	RequestHeader int   // bytes sent in front of the body
	RequestBody   int64 // bytes of the body that was sent
	Header        int   // bytes received in front of the body
	Body          int64 // bytes of the body over the wire
}

// Last is the hop that answered, or at which it failed.
func (r *Response) Last() *Hop { return r.Hops[len(r.Hops)-1] }

// Redirects is how many redirects were followed.
func (r *Response) Redirects() int {
	n := 0
	for _, hop := range r.Hops {
		if hop.Location != "" {
			n++
		}
	}
	return n
}
