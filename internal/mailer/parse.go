package mailer

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"golang.org/x/text/encoding/htmlindex"

	"gofab/internal/fault"
)

// Parsed is a mail that was read. What is broken in it is told in Problems and
// costs no more than the broken part.
type Parsed struct {
	Subject   string              `lua:"subject" doc:"Subject, decoded."`
	From      []Mailbox           `lua:"from" doc:"Who wrote it."`
	To        []Mailbox           `lua:"to" doc:"Whom it is for."`
	Cc        []Mailbox           `lua:"cc" doc:"Who gets a copy."`
	ReplyTo   []Mailbox           `lua:"reply_to" doc:"Where answers go."`
	Date      time.Time           `lua:"date" doc:"When it was written; nil when it does not say."`
	MessageID string              `lua:"message_id" doc:"Its Message-ID, without angle brackets."`
	Headers   map[string][]string `lua:"headers" doc:"All header fields, decoded, by name in lower case."`
	Text      string              `lua:"text" doc:"Plain text of it."`
	HTML      string              `lua:"html" doc:"HTML of it."`
	Files     []Attachment        `lua:"files" doc:"Attachments and inline images."`
	Problems  []string            `lua:"problems" doc:"What is broken in it."`
}

// Mailbox is an address in a header.
type Mailbox struct {
	Name    string `lua:"name" doc:"Name that is shown."`
	Address string `lua:"address" doc:"The address."`
}

// Attachment is a file in a mail. Its name is the sender's: a script decides
// where it goes.
type Attachment struct {
	Name   string `lua:"name" doc:"File name that the sender gave, without folders."`
	Type   string `lua:"type" doc:"Media type."`
	CID    string `lua:"cid" doc:"Content-ID, by which HTML names an image."`
	Inline bool   `lua:"inline" doc:"Whether it is to be shown in the text."`
	Data   []byte `lua:"data" doc:"Content."`
}

// Bounds of a mail with parts in parts.
const (
	maxDepth = 20
	maxParts = 1000
)

// Parse reads a mail.
func Parse(data []byte) (*Parsed, error) {
	reader := textproto.NewReader(bufio.NewReader(bytes.NewReader(data)))
	header, err := reader.ReadMIMEHeader()
	p := &Parsed{From: []Mailbox{}, To: []Mailbox{}, Cc: []Mailbox{}, ReplyTo: []Mailbox{}, Headers: map[string][]string{}, Files: []Attachment{}, Problems: []string{}}
	if err != nil && err != io.EOF {
		if len(header) == 0 {
			return nil, fault.Wrap(fault.Parse, err, "not a mail")
		}
		p.problem("header: %v", err)
	}
	if len(header) == 0 {
		return nil, fault.New(fault.Parse, "not a mail: it has no header")
	}
	p.header(header)
	parts := 0
	p.part(header, reader.R, 0, &parts)
	return p, nil
}

func (p *Parsed) problem(format string, args ...any) {
	if len(p.Problems) < 100 {
		p.Problems = append(p.Problems, fmt.Sprintf(format, args...))
	}
}

func (p *Parsed) header(h textproto.MIMEHeader) {
	for name, values := range h {
		for _, value := range values {
			p.Headers[strings.ToLower(name)] = append(p.Headers[strings.ToLower(name)], decodeWords(value))
		}
	}
	p.Subject = decodeWords(h.Get("Subject"))
	p.MessageID = strings.Trim(h.Get("Message-Id"), "<> ")
	p.From, p.To = p.mailboxes(h, "From"), p.mailboxes(h, "To")
	p.Cc, p.ReplyTo = p.mailboxes(h, "Cc"), p.mailboxes(h, "Reply-To")
	if text := h.Get("Date"); text != "" {
		date, err := mail.ParseDate(text)
		if err != nil {
			p.problem("date: %q cannot be read", text)
		}
		p.Date = date
	}
}

var words = &mime.WordDecoder{CharsetReader: charsetReader}

// decodeWords decodes RFC 2047 words; what cannot be decoded stays.
func decodeWords(text string) string {
	decoded, err := words.DecodeHeader(text)
	if err != nil {
		return text
	}
	return decoded
}

func charsetReader(charset string, in io.Reader) (io.Reader, error) {
	encoding, err := htmlindex.Get(strings.TrimSpace(charset))
	if err != nil {
		return nil, fmt.Errorf("unknown character set %q", charset)
	}
	return encoding.NewDecoder().Reader(in), nil
}

func (p *Parsed) mailboxes(h textproto.MIMEHeader, name string) []Mailbox {
	out := []Mailbox{}
	parser := &mail.AddressParser{WordDecoder: words}
	for _, value := range h.Values(name) {
		list, err := parser.ParseList(value)
		if err != nil {
			p.problem("%s: %q cannot be read", strings.ToLower(name), value)
			continue
		}
		for _, a := range list {
			out = append(out, Mailbox{a.Name, a.Address})
		}
	}
	return out
}

// part reads one part, or the parts in it.
func (p *Parsed) part(h textproto.MIMEHeader, body io.Reader, depth int, parts *int) {
	kind, parameters, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil && (h.Get("Content-Type") != "" || kind == "") {
		if h.Get("Content-Type") != "" && kind == "" {
			p.problem("content type %q cannot be read", h.Get("Content-Type"))
		}
		if kind == "" {
			kind = "text/plain"
		}
	}
	if *parts++; depth > maxDepth || *parts > maxParts {
		p.problem("there are more parts than anybody writes; the rest is left out")
		return
	}
	if strings.HasPrefix(kind, "multipart/") && parameters["boundary"] != "" {
		p.several(multipart.NewReader(body, parameters["boundary"]), depth, parts)
		return
	}
	p.leaf(h, kind, parameters, body)
}

func (p *Parsed) several(r *multipart.Reader, depth int, parts *int) {
	for *parts <= maxParts {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			p.problem("parts: %v", err)
			return
		}
		p.part(part.Header, part, depth+1, parts)
	}
}

// leaf takes a part as the text, or as a file.
func (p *Parsed) leaf(h textproto.MIMEHeader, kind string, parameters map[string]string, body io.Reader) {
	data, err := io.ReadAll(transferDecoded(h.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		p.problem("%s: %v", kind, err)
	}
	disposition, named, _ := mime.ParseMediaType(h.Get("Content-Disposition"))
	name := decodeWords(named["filename"])
	if name == "" {
		name = decodeWords(parameters["name"])
	}
	isText := disposition != "attachment" && name == ""
	switch {
	case isText && kind == "text/plain" && p.Text == "":
		p.Text = p.decoded(data, parameters["charset"])
	case isText && kind == "text/html" && p.HTML == "":
		p.HTML = p.decoded(data, parameters["charset"])
	default:
		p.Files = append(p.Files, Attachment{
			Name: baseName(name), Type: kind, CID: strings.Trim(h.Get("Content-Id"), "<> "), Inline: disposition == "inline", Data: data,
		})
	}
}

// baseName takes folders of any system off a name.
func baseName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if name == "." || name == ".." {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, name)
}

// decoded is text in UTF-8, with plain line ends.
func (p *Parsed) decoded(data []byte, charset string) string {
	text := string(data)
	if charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") {
		if r, err := charsetReader(charset, bytes.NewReader(data)); err != nil {
			p.problem("%v", err)
		} else if converted, err := io.ReadAll(r); err == nil {
			text = string(converted)
		}
	}
	return strings.ToValidUTF8(strings.ReplaceAll(text, "\r\n", "\n"), "\uFFFD")
}

// transferDecoded undoes a transfer encoding, and forgives what mailers forgive.
func transferDecoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, &alphabet{r: body})
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	default:
		return body
	}
}

// alphabet leaves out what does not belong into base64 (RFC 2045, 6.8).
type alphabet struct{ r io.Reader }

func (a *alphabet) Read(p []byte) (int, error) {
	for {
		n, err := a.r.Read(p)
		kept := 0
		for _, b := range p[:n] {
			if b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '+' || b == '/' || b == '=' {
				p[kept] = b
				kept++
			}
		}
		if kept > 0 || err != nil {
			return kept, err
		}
	}
}
