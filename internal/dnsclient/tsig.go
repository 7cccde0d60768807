package dnsclient

import (
	"crypto/hmac"
	"crypto/md5" // hmac-md5 is what older servers have
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strings"
	"time"

	"github.com/miekg/dns"

	"gofab/internal/dnsclient/rdata"
	"gofab/internal/fault"
)

// Key signs messages (TSIG, RFC 8945).
type Key struct {
	name      []byte // as on the wire, in lower case
	algorithm []byte
	hash      func() hash.Hash
	secret    []byte
}

var tsigHashes = map[string]func() hash.Hash{
	"hmac-md5": md5.New, "hmac-sha1": sha1.New, "hmac-sha224": sha256.New224,
	"hmac-sha256": sha256.New, "hmac-sha384": sha512.New384, "hmac-sha512": sha512.New,
}

// NewKey makes a key; the secret is base64.
func NewKey(name, algorithm, secret string) (*Key, error) {
	algorithm = strings.TrimSuffix(strings.ToLower(algorithm), ".")
	k := &Key{hash: tsigHashes[algorithm]}
	if k.hash == nil {
		return nil, fault.New(fault.Usage, "unknown algorithm %q of a key", algorithm).WithHint("hmac-sha256 is the usual one")
	}
	if algorithm == "hmac-md5" {
		algorithm = "hmac-md5.sig-alg.reg.int"
	}
	var err error
	if k.name, err = packName(strings.ToLower(name)); err != nil {
		return nil, err
	}
	k.algorithm, _ = packName(algorithm)
	if k.secret, err = base64.StdEncoding.DecodeString(strings.TrimSpace(secret)); err != nil || len(k.secret) == 0 {
		return nil, fault.New(fault.Usage, "the secret of the key %s is not base64", name)
	}
	return k, nil
}

const tsigFudge = 300

// sign adds the TSIG record to a message and gives its MAC.
func (k *Key) sign(message []byte, now time.Time) (signed, mac []byte) {
	timers := tsigTimers(now.Unix(), tsigFudge)
	h := hmac.New(k.hash, k.secret)
	h.Write(message)
	h.Write(k.variables(timers, 0, nil))
	mac = h.Sum(nil)
	id := binary.BigEndian.Uint16(message)
	data := append(append([]byte{}, k.algorithm...), timers...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(mac)))
	data = append(data, mac...)
	data = binary.BigEndian.AppendUint16(data, id)
	data = append(data, 0, 0, 0, 0) // no error, no other data
	signed = appendRecord(message, k.name, dns.TypeTSIG, dns.ClassANY, 0, data)
	binary.BigEndian.PutUint16(signed[10:], binary.BigEndian.Uint16(signed[10:])+1)
	return signed, mac
}

func tsigTimers(seconds int64, fudge uint16) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(seconds))[2:]
	return binary.BigEndian.AppendUint16(b, fudge)
}

// variables are the fields of the record that the MAC covers.
func (k *Key) variables(timers []byte, code uint16, other []byte) []byte {
	b := append([]byte{}, k.name...)
	b = append(b, 0, 255, 0, 0, 0, 0)
	b = append(append(b, k.algorithm...), timers...)
	b = binary.BigEndian.AppendUint16(b, code)
	b = binary.BigEndian.AppendUint16(b, uint16(len(other)))
	return append(b, other...)
}

// verifier checks the answers to a signed message, one or many.
type verifier struct {
	key     *Key
	prior   []byte // MAC of the message before
	later   bool   // the first has been seen: only timers are covered now
	pending []byte // messages without a signature since then
	signed  bool   // the last message was signed
}

// maxUnsigned is how much may come between two signatures.
const maxUnsigned = 16 << 20

// verify checks one message.
func (v *verifier) verify(b []byte, now time.Time) error {
	message, r, ok := cutTSIG(b)
	v.signed = ok
	if !ok {
		if !v.later || len(v.pending) > maxUnsigned {
			return problem{"badsig", "the answer is not signed"}
		}
		v.pending = append(v.pending, b...)
		return nil
	}
	if code := int(r.num("error")); code != 0 {
		text := "the server refused the signature: " + RcodeName(code)
		if known, ok := tsigErrors[code]; ok {
			text = "the server refused the signature: " + known
		}
		return problem{"badsig", text}
	}
	timers := tsigTimers(r.num("time_signed"), uint16(r.num("fudge")))
	h := hmac.New(v.key.hash, v.key.secret)
	h.Write(binary.BigEndian.AppendUint16(nil, uint16(len(v.prior))))
	h.Write(v.prior)
	h.Write(v.pending)
	h.Write(message)
	if v.later {
		h.Write(timers)
	} else {
		h.Write(v.key.variables(timers, 0, nil))
	}
	mac, _ := base64.StdEncoding.DecodeString(r.str("mac"))
	owner, _ := packName(strings.ToLower(r.Name))
	if string(owner) != string(v.key.name) || !hmac.Equal(mac, h.Sum(nil)) {
		return problem{"badsig", "the signature of the answer is wrong"}
	}
	if away := now.Unix() - r.num("time_signed"); max(away, -away) > r.num("fudge") {
		return problem{"badtime", "the answer was signed at another time; do the clocks agree?"}
	}
	v.prior, v.later, v.pending = mac, true, nil
	return nil
}

var tsigErrors = map[int]string{16: "BADSIG, is the secret right?", 17: "BADKEY, it does not know the key", 18: "BADTIME, the clocks differ", 22: "BADTRUNC"}

// cutTSIG takes the TSIG record off the end of a message, as it was before it
// was signed.
func cutTSIG(b []byte) (message []byte, r Record, ok bool) {
	if len(b) < 12 {
		return b, Record{}, false
	}
	at := 12
	for range binary.BigEndian.Uint16(b[4:]) {
		_, next, ok := rdata.Name(b, at)
		if !ok || next+4 > len(b) {
			return b, Record{}, false
		}
		at = next + 4
	}
	last := 0
	records := int(binary.BigEndian.Uint16(b[6:])) + int(binary.BigEndian.Uint16(b[8:])) + int(binary.BigEndian.Uint16(b[10:]))
	for range records {
		next, ok := skipRecord(b, at)
		if !ok {
			return b, Record{}, false
		}
		last, at = at, next
	}
	if records == 0 {
		return b, Record{}, false
	}
	r, _, err := readRecord(b, last)
	if err != nil || r.Type != dns.TypeTSIG || binary.BigEndian.Uint16(b[10:]) == 0 {
		return b, Record{}, false
	}
	message = append([]byte{}, b[:last]...)
	binary.BigEndian.PutUint16(message, uint16(r.num("original_id")))
	binary.BigEndian.PutUint16(message[10:], binary.BigEndian.Uint16(b[10:])-1)
	return message, r, true
}

func skipRecord(b []byte, at int) (next int, ok bool) {
	_, at, ok = rdata.Name(b, at)
	if !ok || at+10 > len(b) {
		return 0, false
	}
	next = at + 10 + int(binary.BigEndian.Uint16(b[at+8:]))
	return next, next <= len(b)
}

// appendRecord writes a record behind a message; the counts are the caller's.
func appendRecord(b, name []byte, rtype, class uint16, ttl uint32, data []byte) []byte {
	b = append(append([]byte{}, b...), name...)
	b = binary.BigEndian.AppendUint16(b, rtype)
	b = binary.BigEndian.AppendUint16(b, class)
	b = binary.BigEndian.AppendUint32(b, ttl)
	b = binary.BigEndian.AppendUint16(b, uint16(len(data)))
	return append(b, data...)
}
