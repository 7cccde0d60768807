package httpclient

import (
	"net/http"
	"net/url"
	"strings"
)

// redirectTo is where an answer leads, "" when it leads nowhere.
func redirectTo(answer *http.Response) string {
	switch answer.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return answer.Header.Get("Location")
	}
	return ""
}

// redirected is the request that follows a redirect. 303, and 301 and 302
// after POST, become GET without a body, as browsers and curl do. What proves
// who is asking stays behind when the redirect leads elsewhere.
func (s step) redirected(status int, location string) (step, error) {
	target, err := s.url.Parse(location)
	if err != nil {
		return s, err
	}
	if target, err = parseURL(target.String()); err != nil {
		return s, err
	}
	next := step{method: s.method, url: target, header: s.header.Clone(), body: s.body, auth: s.auth}
	becomesGet := status == http.StatusSeeOther && s.method != http.MethodHead ||
		s.method == http.MethodPost && (status == http.StatusMovedPermanently || status == http.StatusFound)
	if becomesGet {
		next.method, next.body = http.MethodGet, false
		for _, name := range []string{"Content-Type", "Content-Length", "Content-Encoding"} {
			next.header.Del(name)
		}
	}
	if !sameOrigin(s.url, target) {
		next.auth = Auth{}
		for _, name := range []string{"Authorization", "Cookie", "Proxy-Authorization", "Host"} {
			next.header.Del(name)
		}
	}
	next.auth = next.auth.fromURL(target)
	return next, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
