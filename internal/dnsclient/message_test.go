package dnsclient

import (
	"testing"

	"github.com/miekg/dns"
)

// FuzzMessage reads any bytes as a message. What both readers take must hold
// the same records; the library is more lenient with the rest.
func FuzzMessage(f *testing.F) {
	m := new(dns.Msg).SetQuestion("www.example.test.", dns.TypeA)
	m.Response = true
	for _, line := range []string{"www.example.test. 60 IN A 192.0.2.1", "www.example.test. 60 IN MX 10 mail.example.test.", "x. 1 IN TXT a b", "example.test. 60 IN SOA a. b. 1 2 3 4 5"} {
		rr, err := dns.NewRR(line)
		if err != nil {
			f.Fatal(err)
		}
		m.Answer = append(m.Answer, rr)
	}
	m.SetEdns0(1232, true)
	m.Compress = true
	packed, err := m.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(packed)
	f.Add([]byte{0, 1, 0x81, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		ours, err := readMessage(b)
		message, _, signed := cutTSIG(b)
		if signed && len(message) >= len(b) {
			t.Error("the signature is still there")
		}
		if err != nil || ours.Flags&flagTC != 0 {
			return
		}
		theirs := new(dns.Msg)
		if theirs.Unpack(b) != nil {
			return // it knows some types less well
		}
		if len(theirs.Answer) != len(ours.Answer) || len(theirs.Ns) != len(ours.Authority) || len(theirs.Question) != len(ours.Question) {
			t.Errorf("%x: %d %d %d records, the library has %d %d %d", b, len(ours.Question), len(ours.Answer), len(ours.Authority),
				len(theirs.Question), len(theirs.Answer), len(theirs.Ns))
		}
		for i, r := range ours.Answer {
			if h := theirs.Answer[i].Header(); h.Rrtype != r.Type || h.Ttl != r.TTL || h.Class != r.Class {
				t.Errorf("%x: %s, the library has %s", b, r, theirs.Answer[i])
			}
		}
	})
}
