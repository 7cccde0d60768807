package mailer

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gofab/internal/fault"
)

// Message is a mail to be written.
type Message struct {
	From, Sender         *Address
	To, Cc, Bcc, ReplyTo []Address
	Subject              string
	Text, HTML           string // at least one, or files
	Images               []File // shown by the HTML as cid:Name
	Files                []File
	Header               map[string]string // further fields
	Date                 time.Time
	ID                   string // without angle brackets; made when empty
}

// File is something that a message carries.
type File struct {
	Name string // of the file; of an image also its Content-ID
	Type string // media type; by the name when empty
	Data []byte
}

// own are the fields that a message writes itself.
var own = []string{
	"from", "sender", "to", "cc", "bcc", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
	"content-transfer-encoding", "content-disposition", "content-id", "dkim-signature",
}

// Bytes writes the message, with CR LF at the end of lines.
func (m *Message) Bytes() ([]byte, error) {
	if m.From == nil {
		return nil, fault.New(fault.Usage, "from is missing")
	}
	if err := m.check(); err != nil {
		return nil, err
	}
	var head strings.Builder
	m.head(&head)
	body := m.body()
	var out bytes.Buffer
	out.WriteString(head.String())
	body.write(&out)
	return out.Bytes(), nil
}

// check looks at everything that goes into headers.
func (m *Message) check() error {
	fields := map[string]string{"Subject": m.Subject, "Message-ID": m.ID}
	for name, value := range m.Header {
		if slices.Contains(own, strings.ToLower(name)) {
			return fault.New(fault.Usage, "headers: %s is written by the message itself", name)
		}
		fields[name] = value
	}
	for name, value := range fields {
		if err := checkField(name, value); err != nil {
			return err
		}
	}
	for _, f := range slices.Concat(m.Images, m.Files) {
		if strings.ContainsAny(f.Name+f.Type, "\r\n\x00") {
			return fault.New(fault.Usage, "the name or type of a file has a line break")
		}
		if _, _, err := mime.ParseMediaType(f.mediaType()); err != nil {
			return fault.New(fault.Usage, "%q is not a media type", f.Type)
		}
	}
	if !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML) {
		return fault.New(fault.Usage, "the text is not UTF-8")
	}
	return nil
}

func (m *Message) head(w *strings.Builder) {
	if m.ID == "" {
		var random [16]byte
		_, _ = rand.Read(random[:]) // never fails (crypto/rand)
		_, domain, _ := strings.Cut(m.From.Mailbox[strings.LastIndexByte(m.From.Mailbox, '@'):], "@")
		m.ID = hex.EncodeToString(random[:]) + "@" + domain
	}
	field(w, "From", m.From.header())
	if m.Sender != nil {
		field(w, "Sender", m.Sender.header())
	}
	for _, list := range []struct {
		name      string
		addresses []Address
	}{{"To", m.To}, {"Cc", m.Cc}, {"Reply-To", m.ReplyTo}} {
		if len(list.addresses) > 0 {
			field(w, list.name, joined(list.addresses))
		}
	}
	field(w, "Subject", encoded(m.Subject))
	field(w, "Date", m.Date.Format(time.RFC1123Z))
	field(w, "Message-ID", "<"+m.ID+">")
	names := make([]string, 0, len(m.Header))
	for name := range m.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		field(w, name, encoded(m.Header[name]))
	}
	field(w, "MIME-Version", "1.0")
}

func joined(addresses []Address) string {
	out := make([]string, len(addresses))
	for i, a := range addresses {
		out[i] = a.header()
	}
	return strings.Join(out, ", ")
}

// Recipients are all mailboxes that the message goes to, each once.
func (m *Message) Recipients() []string {
	out := []string{}
	for _, a := range slices.Concat(m.To, m.Cc, m.Bcc) {
		if !slices.Contains(out, a.Mailbox) {
			out = append(out, a.Mailbox)
		}
	}
	return out
}

// needsUTF8 says that an address cannot be written in ASCII.
func (m *Message) needsUTF8() bool {
	all := slices.Concat(m.To, m.Cc, m.Bcc, m.ReplyTo, []Address{*m.From})
	return slices.ContainsFunc(all, func(a Address) bool { return !a.ascii() })
}

// entity is a part of a message, or several.
type entity struct {
	header [][2]string
	body   []byte // encoded
	kind   string // of several: mixed, alternative, related
	parts  []entity
}

// body builds the parts: mixed(alternative(text, related(html, images)), files).
func (m *Message) body() entity {
	var bodies []entity
	if m.Text != "" || m.HTML == "" {
		bodies = append(bodies, textPart("plain", m.Text))
	}
	if m.HTML != "" {
		page := []entity{textPart("html", m.HTML)}
		for _, image := range m.Images {
			page = append(page, image.part("inline"))
		}
		bodies = append(bodies, wrapped("related", page))
	}
	content := []entity{wrapped("alternative", bodies)}
	for _, f := range m.Files {
		content = append(content, f.part("attachment"))
	}
	return wrapped("mixed", content)
}

func wrapped(kind string, parts []entity) entity {
	if len(parts) == 1 {
		return parts[0]
	}
	return entity{kind: kind, parts: parts}
}

func textPart(kind, text string) entity {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	_, _ = w.Write([]byte(strings.ReplaceAll(text, "\r\n", "\n"))) // a buffer takes everything
	_ = w.Close()
	return entity{body: out.Bytes(), header: [][2]string{
		{"Content-Type", "text/" + kind + "; charset=utf-8"}, {"Content-Transfer-Encoding", "quoted-printable"},
	}}
}

func (f File) mediaType() string {
	if f.Type != "" {
		return f.Type
	}
	return TypeByName(f.Name)
}

// TypeByName is the media type that the ending of a file name stands for.
func TypeByName(name string) string {
	if byName := mime.TypeByExtension(filepath.Ext(name)); byName != "" {
		return byName
	}
	return "application/octet-stream"
}

// part is a file in base64. A mail inside a mail may not be in base64 (RFC
// 2046, 5.2.1), so it travels as a plain file.
func (f File) part(disposition string) entity {
	kind := f.mediaType()
	if strings.HasPrefix(kind, "message/") || strings.HasPrefix(kind, "multipart/") {
		kind = "application/octet-stream"
	}
	e := entity{body: base64Lines(f.Data), header: [][2]string{
		{"Content-Type", kind}, {"Content-Transfer-Encoding", "base64"},
		{"Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name})},
	}}
	if disposition == "inline" {
		e.header = append(e.header, [2]string{"Content-ID", "<" + f.Name + ">"})
	}
	return e
}

func base64Lines(data []byte) []byte {
	text := base64.StdEncoding.EncodeToString(data)
	var out bytes.Buffer
	for len(text) > lineWidth {
		out.WriteString(text[:lineWidth] + "\r\n")
		text = text[lineWidth:]
	}
	out.WriteString(text + "\r\n")
	return out.Bytes()
}

// write writes the rest of a header and the body.
func (e entity) write(out *bytes.Buffer) {
	if e.parts == nil {
		var head strings.Builder
		for _, f := range e.header {
			field(&head, f[0], f[1])
		}
		out.WriteString(head.String() + "\r\n")
		out.Write(e.body)
		return
	}
	boundary := newBoundary()
	fmt.Fprintf(out, "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n", e.kind, boundary)
	for _, part := range e.parts {
		fmt.Fprintf(out, "--%s\r\n", boundary)
		part.write(out)
		out.WriteString("\r\n")
	}
	fmt.Fprintf(out, "--%s--\r\n", boundary)
}

// newBoundary is one that no content holds by chance; = and _ cannot come from
// base64 or quoted-printable together.
func newBoundary() string {
	var random [16]byte
	_, _ = rand.Read(random[:])
	return "=_" + hex.EncodeToString(random[:])
}
