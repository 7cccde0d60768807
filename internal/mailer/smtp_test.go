package mailer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/md5"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"gofab/internal/fault"
	"gofab/internal/testenv"
)

// postbox is a mail server in the test's process.
type postbox struct {
	mu      sync.Mutex
	mails   []string
	to      []string
	refuse  map[string]*smtp.SMTPError // recipients
	methods []string                   // of login
	port    int
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &drop{p: p}, nil }

type drop struct{ p *postbox }

func (d *drop) Reset()        {}
func (d *drop) Logout() error { return nil }
func (d *drop) Mail(from string, _ *smtp.MailOptions) error {
	if from == "bad@example.com" {
		return &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 1, 8}, Message: "bad sender"}
	}
	return nil
}

func (d *drop) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := d.p.refuse[to]; err != nil {
		return err
	}
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	d.p.to = append(d.p.to, to)
	return nil
}

func (d *drop) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	d.p.mails = append(d.p.mails, string(data))
	return err
}

func (d *drop) AuthMechanisms() []string { return d.p.methods }

func (d *drop) Auth(method string) (sasl.Server, error) {
	right := func(user, password string) error {
		if user != "ann" || password != "s3cret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}
	switch method {
	case "PLAIN":
		return sasl.NewPlainServer(func(_, user, password string) error { return right(user, password) }), nil
	case "LOGIN":
		return &steps{func(n int, answer []byte, s *steps) ([]byte, bool, error) {
			switch n {
			case 0:
				return []byte("Username:"), false, nil
			case 1:
				s.user = string(answer)
				return []byte("Password:"), false, nil
			}
			return nil, true, right(s.user, string(answer))
		}, 0, ""}, nil
	case "CRAM-MD5":
		return &steps{func(n int, answer []byte, _ *steps) ([]byte, bool, error) {
			if n == 0 {
				return []byte("<1.2@here>"), false, nil
			}
			h := hmac.New(md5.New, []byte("s3cret"))
			h.Write([]byte("<1.2@here>"))
			if string(answer) != "ann "+hex.EncodeToString(h.Sum(nil)) {
				return nil, true, smtp.ErrAuthFailed
			}
			return nil, true, nil
		}, 0, ""}, nil
	}
	return &steps{func(n int, answer []byte, _ *steps) ([]byte, bool, error) {
		switch {
		case string(answer) == "user=ann\x01auth=Bearer s3cret\x01\x01":
			return nil, true, nil
		case n == 0:
			return []byte(`{"status":"401"}`), false, nil
		}
		return nil, true, smtp.ErrAuthFailed
	}, 0, ""}, nil
}

// steps is a login of several rounds.
type steps struct {
	next func(n int, answer []byte, s *steps) ([]byte, bool, error)
	n    int
	user string
}

func (s *steps) Next(answer []byte) ([]byte, bool, error) {
	challenge, done, err := s.next(s.n, answer, s)
	s.n++
	return challenge, done, err
}

// open starts the server. With a certificate it offers STARTTLS, or begins
// with TLS.
func (p *postbox) open(t *testing.T, certificate *tls.Certificate, implicit bool) *postbox {
	t.Helper()
	server := smtp.NewServer(p)
	server.Domain, server.AllowInsecureAuth, server.MaxMessageBytes, server.EnableSMTPUTF8 = "box.example", true, 1<<20, true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.port = listener.Addr().(*net.TCPAddr).Port
	if certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}}
	}
	if implicit {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

func (p *postbox) server(s Server) Server {
	s.Host, s.Port, s.Timeout = "127.0.0.1", p.port, 5*time.Second
	return s
}

func simple(t *testing.T, to string) *Message {
	t.Helper()
	from, err1 := ParseAddresses("from", "Ops <ops@example.com>")
	list, err2 := ParseAddresses("to", to)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return &Message{From: &from[0], To: list, Subject: "hello", Text: "line\n.\n..dots\nFrom x\n", Date: time.Unix(1e9, 0)}
}

func send(t *testing.T, s Server, m *Message) (Outcome, error) {
	t.Helper()
	ctx, end := context.WithTimeout(context.Background(), 10*time.Second)
	defer end()
	x, err := s.Open(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer x.Close()
	return x.Send(ctx, m, "", nil)
}

// A recipient that is refused does not stop the others.
func TestRefusedRecipients(t *testing.T) {
	p := (&postbox{refuse: map[string]*smtp.SMTPError{
		"no@example.com":    {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"},
		"later@example.com": {Code: 451, EnhancedCode: smtp.NoEnhancedCode, Message: "try later"},
	}}).open(t, nil, false)
	out, err := send(t, p.server(Server{Security: None}), simple(t, "no@example.com, yes@example.com, later@example.com"))
	if err != nil || !slices.Equal(out.Accepted, []string{"yes@example.com"}) || len(out.Refused) != 2 ||
		out.Refused["no@example.com"] != (Refusal{550, "5.1.1", "no such user"}) || out.Refused["later@example.com"].Code != 451 {
		t.Errorf("%+v, %v", out, err)
	}
	if len(p.mails) != 1 || !strings.HasSuffix(p.mails[0], "line\r\n.\r\n..dots\r\nFrom x\r\n") {
		t.Errorf("it received %q", p.mails)
	}
	_, err = send(t, p.server(Server{Security: None}), simple(t, "no@example.com"))
	if err == nil || !strings.Contains(err.Error(), "refused every recipient; no@example.com: 550 no such user") {
		t.Errorf("all refused: %v", err)
	}
	m := simple(t, "yes@example.com")
	m.From.Mailbox = "bad@example.com"
	if _, err = send(t, p.server(Server{Security: None}), m); err == nil || !strings.Contains(err.Error(), "553 bad sender") {
		t.Errorf("bad sender: %v", err)
	}
	m = simple(t, "yes@example.com")
	m.Files = []File{{Name: "big", Data: make([]byte, 2<<20)}}
	if _, err = send(t, p.server(Server{Security: None}), m); err == nil || !strings.Contains(err.Error(), "takes 1048576 at most") {
		t.Errorf("too large: %v", err)
	}
}

func TestLogins(t *testing.T) {
	for _, method := range []string{"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2"} {
		p := (&postbox{methods: []string{method}}).open(t, nil, false)
		for password, works := range map[string]bool{"s3cret": true, "wrong": false} {
			_, err := send(t, p.server(Server{Security: None, User: "ann", Password: password, Auth: strings.ToLower(method)}), simple(t, "a@example.com"))
			if (err == nil) != works || err != nil && (fault.KindOf(err) != fault.Auth || strings.Contains(err.Error(), password)) {
				t.Errorf("%s, %s: %v", method, password, err)
			}
		}
	}
	p := (&postbox{methods: []string{"GSSAPI", "CRAM-MD5"}}).open(t, nil, false)
	if _, err := send(t, p.server(Server{Security: None, User: "ann", Password: "s3cret", Auth: "auto"}), simple(t, "a@example.com")); err != nil {
		t.Errorf("auto: %v", err)
	}
	p = (&postbox{methods: []string{"GSSAPI"}}).open(t, nil, false)
	if _, err := send(t, p.server(Server{Security: None, User: "ann", Password: "x", Auth: "auto"}), simple(t, "a@example.com")); fault.KindOf(err) != fault.Auth {
		t.Errorf("nothing known is offered: %v", err)
	}
}

func TestEncryption(t *testing.T) {
	ca := testenv.NewAuthority(t)
	right, wrong := ca.Issue(t, "127.0.0.1", time.Now().Add(time.Hour)), ca.Issue(t, "other.example", time.Now().Add(time.Hour))
	plain := (&postbox{}).open(t, nil, false)
	starttls := (&postbox{}).open(t, &right, false)
	implicit := (&postbox{}).open(t, &right, true)
	misnamed := (&postbox{}).open(t, &wrong, false)
	for name, test := range map[string]struct {
		box       *postbox
		server    Server
		want      string // of the error
		encrypted bool
	}{
		"starttls":              {starttls, Server{Security: STARTTLS, CAFile: ca.File}, "", true},
		"tls":                   {implicit, Server{Security: TLS, CAFile: ca.File}, "", true},
		"auto, offered":         {starttls, Server{Security: Auto, CAFile: ca.File}, "", true},
		"auto, not offered":     {plain, Server{Security: Auto}, "", false},
		"none":                  {plain, Server{Security: None}, "", false},
		"starttls, not offered": {plain, Server{Security: STARTTLS}, "does not offer STARTTLS", false},
		"unknown authority":     {starttls, Server{Security: STARTTLS}, "unknown authority", false},
		"wrong name":            {misnamed, Server{Security: STARTTLS, CAFile: ca.File}, "127.0.0.1", false},
		"wrong name, insecure":  {misnamed, Server{Security: STARTTLS, Insecure: true}, "", true},
		"tls on a plain port":   {plain, Server{Security: TLS}, "(tls)", false},
	} {
		out, err := send(t, test.box.server(test.server), simple(t, "a@example.com"))
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) || out.Encrypted != test.encrypted {
			t.Errorf("%s: encrypted %v, %v, want %q", name, out.Encrypted, err, test.want)
		}
	}
	h := misnamed.server(Server{Security: STARTTLS, CAFile: ca.File}).Check(context.Background(), time.Now)
	if h.OK || h.TLS == nil || h.TLS.Verified || h.TLS.SAN[0] != "other.example" || !strings.HasPrefix(h.Banner, "220 box.example") {
		t.Errorf("check of a wrong name: %+v", h)
	}
	h = starttls.server(Server{Security: STARTTLS, CAFile: ca.File}).Check(context.Background(), time.Now)
	if !h.OK || !h.TLS.Verified || h.TLS.DaysLeft > 1 || h.Features["size"] != "1048576" {
		t.Errorf("check: %+v", h)
	}
}

// A password does not cross a link without encryption to another machine.
func TestPasswordIsNotSentInTheClear(t *testing.T) {
	p := (&postbox{methods: []string{"PLAIN"}}).open(t, nil, false)
	x := &Session{server: Server{Host: "mail.example.com", User: "ann", Password: "s3cret", Auth: "plain"}}
	conn, err := net.Dial("tcp", p.server(Server{}).address())
	if err != nil {
		t.Fatal(err)
	}
	x.wire = &wire{Conn: conn}
	defer conn.Close()
	x.server.Timeout = time.Second
	if err := x.hello(x.wire); err != nil {
		t.Fatal(err)
	}
	if err := x.login(); fault.KindOf(err) != fault.Denied {
		t.Errorf("got %v", err)
	}
}

// Nothing that a script gives can end a header.
func TestNoHeaderIsInjected(t *testing.T) {
	for _, evil := range []string{"a\r\nBcc: x@y", "a\nb", "a\rb", "a\x00b"} {
		for name, change := range map[string]func(*Message){
			"subject":    func(m *Message) { m.Subject = evil },
			"header":     func(m *Message) { m.Header = map[string]string{"X-A": evil} },
			"name":       func(m *Message) { m.Header = map[string]string{evil: "x"} },
			"file":       func(m *Message) { m.Files = []File{{Name: evil}} },
			"type":       func(m *Message) { m.Files = []File{{Name: "x", Type: "text/plain" + evil}} },
			"message id": func(m *Message) { m.ID = evil },
		} {
			m := simple(t, "a@example.com")
			change(m)
			if _, err := m.Bytes(); fault.KindOf(err) != fault.Usage {
				t.Errorf("%s %q: %v", name, evil, err)
			}
		}
		if _, err := ParseAddresses("to", "x <a@example.com>"+evil); fault.KindOf(err) != fault.Usage {
			t.Errorf("address %q: %v", evil, err)
		}
	}
	m := simple(t, "a@example.com")
	m.Header = map[string]string{"bcc": "x@example.com"}
	if _, err := m.Bytes(); fault.KindOf(err) != fault.Usage {
		t.Errorf("bcc as a header: %v", err)
	}
}

// A signature is right until something is changed.
func TestDKIM(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseDKIMKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	data, err := simple(t, "a@example.com").Bytes()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := DKIM{"example.com", "mail", key}.Sign(data)
	if err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) ([]string, error) {
		if name != "mail._domainkey.example.com" {
			return nil, errors.New("asked for " + name)
		}
		return []string{"v=DKIM1; k=ed25519; p=" + base64Text(public)}, nil
	}
	for _, change := range []struct {
		from, to string
		valid    bool
	}{{"", "", true}, {"hello", "hallo", false}, {"..dots", "..data", false}} {
		changed := bytes.Replace(signed, []byte(change.from), []byte(change.to), 1)
		found, err := dkim.VerifyWithOptions(bytes.NewReader(changed), &dkim.VerifyOptions{LookupTXT: lookup})
		if err != nil || len(found) != 1 || (found[0].Err == nil) != change.valid {
			t.Errorf("%+v: %v, %v", change, found[0], err)
		}
	}
}

func base64Text(data []byte) string { return strings.TrimSpace(string(base64Lines(data))) }

// A real server of Debian takes our mail and delivers it whole.
func TestOpenSMTPD(t *testing.T) {
	box := testenv.StartSMTPD(t)
	m := simple(t, "root@"+box.Domain+", nobody-here@"+box.Domain)
	m.Subject, m.Text = "Grüße", "ä line\n.\n..dots\n"+strings.Repeat("long ", 400)+"\n"
	m.Files = []File{{Name: "Übersicht.bin", Data: []byte{0, 1, 2, 255}}}
	out, err := send(t, Server{Host: "127.0.0.1", Port: box.Port, Security: None, Timeout: 10 * time.Second}, m)
	if err != nil || len(out.Accepted) != 1 || len(out.Refused) != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	got, err := Parse(box.Delivered(t))
	if err != nil || got.Subject != m.Subject || got.Text != m.Text || len(got.Files) != 1 || got.Files[0].Name != "Übersicht.bin" || string(got.Files[0].Data) != "\x00\x01\x02\xff" {
		t.Errorf("it delivered %+v, %v", got, err)
	}
}

func TestParseDKIMKeyRefuses(t *testing.T) {
	for _, text := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := ParseDKIMKey([]byte(text)); fault.KindOf(err) != fault.Parse {
			t.Errorf("%q: %v", text, err)
		}
	}
}
