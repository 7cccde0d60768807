package httpclient

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Retry says when a request is sent again.
type Retry struct {
	Times    int           // how often again
	Delay    time.Duration // before the first time; it doubles each time
	MaxDelay time.Duration // most it grows to, also when the server asks for longer
	Statuses []int         // answers after which it is sent again
}

// Unavailable are the answers of a server that may do better soon.
var Unavailable = []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}

// DoRetry is Do with further attempts. What could have had an effect is sent
// again only when the connection was never made. fresh gives the place for the
// body of each attempt.
func (c *Client) DoRetry(ctx context.Context, q Request, policy Retry, fresh func() io.Writer) (r *Response, attempts int, err error) {
	delay := policy.Delay
	for attempts = 1; ; attempts++ {
		r, err = c.Do(ctx, q, fresh())
		if attempts > policy.Times || !policy.again(q, r, err) {
			return r, attempts, err
		}
		pause := min(max(delay, retryAfter(r)), policy.MaxDelay)
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return r, attempts, err
		}
		delay *= 2
	}
}

// again tells whether another attempt is safe and of use.
func (p Retry) again(q Request, r *Response, err error) bool {
	harmless := slices.Contains([]string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}, q.Method)
	if err == nil {
		return harmless && slices.Contains(p.Statuses, r.Status)
	}
	f, known := FailureOf(err)
	if !known {
		return false
	}
	switch f.Kind {
	case "dns", "refused", "connect":
		return true
	case "timeout":
		return harmless || f.Stage == "dns" || f.Stage == "connect" || f.Stage == "tls"
	case "closed", "empty", "tls":
		return harmless
	}
	return false
}

// retryAfter is how long the server asks to wait (RFC 9110, 10.2.3).
func retryAfter(r *Response) time.Duration {
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return time.Until(at)
	}
	return 0
}
