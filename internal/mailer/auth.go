package mailer

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"

	"gofab/internal/fault"
)

// login proves who is sending.
func (x *Session) login() error {
	s := x.server
	method, err := x.method()
	if err != nil {
		return err
	}
	var mechanism sasl.Client
	switch method {
	case "PLAIN":
		mechanism = sasl.NewPlainClient("", s.User, s.Password)
	case "LOGIN":
		mechanism = &login{answers: []string{s.User, s.Password}}
	case "CRAM-MD5":
		mechanism = cramMD5{s.User, s.Password}
	default:
		mechanism = xoauth2{s.User, s.Password}
	}
	if revealing(method) && x.tls == nil && !s.AllowPlain && !loopback(s.Host) {
		return fault.New(fault.Denied, "the password would cross the network to %s without encryption", s.address()).
			WithHint("tls = \"starttls\" or \"tls\"; allow_plain = true sends it all the same")
	}
	if err := x.client.Auth(mechanism); err != nil {
		return x.reply("login", err)
	}
	return nil
}

func revealing(method string) bool { return method != "CRAM-MD5" }

func loopback(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// method chooses how to log in: what was asked for, else the first that the
// server offers too.
func (x *Session) method() (string, error) {
	offered, names := x.client.Extension("AUTH")
	wanted := strings.ToUpper(x.server.Auth)
	if wanted != "AUTO" && wanted != "" {
		return wanted, nil
	}
	if offered {
		for _, name := range []string{"PLAIN", "LOGIN", "CRAM-MD5"} {
			for _, have := range strings.Fields(strings.ToUpper(names)) {
				if have == name {
					return name, nil
				}
			}
		}
	}
	return "", fault.New(fault.Auth, "%s offers no login that is known here (it has %q)", x.server.address(), names).
		WithHint("auth = \"xoauth2\" is used when it is asked for; without user no login is made")
}

// login answers the two questions of LOGIN, whatever their words are. It sends
// nothing with its name, which not every server takes.
type login struct{ answers []string }

func (l *login) Start() (string, []byte, error) { return "LOGIN", nil, nil }

func (l *login) Next([]byte) ([]byte, error) {
	if len(l.answers) == 0 {
		return nil, fault.New(fault.Protocol, "the server asks more than user and password")
	}
	answer := l.answers[0]
	l.answers = l.answers[1:]
	return []byte(answer), nil
}

// cramMD5 proves that the password is known without sending it (RFC 2195).
type cramMD5 struct{ user, password string }

func (c cramMD5) Start() (string, []byte, error) { return "CRAM-MD5", nil, nil }

func (c cramMD5) Next(challenge []byte) ([]byte, error) {
	h := hmac.New(md5.New, []byte(c.password))
	h.Write(challenge)
	return []byte(c.user + " " + hex.EncodeToString(h.Sum(nil))), nil
}

// xoauth2 sends an access token, as Google and Microsoft take it.
type xoauth2 struct{ user, token string }

func (o xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", fmt.Appendf(nil, "user=%s\x01auth=Bearer %s\x01\x01", o.user, o.token), nil
}

// Next answers the details of a refusal, so that the refusal itself follows.
func (o xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }
