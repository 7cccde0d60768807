package mailer

import (
	"errors"
	"net"
	"os"
	"strings"

	"github.com/emersion/go-smtp"

	"gofab/internal/fault"
	"gofab/internal/tlsinfo"
)

// failed is the error of a step below SMTP.
func (x *Session) failed(stage string, err error) error {
	var reply *smtp.SMTPError
	if errors.As(err, &reply) {
		return x.reply(stage, err)
	}
	kind, hint := fault.Unreachable, ""
	var network net.Error
	switch {
	case errors.As(err, &network) && network.Timeout():
		kind = fault.Timeout
	case errors.Is(err, errFlood):
		kind = fault.Protocol
	case tlsinfo.Refused(err) != nil:
		hint = "ca_file = \"ca.pem\" trusts another authority; verify = false trusts everybody"
	case stage == "greeting" && x.server.Security != TLS:
		kind, hint = fault.Protocol, "is this the port of a mail server? Port 465 wants tls = \"tls\""
	}
	e := fault.Wrap(kind, plain(err), "cannot reach the mail server %s (%s)", x.server.address(), stage)
	if hint != "" {
		_ = e.WithHint("%s", hint)
	}
	return e
}

// plain takes away what the message says already.
func plain(err error) error {
	var call *os.SyscallError
	if errors.As(err, &call) {
		return call.Err
	}
	return err
}

// reply is the error of an answer that refuses.
func (x *Session) reply(stage string, err error) error {
	if err == nil {
		return nil
	}
	var r *smtp.SMTPError
	if !errors.As(err, &r) {
		return x.failed(stage, err)
	}
	kind := fault.Failed
	if stage == "login" {
		kind = fault.Auth
	}
	return fault.New(kind, "%s refused (%s): %d %s", x.server.address(), stage, r.Code, strings.ReplaceAll(r.Message, "\n", " "))
}
