package dnsclient

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"

	"gofab/internal/dnsclient/rdata"
	"gofab/internal/fault"
)

// Status is what a question came to.
type Status string

// What a question can come to. Other response codes of servers are statuses by
// their name in lower case.
const (
	StatusOK          Status = "ok"
	StatusNXDomain    Status = "nxdomain" // there is no such name
	StatusNoData      Status = "nodata"   // the name has no record of this type
	StatusServFail    Status = "servfail"
	StatusRefused     Status = "refused"
	StatusTimeout     Status = "timeout"
	StatusUnreachable Status = "unreachable"
	StatusMalformed   Status = "malformed" // what came was no answer to the question
	StatusLoop        Status = "loop"      // aliases that lead nowhere
	StatusBogus       Status = "bogus"     // the signatures are wrong
)

// failed is true where another server may know better.
func (s Status) failed() bool {
	return s != StatusOK && s != StatusNoData && s != StatusNXDomain && s != StatusLoop
}

// heard is true where a server has answered.
func (s Status) heard() bool {
	return s != StatusTimeout && s != StatusUnreachable && s != StatusMalformed
}

func rcodeStatus(rcode int) Status {
	switch rcode {
	case dns.RcodeSuccess:
		return StatusOK
	case dns.RcodeNameError:
		return StatusNXDomain
	}
	return Status(strings.ToLower(RcodeName(rcode)))
}

// Kinds of error that statuses are, for scripts.
var statusKinds = map[Status]fault.Kind{
	StatusNXDomain: fault.NotFound, StatusNoData: fault.NotFound, StatusRefused: fault.Denied,
	StatusTimeout: fault.Timeout, StatusUnreachable: fault.Unreachable, StatusMalformed: fault.Protocol, StatusLoop: fault.Protocol,
	"notauth": fault.Denied, "notzone": fault.Usage, "formerr": fault.Protocol, "notimp": fault.Unsupported,
	"yxdomain": fault.Exists, "yxrrset": fault.Exists, "nxrrset": fault.NotFound,
	"badsig": fault.Auth, "badkey": fault.Auth, "badtime": fault.Auth, "badtrunc": fault.Auth, "badmode": fault.Auth,
}

// Kind gives the kind of error that a status is.
func (s Status) Kind() fault.Kind {
	if kind, ok := statusKinds[s]; ok {
		return kind
	}
	return fault.Failed
}

// Err is the error that an answer is; nil when there are records.
func (a *Answer) Err() error {
	what := a.Question.Name + " " + rdata.TypeName(a.Question.Type)
	switch a.Status {
	case StatusOK:
		return nil
	case StatusNXDomain:
		return fault.New(fault.NotFound, "there is no name %s", a.Question.Name)
	case StatusNoData:
		return fault.New(fault.NotFound, "%s has no record of type %s", a.Canonical, rdata.TypeName(a.Question.Type))
	case StatusLoop:
		return fault.New(fault.Protocol, "%s: the aliases lead nowhere: %s", what, a.aliases())
	case StatusBogus:
		return fault.New(fault.Failed, "%s: the answer is not validly signed: %s", what, a.Reason).
			WithHint("it may be forged; check = false gives it all the same")
	case StatusTimeout:
		return fault.New(fault.Timeout, "%s: no answer in time from %s", what, a.tried())
	}
	text := string(a.Status)
	if n := len(a.Tried); n > 0 && a.Tried[n-1].Problem != "" {
		text = a.Tried[n-1].Problem
	}
	return fault.New(a.Status.Kind(), "%s: %s (asked %s)", what, text, a.tried())
}

func (a *Answer) aliases() string {
	var names []string
	for _, r := range a.Chain {
		names = append(names, r.Name)
	}
	return strings.Join(names, " -> ")
}

func (a *Answer) tried() string {
	var names []string
	for _, t := range a.Tried {
		if n := len(names); n == 0 || names[n-1] != t.Server {
			names = append(names, t.Server)
		}
	}
	if len(names) == 0 {
		return "nobody"
	}
	return strings.Join(names, ", ")
}

// problemText says what a server answered that was no help.
func problemText(m *Message) string {
	text := fmt.Sprintf("the server answered %s", RcodeName(m.Rcode))
	if m.EDNS != nil {
		for _, o := range m.EDNS.Options {
			if o.Name == "ede" {
				text += ", " + o.Text
			}
		}
	}
	return text
}
