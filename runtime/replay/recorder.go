package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/runtime/event"
)

// most bounds the bytes of one stream of a command and of one file that are
// recorded.
const most = 8 << 20

// Recorder writes the record of a run. It is a sink of events; the ways to
// hosts are wrapped by Dial.
type Recorder struct {
	secrets *secret.Redactor
	path    string

	mu     sync.Mutex
	events *event.JSONL
	buffer bytes.Buffer // of events
	out    *bufio.Writer
	zip    *gzip.Writer // nil for a plain file
	file   *os.File
	failed error
}

// Create makes the file of a record; one whose name ends in .gz is compressed.
// What is in it may be nobody else's business, so nobody else can read it.
func Create(path string, secrets *secret.Redactor) (*Recorder, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fault.OS(err, "cannot write the record %s", path)
	}
	r := &Recorder{secrets: secrets, path: path, file: file, out: bufio.NewWriterSize(file, 64<<10)}
	if strings.HasSuffix(path, ".gz") {
		r.zip = gzip.NewWriter(file)
		r.out.Reset(r.zip)
	}
	r.events = event.NewJSONL(&r.buffer)
	return r, nil
}

// Handle writes one event.
func (r *Recorder) Handle(e event.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buffer.Reset()
	err := r.events.Handle(e)
	if err == nil {
		err = r.events.Flush()
	}
	if err != nil || r.file == nil {
		return err
	}
	_, err = r.out.Write(r.buffer.Bytes())
	return r.told(err)
}

// Flush brings what there is into the file.
func (r *Recorder) Flush() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return nil
	}
	err := r.out.Flush()
	if err == nil && r.zip != nil {
		err = r.zip.Flush()
	}
	return r.told(err)
}

// Finish completes the file; what comes later is not recorded.
func (r *Recorder) Finish() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.file == nil {
		return r.told(nil)
	}
	err := r.out.Flush()
	if r.zip != nil {
		err = errors.Join(err, r.zip.Close())
	}
	err = errors.Join(err, r.file.Close())
	r.file = nil
	return r.told(err)
}

// told words the first error; it is told of at the end of the run as well.
func (r *Recorder) told(err error) error {
	if r.failed == nil && err != nil {
		r.failed = fault.OS(err, "cannot write the record %s", r.path)
	}
	return r.failed
}

// write adds a line that is no event.
func (r *Recorder) write(line any) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(line)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.file != nil {
		_, err = r.out.Write(text.Bytes())
	}
	_ = r.told(err)
}

// clean takes the secrets out of a text.
func (r *Recorder) clean(text string) string { return r.secrets.Redact(text) }

func (r *Recorder) cleanProblem(err error) *Problem {
	p := problemOf(err)
	if p != nil {
		p.Message, p.Hint = r.clean(p.Message), r.clean(p.Hint)
	}
	return p
}

// cleanOptions takes the secrets out of options.
func (r *Recorder) cleanOptions(options map[string]any) map[string]any {
	text, err := json.Marshal(options)
	if err != nil || len(options) == 0 {
		return nil
	}
	shown := r.clean(string(text))
	if shown == string(text) {
		return options
	}
	var clean map[string]any
	_ = json.Unmarshal([]byte(shown), &clean)
	return clean
}

// tape takes the output of one command, in the order in which it comes.
type tape struct {
	mu     sync.Mutex
	pieces []Piece
	size   map[string]int
	cut    bool
}

// stream gives a writer for one of the two streams that passes all on.
func (t *tape) stream(name string, on io.Writer, secrets *secret.Redactor) (w io.Writer, flush func()) {
	filter := secrets.Writer(&tapeStream{t, name})
	tee := writerFunc(func(p []byte) (int, error) {
		_, _ = filter.Write(p)
		if on == nil {
			return len(p), nil
		}
		return on.Write(p)
	})
	return tee, func() { _ = filter.Flush() }
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// tapeStream is one stream of a tape.
type tapeStream struct {
	tape *tape
	name string
}

func (s *tapeStream) Write(p []byte) (int, error) {
	t := s.tape
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(len(p), most-t.size[s.name])
	t.cut = t.cut || n < len(p)
	t.size[s.name] += n
	if last := len(t.pieces) - 1; last >= 0 && t.pieces[last].Stream == s.name {
		t.pieces[last].Text = append(t.pieces[last].Text, p[:n]...)
	} else if n > 0 {
		t.pieces = append(t.pieces, Piece{s.name, bytes.Clone(p[:n])})
	}
	return len(p), nil
}

// heard gives what was said without the marks of sudo and the like, and the
// process number that was among them.
func (t *tape) heard() (list []Piece, pid string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.pieces {
		var told string
		if p.Text, told = unmarked(p.Text); told != "" {
			pid = told
		}
		if len(p.Text) > 0 {
			list = append(list, p)
		}
	}
	return list, pid
}
