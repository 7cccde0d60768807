package httpclient

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Auth proves who is asking.
type Auth struct {
	User     string
	Password string
	Bearer   string // token, instead of user and password
	Digest   bool   // answer a challenge (RFC 7616) instead of sending the password
	digest   *challenge
}

// fromURL takes user and password from a URL that has them.
func (a Auth) fromURL(u *url.URL) Auth {
	if u.User == nil || a.User != "" || a.Bearer != "" {
		return a
	}
	a.User = u.User.Username()
	a.Password, _ = u.User.Password()
	return a
}

func (a Auth) apply(r *http.Request) error {
	switch {
	case r.Header.Get("Authorization") != "":
	case a.Bearer != "":
		r.Header.Set("Authorization", "Bearer "+a.Bearer)
	case a.Digest && a.digest != nil:
		text, err := a.digest.answer(a, r.Method, r.URL.RequestURI())
		if err != nil {
			return err
		}
		r.Header.Set("Authorization", text)
	case a.User != "" && !a.Digest:
		r.SetBasicAuth(a.User, a.Password)
	}
	return nil
}

// challenge is what a server wants to be hashed.
type challenge struct {
	realm, nonce, opaque, algorithm string
	qop                             bool // "auth" is offered
	count                           int
}

// challenged gives the request that answers a digest challenge. A second one
// for the same nonce means that the password is wrong.
func (s step) challenged(answer *http.Response) (step, bool) {
	if answer.StatusCode != http.StatusUnauthorized || !s.auth.Digest || s.header.Get("Authorization") != "" {
		return s, false
	}
	for _, line := range answer.Header.Values("WWW-Authenticate") {
		c, stale, ok := parseChallenge(line)
		if !ok || s.auth.digest != nil && !stale {
			continue
		}
		s.auth.digest = c
		return s, true
	}
	return s, false
}

// digestScheme is where the challenge begins; others may stand in front of it.
var digestScheme = regexp.MustCompile(`(?i)(?:^|,)\s*Digest\s+`)

// parseChallenge reads a WWW-Authenticate header with the scheme Digest.
func parseChallenge(line string) (c *challenge, stale, ok bool) {
	found := digestScheme.FindStringIndex(line)
	if found == nil {
		return nil, false, false
	}
	values := parameters(line[found[1]:])
	c = &challenge{realm: values["realm"], nonce: values["nonce"], opaque: values["opaque"], algorithm: values["algorithm"]}
	if c.algorithm == "" {
		c.algorithm = "MD5"
	}
	for _, qop := range strings.Split(values["qop"], ",") {
		c.qop = c.qop || strings.TrimSpace(qop) == "auth"
	}
	known := c.hash() != nil && (values["qop"] == "" || c.qop)
	return c, strings.EqualFold(values["stale"], "true"), known && c.nonce != ""
}

// parameters reads name=value and name="value" in a list.
func parameters(text string) map[string]string {
	out := map[string]string{}
	for text != "" {
		name, rest, found := strings.Cut(text, "=")
		if !found {
			return out
		}
		name = strings.ToLower(strings.Trim(name, ", \t"))
		var value strings.Builder
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			rest = quoted
			for rest != "" && rest[0] != '"' {
				if rest[0] == '\\' && len(rest) > 1 {
					rest = rest[1:]
				}
				value.WriteByte(rest[0])
				rest = rest[1:]
			}
			_, rest, _ = strings.Cut(rest, ",")
		} else {
			var plain string
			plain, rest, _ = strings.Cut(rest, ",")
			value.WriteString(strings.TrimSpace(plain))
		}
		out[name], text = value.String(), rest
	}
	return out
}

func (c *challenge) hash() hash.Hash {
	switch strings.TrimSuffix(strings.ToUpper(c.algorithm), "-SESS") {
	case "MD5":
		return md5.New()
	case "SHA-256":
		return sha256.New()
	}
	return nil
}

func (c *challenge) sum(parts ...string) string {
	h := c.hash()
	h.Write([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(h.Sum(nil))
}

// answer is the Authorization header of one request.
func (c *challenge) answer(a Auth, method, uri string) (string, error) {
	if strings.ContainsAny(a.User+c.realm+c.nonce+c.opaque, "\r\n\x00") {
		return "", fmt.Errorf("the user or the challenge has a line break")
	}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	cnonce := hex.EncodeToString(random[:])
	c.count++
	count := fmt.Sprintf("%08x", c.count)
	secret := c.sum(a.User, c.realm, a.Password)
	if strings.HasSuffix(strings.ToUpper(c.algorithm), "-SESS") {
		secret = c.sum(secret, c.nonce, cnonce)
	}
	what := c.sum(method, uri)
	text := fmt.Sprintf(`Digest username=%s, realm=%s, nonce=%s, uri=%s, algorithm=%s`,
		quoted(a.User), quoted(c.realm), quoted(c.nonce), quoted(uri), c.algorithm)
	if c.qop {
		text += fmt.Sprintf(`, response="%s", qop=auth, nc=%s, cnonce="%s"`, c.sum(secret, c.nonce, count, cnonce, "auth", what), count, cnonce)
	} else {
		text += fmt.Sprintf(`, response="%s"`, c.sum(secret, c.nonce, what))
	}
	if c.opaque != "" {
		text += ", opaque=" + quoted(c.opaque)
	}
	return text, nil
}

// quoted writes a quoted string (RFC 9110, 5.6.4).
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}
