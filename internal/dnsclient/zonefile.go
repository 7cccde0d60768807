package dnsclient

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/miekg/dns"

	"gofab/internal/dnsclient/rdata"
	"gofab/internal/fault"
)

// ZoneSource is a zone file or its text.
type ZoneSource struct {
	Text   string
	File   string // its name, for messages and $INCLUDE
	Origin string
	TTL    uint32 // of records without one, before $TTL
}

// ReadRecords reads the records of a zone file one by one.
func ReadRecords(source ZoneSource, each func(Record) error) error {
	origin := source.Origin
	if origin != "" {
		var err error
		if origin, err = Absolute(origin); err != nil {
			return err
		}
	}
	parser := dns.NewZoneParser(strings.NewReader(digestible(source.Text)), origin, source.File)
	parser.SetDefaultTTL(source.TTL)
	parser.SetIncludeAllowed(source.File != "")
	for {
		rr, ok := parser.Next()
		if !ok {
			return zoneProblem(source, parser.Err())
		}
		r, err := fromLibrary(rr)
		if err == nil {
			err = each(r)
		}
		if err != nil {
			return err
		}
	}
}

// digestible adds the line end that the last line may lack, and an empty line
// behind IPSECKEY records, whose own line end the library takes for data.
func digestible(text string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if strings.Contains(text, "IPSECKEY") {
		text = ipseckeyLine.ReplaceAllString(text, "$0\n")
	}
	return text
}

var ipseckeyLine = regexp.MustCompile(`(?m)^[^;"\n]*\sIPSECKEY\s(?:[^\n(;]*\([^)]*\)[^\n]*|[^\n]*)$`)

func zoneProblem(source ZoneSource, err error) error {
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(innermostParse(err), "dns: ")
	name := source.File
	if name != "" {
		text = strings.TrimPrefix(text, name+": ")
	} else {
		name = "zone text"
	}
	e := fault.New(fault.Parse, "%s: %s", name, text)
	if source.Origin == "" && strings.Contains(text, "bad owner name") {
		return e.WithHint("names without a dot at the end need an origin: give origin, or begin with $ORIGIN")
	}
	return e
}

func innermostParse(err error) string {
	var p *dns.ParseError
	if errors.As(err, &p) {
		return p.Error()
	}
	return err.Error()
}

// ReadFile reads the text of a zone file, of 256 MB at most.
func ReadFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fault.OS(err, "cannot read %s", path)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxZoneFile+1))
	if err != nil {
		return "", fault.OS(err, "cannot read %s", path)
	}
	if len(text) > maxZoneFile {
		return "", fault.New(fault.Usage, "%s has more than %d MB", path, maxZoneFile>>20)
	}
	return string(text), nil
}

const maxZoneFile = 256 << 20

// fromLibrary turns a record of the library into ours, by its bytes.
func fromLibrary(rr dns.RR) (Record, error) {
	switch r := rr.(type) { // written in any order; on the wire there is one
	case *dns.NSEC:
		slices.Sort(r.TypeBitMap)
	case *dns.NSEC3:
		slices.Sort(r.TypeBitMap)
	case *dns.CSYNC:
		slices.Sort(r.TypeBitMap)
	case *dns.AMTRELAY:
		return fromAMTRELAY(r)
	}
	return packed(rr)
}

// fromAMTRELAY packs without the bit for discovery, with which the library
// loses the gateway.
func fromAMTRELAY(rr *dns.AMTRELAY) (Record, error) {
	plain := *rr
	plain.GatewayType &= 0x7f
	r, err := packed(&plain)
	if err == nil && rr.GatewayType != plain.GatewayType {
		r.Wire[1] |= 0x80
		r.Data, err = rdata.Parse(r.Type, r.Wire)
	}
	return r, err
}

func packed(rr dns.RR) (Record, error) {
	wire := make([]byte, dns.Len(rr)+300)
	end, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		return Record{}, fault.New(fault.Parse, "%s %s: %v", rr.Header().Name, rdata.TypeName(rr.Header().Rrtype), err)
	}
	r, _, err := readRecord(wire[:end], 0)
	if err != nil {
		return Record{}, fault.New(fault.Parse, "%s: %v", rr.Header().Name, err)
	}
	if len(r.Wire) == 0 && (r.Type == dns.TypeTXT || r.Type == dns.TypeSPF || r.Type == dns.TypeAVC || r.Type == dns.TypeNINFO) {
		return Record{}, fault.New(fault.Parse, "%s: a %s record without any text", r.Name, r.TypeName())
	}
	return r, nil
}

// library turns a record into the library's form. Types that the library
// cannot read come as plain bytes.
func (r Record) library() (dns.RR, error) {
	name, err := packName(r.Name)
	if err != nil {
		return nil, err
	}
	wire := appendRecord(nil, name, r.Type, r.Class, r.TTL, r.Wire)
	if rr, _, err := dns.UnpackRR(wire, 0); err == nil {
		return rr, nil
	}
	header := dns.RR_Header{Name: r.Name, Rrtype: r.Type, Class: r.Class, Ttl: r.TTL, Rdlength: uint16(len(r.Wire))}
	return &dns.RFC3597{Hdr: header, Rdata: fmt.Sprintf("%x", r.Wire)}, nil
}

// ParseRecord reads one record, as a line of a zone file.
func ParseRecord(line, origin string, ttl uint32) (Record, error) {
	var found []Record
	err := ReadRecords(ZoneSource{Text: line, Origin: origin, TTL: ttl}, func(r Record) error {
		found = append(found, r)
		return nil
	})
	if err != nil {
		return Record{}, fault.New(fault.Parse, "%q is no record: %v", line, strings.TrimPrefix(fault.From(err).Message, "zone text: "))
	}
	if len(found) != 1 {
		return Record{}, fault.New(fault.Parse, "%q is no record", line)
	}
	return found[0], nil
}

// MustRecords reads records that are part of the program.
func MustRecords(lines []string) []Record {
	var records []Record
	for _, line := range lines {
		r, err := ParseRecord(line, ".", 0)
		if err != nil {
			panic(err)
		}
		records = append(records, r)
	}
	return records
}
