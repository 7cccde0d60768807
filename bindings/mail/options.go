package mail

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/mailer"
	"gofab/internal/secret"
)

// serverArgs say where mail is handed in.
type serverArgs struct {
	Server     string        `lua:"server" default:"localhost" doc:"Mail server."`
	Port       int           `lua:"port" default:"0" doc:"Port; 0 takes 587, or 465 with tls = \"tls\"."`
	TLS        string        `lua:"tls" default:"starttls" enum:"starttls|tls|none|auto" doc:"Encryption: demanded after the greeting, from the start, none, or when the server offers it."`
	Verify     bool          `lua:"verify" default:"true" doc:"Check the certificate."`
	CAFile     string        `lua:"ca_file" default:"" doc:"PEM file of the authorities to trust instead of the system's."`
	User       string        `lua:"user" default:"" doc:"User name; without one there is no login."`
	Password   secret.Value  `lua:"password" default:"" doc:"Password, or the access token of xoauth2."`
	Auth       string        `lua:"auth" default:"auto" enum:"auto|plain|login|cram-md5|xoauth2" doc:"How to log in."`
	AllowPlain bool          `lua:"allow_plain" default:"false" doc:"Send the password over a link without encryption."`
	Helo       string        `lua:"helo" default:"localhost" doc:"Name to greet with."`
	Source     string        `lua:"source" default:"" doc:"Local address to connect from."`
	Timeout    time.Duration `lua:"timeout" default:"30s" doc:"Limit for each step."`
}

func (a serverArgs) server(c *kit.Call) mailer.Server {
	return mailer.Server{
		Host: a.Server, Port: a.Port, Security: mailer.Security(a.TLS), Insecure: !a.Verify, CAFile: c.Path(a.CAFile), Helo: a.Helo, Source: a.Source,
		User: a.User, Password: a.Password.Reveal(), Auth: a.Auth, AllowPlain: a.AllowPlain, Timeout: a.Timeout,
	}
}

// messageArgs are a message.
type messageArgs struct {
	From    string            `lua:"from" doc:"Who writes it: box@example.com or Name <box@example.com>."`
	To      kit.Strings       `lua:"to" default:"" doc:"Whom it is for: one or several addresses."`
	Cc      kit.Strings       `lua:"cc" default:"" doc:"Who gets a copy."`
	Bcc     kit.Strings       `lua:"bcc" default:"" doc:"Who gets a copy without being named."`
	ReplyTo kit.Strings       `lua:"reply_to" default:"" doc:"Where answers go."`
	Sender  string            `lua:"sender" default:"" doc:"Who hands it in for the writer."`
	Subject string            `lua:"subject" default:"" doc:"Subject."`
	Text    string            `lua:"text" default:"" doc:"Plain text."`
	HTML    string            `lua:"html" default:"" doc:"HTML, shown instead of the text where that can be."`
	Images  map[string]file   `lua:"images" default:"" doc:"Images that the HTML shows as cid:NAME, by that name: a path, or { path = } or { data =, type = }."`
	Files   []file            `lua:"files" default:"" doc:"Attachments: paths, or { path = } or { data = } with name and type."`
	Headers map[string]string `lua:"headers" default:"" doc:"Further header fields."`
	Date    time.Time         `lua:"date" default:"" doc:"Date; now when absent."`
	ID      string            `lua:"message_id" default:"" doc:"Message-ID without angle brackets; made when empty."`
}

// message reads files and addresses.
func (a messageArgs) message(c *kit.Call) (*mailer.Message, error) {
	m := &mailer.Message{Subject: a.Subject, Text: a.Text, HTML: a.HTML, Header: a.Headers, Date: a.Date, ID: a.ID}
	if m.Date.IsZero() {
		m.Date = c.World.Now()
	}
	var err error
	if m.From, err = single("from", a.From); err != nil {
		return nil, err
	}
	if a.Sender != "" {
		if m.Sender, err = single("sender", a.Sender); err != nil {
			return nil, err
		}
	}
	for _, list := range []struct {
		name string
		from kit.Strings
		into *[]mailer.Address
	}{{"to", a.To, &m.To}, {"cc", a.Cc, &m.Cc}, {"bcc", a.Bcc, &m.Bcc}, {"reply_to", a.ReplyTo, &m.ReplyTo}} {
		if *list.into, err = addresses(list.name, list.from); err != nil {
			return nil, err
		}
	}
	return m, a.load(c, m)
}

// load reads the files of a message.
func (a messageArgs) load(c *kit.Call, m *mailer.Message) error {
	if len(a.Images) > 0 && a.HTML == "" {
		return fault.New(fault.Usage, "images are shown by html, which is missing").WithHint("files = { ... } attaches them")
	}
	for _, name := range sorted(a.Images) {
		f, err := a.Images[name].load(c)
		if err != nil {
			return err
		}
		if f.Type == "" && filepath.Ext(f.Name) == "" {
			return fault.New(fault.Usage, "images: %s: its type is missing", name).WithHint("type = \"image/png\"")
		}
		f.Type = typeOf(f)
		f.Name = name
		m.Images = append(m.Images, f)
	}
	for _, each := range a.Files {
		f, err := each.load(c)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	return nil
}

func single(field, text string) (*mailer.Address, error) {
	list, err := mailer.ParseAddresses(field, text)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, fault.New(fault.Usage, "%s: %d addresses, one is wanted", field, len(list))
	}
	return &list[0], nil
}

// addresses reads one or several texts with addresses.
func addresses(field string, texts kit.Strings) ([]mailer.Address, error) {
	var out []mailer.Address
	for _, text := range texts {
		list, err := mailer.ParseAddresses(field, text)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// file is something to send along.
type file struct {
	path, name, kind string
	data             *string
}

// LuaType names what FromLua takes.
func (f *file) LuaType() string {
	return "string|{path: string?, data: string?, name: string?, type: string?}"
}

// FromLua reads a path, or a table.
func (f *file) FromLua(value any) error {
	if path, ok := value.(string); ok {
		f.path = path
		return nil
	}
	table, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("want the path of a file, or { path = } or { data = } with name and type")
	}
	for key, item := range table {
		text, ok := item.(string)
		if !ok {
			return fmt.Errorf("%s: want string", key)
		}
		switch key {
		case "path":
			f.path = text
		case "data":
			f.data = &text
		case "name":
			f.name = text
		case "type":
			f.kind = text
		default:
			return fmt.Errorf("unknown key %q (path, data, name and type are known)", key)
		}
	}
	if (f.path == "") == (f.data == nil) {
		return fmt.Errorf("one of path and data is needed")
	}
	return nil
}

// maxFile bounds a file that is sent along.
const maxFile = 256 << 20

func (f file) load(c *kit.Call) (mailer.File, error) {
	out := mailer.File{Name: f.name, Type: f.kind}
	if f.data != nil {
		out.Data = []byte(*f.data)
		if out.Name == "" && f.kind == "" {
			return out, fault.New(fault.Usage, "files: data has no name").WithHint("{ name = \"report.csv\", data = text }")
		}
		return out, nil
	}
	if out.Name == "" {
		out.Name = filepath.Base(f.path)
	}
	info, err := os.Stat(c.Path(f.path))
	if err != nil {
		return out, fault.OS(err, "cannot read %s", f.path)
	}
	if info.IsDir() || info.Size() > maxFile {
		return out, fault.New(fault.Usage, "%s is a folder, or too large for a mail", f.path)
	}
	if out.Data, err = os.ReadFile(c.Path(f.path)); err != nil {
		return out, fault.OS(err, "cannot read %s", f.path)
	}
	return out, nil
}

// typeOf is the media type of an image before it takes the name in the HTML.
func typeOf(f mailer.File) string {
	if f.Type != "" {
		return f.Type
	}
	return mailer.TypeByName(f.Name)
}

func sorted(files map[string]file) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// dkimArgs sign a message.
type dkimArgs struct {
	Domain   string       `lua:"domain" doc:"Domain that signs."`
	Selector string       `lua:"selector" doc:"Selector: the key's public half is in the TXT record SELECTOR._domainkey.DOMAIN."`
	KeyFile  string       `lua:"key_file" default:"" doc:"PEM file of the private key, RSA or Ed25519."`
	Key      secret.Value `lua:"key" default:"" doc:"The private key itself in PEM, instead of a file."`
}

func (a *dkimArgs) signer(c *kit.Call) (*mailer.DKIM, error) {
	if a == nil {
		return nil, nil
	}
	text := a.Key.Reveal()
	if a.KeyFile != "" {
		data, err := os.ReadFile(c.Path(a.KeyFile))
		if err != nil {
			return nil, fault.OS(err, "cannot read %s", a.KeyFile)
		}
		text = string(data)
	}
	if strings.TrimSpace(text) == "" {
		return nil, fault.New(fault.Usage, "dkim: one of key_file and key is needed")
	}
	key, err := mailer.ParseDKIMKey([]byte(text))
	if err != nil {
		return nil, err
	}
	return &mailer.DKIM{Domain: a.Domain, Selector: a.Selector, Key: key}, nil
}
