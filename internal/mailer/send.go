package mailer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/emersion/go-smtp"

	"gofab/internal/fault"
)

// Outcome tells what became of a mail.
type Outcome struct {
	MessageID string             `lua:"message_id" doc:"Its Message-ID, without angle brackets."`
	Accepted  []string           `lua:"accepted" doc:"Recipients that the server took it for."`
	Refused   map[string]Refusal `lua:"refused" doc:"Recipients that the server refused, and why."`
	Reply     string             `lua:"reply" doc:"What the server said at the end; often the number in its queue."`
	Size      int                `lua:"size" doc:"Bytes of the message."`
	Encrypted bool               `lua:"encrypted" doc:"Whether the connection was encrypted."`
	Duration  time.Duration      `lua:"duration" doc:"Seconds it took."`
}

// Refusal is why a recipient was refused.
type Refusal struct {
	Code     int    `lua:"code" doc:"Reply code, such as 550."`
	Enhanced string `lua:"enhanced" doc:"Enhanced status code, such as 5.1.1; empty without."`
	Text     string `lua:"text" doc:"What the server said."`
}

// Send hands a message in. Recipients are asked about one by one, and those
// that are refused do not stop the others; when all are, it is an error.
func (x *Session) Send(ctx context.Context, m *Message, envelopeFrom string, sign *DKIM) (Outcome, error) {
	began := time.Now()
	data, err := m.Bytes()
	if err == nil && sign != nil {
		data, err = sign.Sign(data)
	}
	if err != nil {
		return Outcome{}, err
	}
	recipients := m.Recipients()
	if len(recipients) == 0 {
		return Outcome{}, fault.New(fault.Usage, "the message has no recipient")
	}
	if envelopeFrom == "" {
		envelopeFrom = m.From.Mailbox
	}
	out := Outcome{MessageID: m.ID, Accepted: []string{}, Refused: map[string]Refusal{}, Size: len(data), Encrypted: x.tls != nil}
	x.wire.allow()
	err = x.during(ctx, func() error {
		if err := x.envelope(envelopeFrom, recipients, m.needsUTF8(), &out); err != nil {
			return err
		}
		return x.data(data, &out)
	})
	out.Duration = time.Since(began)
	if err != nil {
		return out, err
	}
	return out, nil
}

// envelope names sender and recipients.
func (x *Session) envelope(from string, recipients []string, utf8 bool, out *Outcome) error {
	if most, ok := x.client.MaxMessageSize(); ok && most > 0 && out.Size > most {
		return fault.New(fault.Failed, "the message has %d bytes, %s takes %d at most", out.Size, x.server.address(), most)
	}
	options := &smtp.MailOptions{}
	if ok, _ := x.client.Extension("SIZE"); ok {
		options.Size = int64(out.Size)
	}
	if utf8 {
		if ok, _ := x.client.Extension("SMTPUTF8"); !ok {
			return fault.New(fault.Unsupported, "an address is not in ASCII, and %s does not take such", x.server.address())
		}
		options.UTF8 = true
	}
	if err := x.client.Mail(from, options); err != nil {
		return x.reply("sender "+from, err)
	}
	for _, to := range recipients {
		err := x.client.Rcpt(to, nil)
		var refused *smtp.SMTPError
		switch {
		case err == nil:
			out.Accepted = append(out.Accepted, to)
		case errors.As(err, &refused):
			out.Refused[to] = Refusal{refused.Code, enhanced(refused.EnhancedCode), refused.Message}
		default:
			return x.failed("recipient "+to, err)
		}
	}
	if len(out.Accepted) == 0 {
		_ = x.client.Reset()
		first := out.Refused[recipients[0]]
		return fault.New(fault.Failed, "%s refused every recipient; %s: %d %s", x.server.address(), recipients[0], first.Code, first.Text)
	}
	return nil
}

func enhanced(code smtp.EnhancedCode) string {
	if code == smtp.NoEnhancedCode || code == smtp.EnhancedCodeNotSet {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", code[0], code[1], code[2])
}

// data sends the message. Without an answer to its end nobody knows whether it
// was taken.
func (x *Session) data(message []byte, out *Outcome) error {
	w, err := x.client.Data()
	if err != nil {
		return x.reply("data", err)
	}
	if _, err := w.Write(message); err != nil {
		return x.failed("data", err)
	}
	answer, err := w.CloseWithResponse()
	var refused *smtp.SMTPError
	switch {
	case errors.As(err, &refused):
		return x.reply("message", err)
	case err != nil:
		return fault.Wrap(fault.Lost, plain(err), "the connection to %s broke after the message was sent; nobody knows whether it was taken", x.server.address())
	}
	out.Reply = answer.StatusText
	return nil
}
