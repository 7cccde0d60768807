package dnsclient

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/miekg/dns"
)

// EDNS is what the OPT record of a message says.
type EDNS struct {
	Version int
	UDP     int  // the largest datagram that the sender takes
	DO      bool // DNSSEC records are wanted
	Options []EDNSOption
}

// EDNSOption is one option, with a text for people.
type EDNSOption struct {
	Code int
	Name string
	Text string
}

// takeEDNS moves the OPT record out of the additional section.
func (m *Message) takeEDNS() {
	for i, r := range m.Additional {
		if r.Type != dns.TypeOPT {
			continue
		}
		m.EDNS = &EDNS{Version: int(r.TTL >> 16 & 255), UDP: int(r.Class), DO: r.TTL&0x8000 != 0, Options: ednsOptions(r.Wire)}
		m.Rcode |= int(r.TTL>>24) << 4
		m.Additional = append(m.Additional[:i:i], m.Additional[i+1:]...)
		return
	}
}

func ednsOptions(b []byte) (options []EDNSOption) {
	for len(b) >= 4 {
		code, length := int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:]))
		if 4+length > len(b) {
			return options
		}
		options = append(options, ednsOption(code, b[4:4+length]))
		b = b[4+length:]
	}
	return options
}

func ednsOption(code int, data []byte) EDNSOption {
	o := EDNSOption{Code: code, Name: "option " + strconv.Itoa(code), Text: hex.EncodeToString(data)}
	switch {
	case code == dns.EDNS0NSID:
		o.Name, o.Text = "nsid", strings.ToValidUTF8(string(data), "?")
	case code == dns.EDNS0COOKIE:
		o.Name = "cookie"
	case code == dns.EDNS0EDE && len(data) >= 2:
		number := binary.BigEndian.Uint16(data)
		o.Name, o.Text = "ede", fmt.Sprintf("%d", number)
		if name, ok := dns.ExtendedErrorCodeToString[number]; ok {
			o.Text += " (" + name + ")"
		}
		if len(data) > 2 {
			o.Text += ": " + strings.ToValidUTF8(string(data[2:]), "?")
		}
	}
	return o
}

// request is a question on its way.
type request struct {
	id       uint16
	question Question
	wire     []byte
	nameEnd  int  // where the name of the question ends
	exact    bool // the case of the name must come back as it was sent
}

// newRequest writes a question. A payload of 0 leaves EDNS out.
func newRequest(id uint16, q Question, name []byte, flags uint16, payload int, dnssec bool) *request {
	b := make([]byte, 12, 12+len(name)+4+11)
	binary.BigEndian.PutUint16(b, id)
	binary.BigEndian.PutUint16(b[2:], flags)
	b[5] = 1
	b = append(b, name...)
	end := len(b)
	b = binary.BigEndian.AppendUint16(b, q.Type)
	b = binary.BigEndian.AppendUint16(b, q.Class)
	if payload > 0 {
		b[11] = 1
		b = append(b, 0, 0, byte(dns.TypeOPT))
		b = binary.BigEndian.AppendUint16(b, uint16(payload))
		extended := uint32(0)
		if dnssec {
			extended = 0x8000
		}
		b = binary.BigEndian.AppendUint32(b, extended)
		b = append(b, 0, 0)
	}
	return &request{id: id, question: q, wire: b, nameEnd: end}
}

// matches tells whether bytes are the answer to this request, and if not, why.
func (r *request) matches(b []byte) (problem string) {
	switch {
	case len(b) < 12:
		return "an answer was shorter than its header"
	case binary.BigEndian.Uint16(b) != r.id:
		return "an answer had another ID"
	case b[2]&0x80 == 0:
		return "a question came back instead of an answer"
	case (b[2]>>3)&15 != (r.wire[2]>>3)&15:
		return "an answer had another opcode"
	case b[4] == 0 && b[5] == 0 && (b[3]&15 != 0 || b[2]&0x78 != 0):
		return "" // refusals, and answers to updates, need not repeat the question
	}
	end := r.nameEnd + 4
	if len(b) < end || b[4] != 0 || b[5] != 1 || !r.sameQuestion(b[12:end]) {
		return "an answer was to another question"
	}
	return ""
}

func (r *request) sameQuestion(b []byte) bool {
	for i, c := range r.wire[12 : r.nameEnd+4] {
		if b[i] != c && (r.exact || lower(b[i]) != lower(c) || 12+i >= r.nameEnd) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
