package mailer

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gofab/internal/testenv"
)

// pythonFile and pythonMail are what Python's email package reads.
type pythonFile struct {
	Name, Type, CID string
	Inline          bool
	Data            []byte
}

type pythonMail struct {
	Subject, ID, Extra, Text, HTML string
	From, To, Cc                   [][2]string
	ReplyTo                        [][2]string `json:"reply_to"`
	Bcc                            bool
	Date                           float64
	Files                          []pythonFile
	Longest                        int
	Defects                        []string
}

var (
	pieces = []string{
		"hello", "Größe", "日本語", "😀", "a,b", "c@d", "(x)", `"q"`, `\`, "=?utf-8?q?x?=", ".", "..", "=20", "<b>", ";", ":", "x=y", "naïve",
		strings.Repeat("long", 30), strings.Repeat("ä", 60), "_", "?", "!", "'",
	}
	lineEnds = []string{"\n", "\n", "\n", "\n\n", "\n.\n", "\nFrom here\n", " \n", "\t\n"}
)

func phraseOf(r *rand.Rand, most int) string {
	words := make([]string, r.IntN(most+1))
	for i := range words {
		words[i] = pieces[r.IntN(len(pieces))]
	}
	return strings.Join(words, " ")
}

func textOf(r *rand.Rand) string {
	var w strings.Builder
	for range r.IntN(8) {
		w.WriteString(phraseOf(r, 12) + lineEnds[r.IntN(len(lineEnds))])
	}
	return w.String()
}

func addressOf(r *rand.Rand) Address {
	locals := []string{"ann", "ann.b", `"ann b"`, "o'hara", "a+b", "x_y"}
	domains := []string{"example.com", "mail.example.org", "xn--mller-kva.example"}
	name := phraseOf(r, 3)
	if len(name) > wordBytes && encodedWords(name) == phrase(name) {
		name = "Größe" // Python 3.11 leaves blanks between the words of a long name
	}
	return Address{Name: name, Mailbox: locals[r.IntN(len(locals))] + "@" + domains[r.IntN(len(domains))]}
}

func addressesOf(r *rand.Rand, most int) []Address {
	out := make([]Address, r.IntN(most+1))
	for i := range out {
		out[i] = addressOf(r)
	}
	return out
}

func filesOf(r *rand.Rand, most int, stem string) []File {
	out := make([]File, r.IntN(most+1))
	for i := range out {
		data := make([]byte, r.IntN(300))
		for j := range data {
			data[j] = byte(r.IntN(256))
		}
		names := []string{"report.pdf", "Übersicht 2026.csv", "日本.txt", `a "b".bin`, "x;y=z.dat", strings.Repeat("n", 100) + ".txt", "ohne"}
		out[i] = File{Name: fmt.Sprintf("%s%d-%s", stem, i, names[r.IntN(len(names))]), Type: []string{"", "application/pdf", "text/csv; charset=utf-8", "image/png"}[r.IntN(4)], Data: data}
	}
	return out
}

func messageOf(r *rand.Rand) *Message {
	from := addressOf(r)
	m := &Message{
		From: &from, To: addressesOf(r, 4), Cc: addressesOf(r, 3), Bcc: addressesOf(r, 2), ReplyTo: addressesOf(r, 1), Subject: phraseOf(r, 10),
		Text: textOf(r), Header: map[string]string{"X-Extra": phraseOf(r, 8)}, Date: time.Unix(1.7e9+r.Int64N(1e8), 0).In(time.FixedZone("", 3600*(r.IntN(20)-9))),
		ID: fmt.Sprintf("%d@example.com", r.Uint64()), Files: filesOf(r, 2, "f"),
	}
	if r.IntN(2) == 0 {
		m.HTML = "<p>" + textOf(r) + "</p>\n"
		for i, f := range filesOf(r, 2, "i") {
			f.Name, f.Type = fmt.Sprintf("image%d", i), "image/png"
			m.Images = append(m.Images, f)
		}
	}
	return m
}

func named(list []Address) [][2]string {
	out := [][2]string{}
	for _, a := range list {
		out = append(out, [2]string{strings.Join(strings.Fields(a.Name), " "), a.Mailbox})
	}
	return out
}

// wanted is what a reader should find in a message.
func wanted(m *Message) pythonMail {
	out := pythonMail{
		Subject: m.Subject, ID: m.ID, Extra: m.Header["X-Extra"], Text: m.Text, HTML: m.HTML, From: named([]Address{*m.From}),
		To: named(m.To), Cc: named(m.Cc), ReplyTo: named(m.ReplyTo), Date: float64(m.Date.Unix()), Files: []pythonFile{}, Defects: []string{},
	}
	for _, f := range m.Images {
		out.Files = append(out.Files, pythonFile{f.Name, f.mediaType(), f.Name, true, f.Data})
	}
	for _, f := range m.Files {
		kind, _, _ := strings.Cut(f.mediaType(), ";")
		out.Files = append(out.Files, pythonFile{f.Name, kind, "", false, f.Data})
	}
	return out
}

// Python reads what we write, and we read it as well.
func TestPythonReadsOurMails(t *testing.T) {
	t.Parallel()
	oracle := testenv.Ask(t, testenv.Python(t, "email"), "testdata/oracle.py")
	r := rand.New(rand.NewPCG(7, 7))
	for i := range 1500 {
		m := messageOf(r)
		data, err := m.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		var got pythonMail
		oracle.Ask(map[string][]byte{"mail": data}, &got)
		if got.Longest > 998 || strings.Contains(strings.ReplaceAll(string(data), "\r\n", ""), "\n") {
			t.Errorf("mail %d: a line of %d bytes, or a bare line feed", i, got.Longest)
		}
		got.Longest = 0
		if diff := cmp.Diff(wanted(m), got); diff != "" {
			t.Fatalf("mail %d (-ours +python):\n%s\n%s", i, diff, data)
		}
		parsed, err := Parse(data)
		if err != nil || len(parsed.Problems) > 0 {
			t.Fatalf("mail %d: %v %v", i, err, parsed)
		}
		if parsed.Subject != m.Subject || parsed.Text != m.Text || parsed.HTML != m.HTML || len(parsed.Files) != len(m.Files)+len(m.Images) || parsed.Date.Unix() != m.Date.Unix() {
			t.Fatalf("mail %d: we read %+v\n%s", i, parsed, data)
		}
	}
}

// We read what Python writes.
func TestReadsPythonMails(t *testing.T) {
	t.Parallel()
	oracle := testenv.Ask(t, testenv.Python(t, "email"), "testdata/oracle.py")
	r := rand.New(rand.NewPCG(9, 9))
	for i := range 700 {
		type attached struct {
			Name string `json:"name"`
			Data []byte `json:"data"`
		}
		q := map[string]any{"subject": "s " + phraseOf(r, 6), "from": "Ann <ann@example.com>", "to": "b@example.com", "text": "t" + textOf(r) + "\n", "html": ""}
		if r.IntN(2) == 0 {
			q["html"] = "<p>" + textOf(r) + "</p>\n"
		}
		files := []attached{}
		for _, f := range filesOf(r, 2, "f") {
			files = append(files, attached{f.Name, f.Data})
		}
		q["files"] = files
		var written struct{ Mail []byte }
		oracle.Ask(q, &written)
		p, err := Parse(written.Mail)
		if err != nil {
			t.Fatal(err)
		}
		if p.Text != q["text"] || p.HTML != q["html"] || len(p.Problems) > 0 || len(p.Files) != len(files) {
			t.Fatalf("mail %d: %+v of %q\n%s", i, p, q, written.Mail)
		}
		for j, f := range files {
			if p.Files[j].Name != baseName(f.Name) || string(p.Files[j].Data) != string(f.Data) {
				t.Fatalf("mail %d: file %q became %q", i, f.Name, p.Files[j].Name)
			}
		}
	}
}
