package httpclient

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Expectation is what must hold of an answer. Zero values expect nothing.
type Expectation struct {
	Statuses []int
	Body     *regexp.Regexp // must match
	NotBody  *regexp.Regexp // must not match
	Header   map[string]*regexp.Regexp
	MaxTotal time.Duration
	TLSDays  float64 // days that the certificates are still valid at least
}

// Check adds to a report what does not hold.
func (e Expectation) Check(r *Report, header http.Header, body []byte) {
	if r.Failure != "" {
		return
	}
	wrong := func(format string, args ...any) { r.Failures = append(r.Failures, fmt.Sprintf(format, args...)) }
	if len(e.Statuses) > 0 && !slices.Contains(e.Statuses, r.Status) {
		wrong("status %d instead of %s", r.Status, strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Statuses), " ", " or "), "[]"))
	}
	if e.Body != nil && !e.Body.Match(body) {
		wrong("the body does not match %q", e.Body)
	}
	if e.NotBody != nil && e.NotBody.Match(body) {
		wrong("the body matches %q", e.NotBody)
	}
	for _, name := range sortedKeys(e.Header) {
		if value := strings.Join(header.Values(name), ", "); !e.Header[name].MatchString(value) {
			wrong("the header %s is %q and does not match %q", name, value, e.Header[name])
		}
	}
	if e.MaxTotal > 0 && r.Time.Total > e.MaxTotal {
		wrong("it took %.3f s, more than %.3f s", r.Time.Total.Seconds(), e.MaxTotal.Seconds())
	}
	if e.TLSDays > 0 {
		switch {
		case r.TLS == nil:
			wrong("the connection is not encrypted")
		case r.TLS.DaysLeft < e.TLSDays:
			wrong("the certificate expires in %.1f days, before %.0f", r.TLS.DaysLeft, e.TLSDays)
		}
	}
	r.OK = len(r.Failures) == 0
}

func sortedKeys(m map[string]*regexp.Regexp) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
