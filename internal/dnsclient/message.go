package dnsclient

import (
	"encoding/binary"
	"errors"
	"strconv"

	"github.com/miekg/dns"

	"gofab/internal/dnsclient/rdata"
)

// Question is what a server is asked.
type Question struct {
	Name        string
	Type, Class uint16
}

// Record is one resource record.
type Record struct {
	Name        string
	Type, Class uint16
	TTL         uint32
	rdata.Data
}

// TypeName gives the mnemonic of its type.
func (r Record) TypeName() string { return rdata.TypeName(r.Type) }

// String is the record as a line of a zone file.
func (r Record) String() string {
	return r.Name + "\t" + strconv.FormatUint(uint64(r.TTL), 10) + "\t" + ClassName(r.Class) + "\t" + r.TypeName() + "\t" + r.Text
}

// Get gives a field; nil when there is none.
func (r Record) Get(name string) any {
	for _, f := range r.Fields {
		if f.Name == name {
			return f.Value
		}
	}
	return nil
}

// str gives a field that is a name or a text.
func (r Record) str(name string) string { s, _ := r.Get(name).(string); return s }

// num gives a field that is a number.
func (r Record) num(name string) int64 { n, _ := r.Get(name).(int64); return n }

// ClassName gives the mnemonic of a class.
func ClassName(class uint16) string {
	if name, ok := dns.ClassToString[class]; ok {
		return name
	}
	return "CLASS" + strconv.Itoa(int(class))
}

// Header flags.
const (
	flagQR = 1 << 15
	flagAA = 1 << 10
	flagTC = 1 << 9
	flagRD = 1 << 8
	flagRA = 1 << 7
	flagAD = 1 << 5
	flagCD = 1 << 4
)

// Message is what came over the wire.
type Message struct {
	ID, Flags                     uint16
	Rcode                         int // with the bits that EDNS adds
	Question                      []Question
	Answer, Authority, Additional []Record // without EDNS
	EDNS                          *EDNS
	Size                          int
}

// Opcode is what kind of request it answers.
func (m *Message) Opcode() int { return int(m.Flags >> 11 & 15) }

// Has tells whether a flag is set: "qr", "aa", "tc", "rd", "ra", "ad", "cd".
func (m *Message) Has(flag string) bool { return m.Flags&flagBits[flag] != 0 }

var flagBits = map[string]uint16{"qr": flagQR, "aa": flagAA, "tc": flagTC, "rd": flagRD, "ra": flagRA, "ad": flagAD, "cd": flagCD}

// FlagNames lists the flags in the order dig shows them.
func (m *Message) FlagNames() (names []string) {
	for _, name := range []string{"qr", "aa", "tc", "rd", "ra", "ad", "cd"} {
		if m.Has(name) {
			names = append(names, name)
		}
	}
	return names
}

// RcodeName gives the mnemonic of a response code.
func RcodeName(code int) string {
	if name, ok := dns.RcodeToString[code]; ok && code != dns.RcodeBadVers {
		return name
	}
	if code == dns.RcodeBadVers {
		return "BADVERS"
	}
	return "RCODE" + strconv.Itoa(code)
}

var errMalformed = errors.New("the answer is malformed")

// readMessage reads a whole message. One that was cut (TC) may hold less than
// it says.
func readMessage(b []byte) (*Message, error) {
	if len(b) < 12 {
		return nil, errMalformed
	}
	m := &Message{ID: binary.BigEndian.Uint16(b), Flags: binary.BigEndian.Uint16(b[2:]), Size: len(b)}
	m.Rcode = int(m.Flags & 15)
	at, ok := m.readQuestions(b, int(binary.BigEndian.Uint16(b[4:])))
	if !ok {
		return nil, errMalformed
	}
	for i, section := range []*[]Record{&m.Answer, &m.Authority, &m.Additional} {
		var err error
		at, err = readRecords(b, at, int(binary.BigEndian.Uint16(b[6+2*i:])), section)
		if err != nil && m.Flags&flagTC != 0 {
			return m, nil
		}
		if err != nil {
			return nil, err
		}
	}
	if at != len(b) {
		return nil, errMalformed
	}
	m.takeEDNS()
	return m, nil
}

func (m *Message) readQuestions(b []byte, count int) (at int, ok bool) {
	at = 12
	for range count {
		name, next, ok := rdata.Name(b, at)
		if !ok || next+4 > len(b) {
			return 0, false
		}
		m.Question = append(m.Question, Question{name, binary.BigEndian.Uint16(b[next:]), binary.BigEndian.Uint16(b[next+2:])})
		at = next + 4
	}
	return at, true
}

func readRecords(b []byte, at, count int, into *[]Record) (int, error) {
	if count > (len(b)-at)/11 { // the least that a record takes
		return 0, errMalformed
	}
	for range count {
		r, next, err := readRecord(b, at)
		if err != nil {
			return 0, err
		}
		*into = append(*into, r)
		at = next
	}
	return at, nil
}

func readRecord(b []byte, at int) (r Record, next int, err error) {
	name, at, ok := rdata.Name(b, at)
	if !ok || at+10 > len(b) {
		return Record{}, 0, errMalformed
	}
	r = Record{Name: name, Type: binary.BigEndian.Uint16(b[at:]), Class: binary.BigEndian.Uint16(b[at+2:]), TTL: binary.BigEndian.Uint32(b[at+4:])}
	length := int(binary.BigEndian.Uint16(b[at+8:]))
	at += 10
	if length == 0 && (r.Class == dns.ClassANY || r.Class == dns.ClassNONE) { // of an update
		return r, at, nil
	}
	r.Data, err = rdata.ParseAt(r.Type, b, at, length)
	return r, at + length, err
}

// nameAt reads the name of the question of a message that we wrote.
func nameAt(b []byte) (name string, end int, ok bool) { return rdata.Name(b, 12) }
