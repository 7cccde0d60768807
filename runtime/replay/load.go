package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"

	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/runtime/event"
)

// maxLine bounds a line of a record: the largest are files and outputs.
const maxLine = 8 * most

// Is tells whether a file is the record of a run, by its beginning.
func Is(path string) bool {
	is := errors.New("a record")
	return errors.Is(walk(path, func([]byte) error { return is }), is)
}

// lineOf is what is looked at first of a line.
type lineOf struct {
	Event string `json:"event"`
}

// walk gives the lines of a record one by one. A last line that is torn is left
// out: the run may have been killed.
func walk(path string, use func(line []byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fault.OS(err, "cannot read the record %s", path)
	}
	defer file.Close()
	in, err := unzipped(file)
	if err != nil {
		return fault.OS(err, "cannot read the record %s", path)
	}
	for number := 1; ; number++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			if number == 1 {
				return fault.New(fault.Parse, "%s is not the record of a run", path)
			}
			return nil
		}
		if err != nil {
			return fault.OS(err, "cannot read the record %s, line %d", path, number)
		}
		var of lineOf
		if json.Unmarshal(line, &of) != nil || of.Event == "" {
			return fault.New(fault.Parse, "%s, line %d: not a line of a record", path, number).
				WithHint("gofab --record FILE writes one")
		}
		if err := use(line); err != nil {
			return err
		}
	}
}

func unzipped(file *os.File) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(file, 64<<10)
	if magic, _ := in.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	zip, err := gzip.NewReader(in)
	if err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(zip, 64<<10), nil
}

// readLine reads a line without its end.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, fault.New(fault.Parse, "the line is longer than any that is written")
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return bytes.TrimSuffix(line, []byte{'\n'}), err
		}
	}
}

// FromRecord makes a double of a record. What the regular expressions in loose
// match may differ between the commands of the record and those that are run:
// times, random names. Secrets are stars in a record, so they always match.
func FromRecord(path string, secrets *secret.Redactor, loose []string) (*Double, error) {
	d := &Double{what: "the record " + path, strict: true, clean: secrets.Redact, hosts: map[string]*cast{}}
	for _, text := range loose {
		may, err := regexp.Compile(text)
		if err != nil {
			return nil, fault.New(fault.Usage, "%q: %v", text, err)
		}
		d.loose = append(d.loose, may)
	}
	err := walk(path, d.add)
	return d, err
}

// add takes one line of a record.
func (d *Double) add(line []byte) error {
	var of lineOf
	if err := json.Unmarshal(line, &of); err != nil {
		return fault.From(err)
	}
	switch of.Event {
	case nameExec:
		return decodeLine(line, func(e Exec) {
			c, a, key := d.play(e.Host), &answer{Exec: e}, d.key(e.Command, e.Options)
			c.answers, c.byKey[key] = append(c.answers, a), append(c.byKey[key], a)
		})
	case nameFile:
		return decodeLine(line, func(f File) { d.play(f.Host).files.note(f) })
	case nameDial:
		return decodeLine(line, func(l Dial) {
			c := d.play(l.Host)
			c.dials = append(c.dials, l.Error)
		})
	case event.RunStart{}.Name():
		return decodeLine(line, func(e event.RunStart) {
			for _, host := range e.Hosts {
				d.play(host)
			}
		})
	}
	return nil
}

func decodeLine[T any](line []byte, use func(T)) error {
	var value T
	if err := json.Unmarshal(line, &value); err != nil {
		return fault.Wrap(fault.Parse, err, "not a line of a record")
	}
	use(value)
	return nil
}

// play gives a host of the record, making it at first.
func (d *Double) play(host string) *cast {
	c := d.hosts[host]
	if c == nil {
		c = &cast{byKey: map[string][]*answer{}, files: newFiles(host, true)}
		d.hosts[host] = c
	}
	return c
}
