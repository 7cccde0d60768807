package mailer

import (
	"context"
	"time"

	"gofab/internal/tlsinfo"
)

// Health is what is known of a mail server without sending.
type Health struct {
	OK       bool              `lua:"ok" doc:"Whether connection, encryption and login (when a user is given) went well."`
	Banner   string            `lua:"banner" doc:"First line that the server sent."`
	Features map[string]string `lua:"features" doc:"What it offers, by name in lower case, with parameters: size, auth, starttls, ..."`
	TLS      *tlsinfo.Info     `lua:"tls" doc:"Details of the encrypted connection; nil without one."`
	LoggedIn bool              `lua:"logged_in" doc:"Whether a login was made."`
	Failures []string          `lua:"failures" doc:"What went wrong."`
	Connect  time.Duration     `lua:"connect" doc:"Seconds until the server had greeted and encryption was agreed on."`
	Login    time.Duration     `lua:"login" doc:"Seconds of the login."`
}

// Check opens a session as for a mail, and closes it.
func (s Server) Check(ctx context.Context, now func() time.Time) Health {
	h := Health{Features: map[string]string{}, Failures: []string{}}
	began := now()
	x, err := s.connect(ctx)
	h.Connect = now().Sub(began)
	if x != nil {
		h.Banner, h.TLS = x.Banner(), x.Encrypted(now())
	}
	if err != nil {
		h.Failures = append(h.Failures, err.Error())
		return h
	}
	defer func() { _ = x.Close() }()
	h.Features = x.Features()
	if s.User != "" {
		began = now()
		err = x.during(ctx, x.login)
		h.Login, h.LoggedIn = now().Sub(began), err == nil
	}
	if err != nil {
		h.Failures = append(h.Failures, err.Error())
	}
	h.OK = err == nil
	return h
}
