package httpclient

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gofab/internal/fault"
)

// SetBody makes a text the body of a request.
func (q *Request) SetBody(data []byte) {
	q.BodySize = int64(len(data))
	q.Body = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// SetFile makes a file the body of a request. It is read as it is sent.
func (q *Request) SetFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fault.OS(err, "cannot read %s", path)
	}
	q.BodySize = info.Size()
	q.Body = func() (io.ReadCloser, error) { return os.Open(path) }
	return nil
}

// Part is one part of a form with files.
type Part struct {
	Name     string // of the field
	Value    string // of a plain field, or the content of a file
	Path     string // file to send; Value is ignored
	FileName string // name to send along; the last part of Path when empty
	Type     string // media type of a file
}

// SetParts makes a multipart/form-data body (RFC 7578). Files are read as they
// are sent, so they may be larger than the memory.
func (q *Request) SetParts(parts []Part) error {
	for _, p := range parts {
		if strings.ContainsAny(p.Name+p.FileName+p.Type, "\r\n\x00") {
			return fault.New(fault.Usage, "the part %q has a line break in its name or type", p.Name)
		}
	}
	boundary := multipart.NewWriter(io.Discard).Boundary()
	size := &counter{}
	if err := writeParts(size, boundary, parts, false); err != nil {
		return err
	}
	q.BodySize = size.n
	q.Body = func() (io.ReadCloser, error) {
		reader, writer := io.Pipe()
		go func() { _ = writer.CloseWithError(writeParts(writer, boundary, parts, true)) }()
		return reader, nil
	}
	q.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
	return nil
}

// counter counts what is written. Files are counted by their size.
type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func writeParts(out io.Writer, boundary string, parts []Part, content bool) error {
	w := multipart.NewWriter(out)
	if err := w.SetBoundary(boundary); err != nil {
		return err
	}
	for _, p := range parts {
		to, err := w.CreatePart(p.header())
		if err != nil {
			return err
		}
		if err := p.write(to, out, content); err != nil {
			return err
		}
	}
	return w.Close()
}

func (p Part) header() textproto.MIMEHeader {
	quote := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace
	h := textproto.MIMEHeader{}
	disposition := fmt.Sprintf(`form-data; name="%s"`, quote(p.Name))
	if name := p.fileName(); name != "" {
		disposition += fmt.Sprintf(`; filename="%s"`, quote(name))
		h.Set("Content-Type", "application/octet-stream")
	}
	h.Set("Content-Disposition", disposition)
	if p.Type != "" {
		h.Set("Content-Type", p.Type)
	}
	return h
}

func (p Part) fileName() string {
	if p.FileName == "" && p.Path != "" {
		return filepath.Base(p.Path)
	}
	return p.FileName
}

// write sends the content of a part, or counts it.
func (p Part) write(to, out io.Writer, content bool) error {
	if p.Path == "" {
		_, err := io.WriteString(to, p.Value)
		return err
	}
	f, err := os.Open(p.Path)
	if err != nil {
		return fault.OS(err, "cannot read %s", p.Path)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fault.OS(err, "cannot read %s", p.Path)
	}
	if !content {
		out.(*counter).n += info.Size()
		return nil
	}
	_, err = io.CopyN(to, f, info.Size())
	return err
}

// SortedParts orders parts by name, so that equal forms are equal requests.
func SortedParts(parts []Part) []Part {
	return slices.SortedFunc(slices.Values(parts), func(a, b Part) int { return strings.Compare(a.Name, b.Name) })
}
