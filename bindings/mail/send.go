package mail

import (
	"context"
	"io"
	"os"
	"strings"
	"sync"

	"gofab/bindings/kit"
	"gofab/internal/atomicfile"
	"gofab/internal/fault"
	"gofab/internal/mailer"
	"gofab/internal/tlsinfo"
)

// delivery is how a message is handed in.
type delivery struct {
	Envelope string    `lua:"envelope_from" default:"" doc:"Address that bounces go to; that of from when empty."`
	DKIM     *dkimArgs `lua:"dkim" doc:"Sign the message for a domain."`
	Strict   bool      `lua:"strict" default:"false" doc:"Raise when any recipient was refused; the others have the mail all the same."`
}

type sendArgs struct {
	messageArgs
	serverArgs
	delivery
	Dry string `lua:"dry" default:"" doc:"Write the message to this file and send nothing."`
}

func send(c *kit.Call, a sendArgs) (mailer.Outcome, error) {
	m, err := a.message(c)
	if err != nil {
		return mailer.Outcome{}, err
	}
	if a.Dry != "" {
		return a.rehearse(c, m)
	}
	x, err := a.server(c).Open(c.Context)
	if err != nil {
		return mailer.Outcome{}, err
	}
	defer func() { _ = x.Close() }()
	return a.hand(c, x, m)
}

// hand hands a message in over an open connection.
func (d delivery) hand(c *kit.Call, x *mailer.Session, m *mailer.Message) (mailer.Outcome, error) {
	sign, err := d.DKIM.signer(c)
	if err != nil {
		return mailer.Outcome{}, err
	}
	if strings.ContainsAny(d.Envelope, "\r\n<> ") {
		return mailer.Outcome{}, fault.New(fault.Usage, "envelope_from: %q is not an address", d.Envelope)
	}
	out, err := x.Send(c.Context, m, d.Envelope, sign)
	if err == nil && d.Strict && len(out.Refused) > 0 {
		e := fault.New(fault.Failed, "%d of %d recipients were refused", len(out.Refused), len(out.Refused)+len(out.Accepted))
		e.Result = out
		return out, e
	}
	return out, err
}

// rehearse writes what would be sent.
func (a sendArgs) rehearse(c *kit.Call, m *mailer.Message) (mailer.Outcome, error) {
	sign, err := a.DKIM.signer(c)
	if err != nil {
		return mailer.Outcome{}, err
	}
	data, err := m.Bytes()
	if err == nil && sign != nil {
		data, err = sign.Sign(data)
	}
	if err != nil {
		return mailer.Outcome{}, err
	}
	if len(m.Recipients()) == 0 {
		return mailer.Outcome{}, fault.New(fault.Usage, "the message has no recipient")
	}
	out := mailer.Outcome{MessageID: m.ID, Accepted: []string{}, Refused: map[string]mailer.Refusal{}, Size: len(data)}
	return out, saveMail(c, a.Dry, data)
}

func saveMail(c *kit.Call, path string, data []byte) error {
	if err := atomicfile.Write(c.Path(path), data, 0o600); err != nil {
		return fault.OS(err, "cannot write %s", path)
	}
	return nil
}

func write(c *kit.Call, a messageArgs) (*mailer.Message, error) {
	m, err := a.message(c)
	if err != nil {
		return nil, err
	}
	_, err = m.Bytes() // what is wrong is told here
	return m, err
}

func messageType() kit.Type {
	return kit.TypeOf[*mailer.Message]("mail_message", "A message that was written.",
		kit.Method("text", "Give the message as it is sent.", func(_ *kit.Call, m *mailer.Message, _ struct{}) ([]byte, error) { return m.Bytes() }),
		kit.Method("save", "Write the message to an .eml file.", func(c *kit.Call, m *mailer.Message, a pathArgs) (kit.None, error) {
			data, err := m.Bytes()
			if err != nil {
				return kit.None{}, err
			}
			return kit.None{}, saveMail(c, a.Path, data)
		}),
	).Fields(
		kit.Field("message_id", "Its Message-ID, without angle brackets.", func(m *mailer.Message) string { return m.ID }),
		kit.Field("recipients", "All mailboxes it goes to.", func(m *mailer.Message) []string { return m.Recipients() }),
	)
}

type pathArgs struct {
	Path string `lua:"path,arg1" doc:"Path of the file."`
}

// sessions closes connections that a script left open.
type sessions struct {
	mu   sync.Mutex
	open map[io.Closer]bool
}

type sessionsKey struct{}

func sessionsOf(c *kit.Call) *sessions {
	return kit.SharedValue(c.Shared, sessionsKey{}, func() *sessions { return &sessions{open: map[io.Closer]bool{}} })
}

// Close ends the run.
func (s *sessions) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for x := range s.open {
		_ = x.Close()
	}
	s.open = map[io.Closer]bool{}
	return nil
}

func (s *sessions) keep(x io.Closer, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open {
		s.open[x] = true
	} else {
		delete(s.open, x)
	}
}

// session is a connection as a script holds it; one call at a time uses it.
type session struct {
	mu sync.Mutex
	x  *mailer.Session
}

func connect(c *kit.Call, a serverArgs) (*session, error) {
	x, err := a.server(c).Open(c.Context)
	if err != nil {
		return nil, err
	}
	sessionsOf(c).keep(x, true)
	return &session{x: x}, nil
}

type sessionSend struct {
	messageArgs
	delivery
}

func sessionType() kit.Type {
	return kit.TypeOf[*session]("mail_session", "A connection to a mail server.",
		kit.Method("send", "Send a message.", func(c *kit.Call, s *session, a sessionSend) (mailer.Outcome, error) {
			m, err := a.message(c)
			if err != nil {
				return mailer.Outcome{}, err
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			return a.hand(c, s.x, m)
		}),
		kit.Method("features", "Give what the server offers, by name in lower case.", func(_ *kit.Call, s *session, _ struct{}) (map[string]string, error) {
			return s.x.Features(), nil
		}),
		kit.Method("tls", "Give details of the encryption; nil without.", func(c *kit.Call, s *session, _ struct{}) (*tlsinfo.Info, error) {
			return s.x.Encrypted(c.World.Now()), nil
		}),
		kit.Method("noop", "Ask whether the server is still there; raises when not.", func(c *kit.Call, s *session, _ struct{}) (kit.None, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return kit.None{}, s.x.Noop(c.Context)
		}),
		kit.Method("close", "Say goodbye and close the connection.", func(c *kit.Call, s *session, _ struct{}) (kit.None, error) {
			sessionsOf(c).keep(s.x, false)
			_ = s.x.Close()
			return kit.None{}, nil
		}),
	)
}

func check(c *kit.Call, a serverArgs) (mailer.Health, error) {
	h := a.server(c).Check(c.Context, c.World.Now)
	if c.Context.Err() != nil {
		return h, context.Cause(c.Context)
	}
	return h, nil
}

type parseArgs struct {
	Mail mailText `lua:"mail,arg1" doc:"The message, or {file = path}."`
}

// mailText is a mail or the file it is in.
type mailText struct{ content, file string }

// LuaType names what FromLua takes.
func (t *mailText) LuaType() string { return "string|{file: string}" }

// FromLua reads a string or {file =}.
func (t *mailText) FromLua(value any) error {
	if text, ok := value.(string); ok {
		t.content = text
		return nil
	}
	table, _ := value.(map[string]any)
	path, ok := table["file"].(string)
	if !ok || len(table) != 1 {
		return fault.New(fault.Usage, "want the text of a mail or {file = path}")
	}
	t.file = path
	return nil
}

func parse(c *kit.Call, a parseArgs) (*mailer.Parsed, error) {
	data := []byte(a.Mail.content)
	if a.Mail.file != "" {
		var err error
		if data, err = os.ReadFile(c.Path(a.Mail.file)); err != nil {
			return nil, fault.OS(err, "cannot read %s", a.Mail.file)
		}
	}
	return mailer.Parse(data)
}
