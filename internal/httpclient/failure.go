package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"

	"gofab/internal/fault"
	"gofab/internal/tlsinfo"
)

// Failure says at which step a request failed, and how.
type Failure struct {
	Kind  string // dns, refused, connect, timeout, tls, certificate, redirects, empty, closed, protocol, encoding, toolarge, url, failed
	Stage string // dns, connect, tls, request, wait, transfer, redirect
	Code  int    // exit code that curl has for it
	cause error
}

func (f *Failure) Error() string { return f.cause.Error() }
func (f *Failure) Unwrap() error { return f.cause }

// FailureOf finds what is known of a failed request.
func FailureOf(err error) (*Failure, bool) {
	var f *Failure
	ok := errors.As(err, &f)
	return f, ok
}

// failed makes the error of a hop that ended at a step.
func failed(hop *Hop, stage string, err error) error {
	f := classify(stage, err)
	if f.Kind == "certificate" {
		hop.TLS = tlsinfo.Refused(err)
	}
	e := fault.Wrap(faultKinds[f.Kind], f, "cannot get %s", hop.URL)
	if hint := hints[f.Kind]; hint != "" {
		_ = e.WithHint("%s", hint)
	}
	if fault.KindOf(err) == fault.Cancelled || errors.Is(err, context.Canceled) {
		e.Kind = fault.Cancelled
	}
	return e
}

var faultKinds = map[string]fault.Kind{
	"dns": fault.Unreachable, "refused": fault.Unreachable, "connect": fault.Unreachable, "timeout": fault.Timeout,
	"tls": fault.Unreachable, "certificate": fault.Unreachable, "redirects": fault.Failed, "empty": fault.Lost, "closed": fault.Lost,
	"protocol": fault.Protocol, "encoding": fault.Protocol, "toolarge": fault.Failed, "url": fault.Usage, "failed": fault.Failed,
}

var hints = map[string]string{
	"dns":         "check the name; resolve = { [\"host:port\"] = \"address\" } goes around DNS",
	"refused":     "nothing listens on that port: is the service up?",
	"certificate": "ca_file = \"ca.pem\" trusts another authority; verify = false trusts everybody",
	"timeout":     "timeout and connect_timeout give it longer",
	"closed":      "the server or something in between closed the connection half-way",
}

// codes are curl's (curl(1), EXIT CODES).
var codes = map[string]int{
	"url": 3, "dns": 6, "refused": 7, "connect": 7, "closed": 56, "timeout": 28, "tls": 35, "redirects": 47, "empty": 52,
	"certificate": 60, "encoding": 61, "toolarge": 63, "protocol": 8, "failed": 2,
}

func classify(stage string, err error) *Failure {
	kind := kindOf(stage, err)
	f := &Failure{Kind: kind, Stage: stage, Code: codes[kind], cause: plain(err)}
	switch {
	case kind == "closed" && errors.Is(err, io.ErrUnexpectedEOF):
		f.Code = 18 // a part of the file is there
	case kind == "protocol" && stage == "transfer":
		f.Code = 56 // a body cut into chunks in a way that cannot be
	}
	return f
}

// kindOf finds the kind from the error, and from the step where the error
// alone does not tell.
func kindOf(stage string, err error) string {
	var dns *net.DNSError
	var network net.Error
	var refused *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var decoding *decodeError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout(), errors.Is(err, syscall.ETIMEDOUT):
		return "timeout"
	case errors.As(err, &dns):
		return "dns"
	case errors.As(err, &refused):
		return "certificate"
	case errors.As(err, &record), errors.As(err, &alert), stage == "tls":
		return "tls"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &decoding):
		return "encoding"
	case stage == "connect", stage == "dns":
		return "connect"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed"
	case stage == "wait" && (errors.Is(err, io.EOF) || strings.HasSuffix(err.Error(), "EOF")):
		return "empty"
	case stage == "wait", stage == "transfer":
		return "protocol"
	default:
		return "failed"
	}
}

// plain takes away what repeats the request.
func plain(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var record tls.RecordHeaderError
	var dns *net.DNSError
	var dial *net.OpError
	var call *os.SyscallError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("the time is over")
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("there is no host %s", dns.Name)
	case errors.As(err, &dns):
		return fmt.Errorf("cannot resolve %s: %s", dns.Name, dns.Err)
	case errors.As(err, &call):
		return call.Err
	case errors.As(err, &dial):
		return dial.Err
	case errors.As(err, &record):
		return errors.New("the server does not speak TLS on this port")
	}
	return err
}

func badURL(err error) error {
	if err == nil {
		err = errors.New("it has no host")
	}
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	f := &Failure{Kind: "url", Stage: "url", Code: codes["url"], cause: err}
	return fault.Wrap(fault.Usage, f, "not a URL").WithHint("https://host:port/path")
}

func badScheme(scheme string) error {
	f := &Failure{Kind: "url", Stage: "url", Code: 1, cause: fmt.Errorf("only http and https are spoken")}
	return fault.Wrap(fault.Usage, f, "not a URL of the web: %s://", scheme)
}

func tooManyRedirects(hop *Hop, most int) error {
	f := &Failure{Kind: "redirects", Stage: "redirect", Code: codes["redirects"], cause: fmt.Errorf("more than %d redirects", most)}
	return fault.Wrap(fault.Failed, f, "cannot get %s", hop.URL)
}

func tooLarge(hop *Hop, most int64) error {
	f := &Failure{Kind: "toolarge", Stage: "transfer", Code: codes["toolarge"], cause: fmt.Errorf("the body has more than %d bytes", most)}
	return fault.Wrap(fault.Failed, f, "cannot get %s", hop.URL).WithHint("max_size allows more; http.download takes any size")
}
