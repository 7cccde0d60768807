package event

import (
	"fmt"
	"hash/fnv"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gofab/internal/fault"
)

// OutDir writes the output of every host into files of its own: web1.out for
// standard output, and web1.err where there is standard error. The bytes are
// those of the host; hidden commands leave none. The files are not kept open: a
// run may have more hosts than a process may have files.
type OutDir struct {
	dir     string
	pending map[string][]byte // by file name
	size    int
	made    map[string]bool
	now     time.Time
	written time.Time
}

// maxPending bounds the output that waits to be written, in bytes.
const maxPending = 8 << 20

// NewOutDir makes the folder.
func NewOutDir(dir string) (*OutDir, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fault.OS(err, "cannot make the folder %s", dir)
	}
	full, err := filepath.Abs(dir) // the script may change the folder
	if err != nil {
		return nil, fault.OS(err, "cannot find the folder %s", dir)
	}
	return &OutDir{dir: full, pending: map[string][]byte{}, made: map[string]bool{}}, nil
}

// Handle keeps the output of a host for its file.
func (d *OutDir) Handle(entry Entry) error {
	d.now = entry.Time
	switch e := entry.Event.(type) {
	case CommandStart:
		if !e.Hidden && !e.Dry {
			d.add(fileOf(e.Host, ".out"), "") // that a host said nothing is worth a file
		}
	case Output:
		if e.Hidden {
			return nil
		}
		end := ".out"
		if e.Stream == Stderr {
			end = ".err"
		}
		d.add(fileOf(e.Host, end), e.Line)
		if !e.Partial {
			d.add(fileOf(e.Host, end), "\n")
		}
	case GroupResult:
		return d.result(e)
	}
	if d.size > maxPending {
		return d.Finish()
	}
	return nil
}

// Flush writes what waits, not more often than once a second.
func (d *OutDir) Flush() error {
	if d.now.Sub(d.written) < time.Second {
		return nil
	}
	d.written = d.now
	return d.Finish()
}

// Finish writes all that waits.
func (d *OutDir) Finish() error {
	for name, text := range d.pending {
		if err := d.write(name, text); err != nil {
			return fault.OS(err, "cannot write %s", filepath.Join(d.dir, name))
		}
	}
	clear(d.pending)
	d.size = 0
	return nil
}

// result takes the outputs of a group whose lines were not told one by one.
func (d *OutDir) result(e GroupResult) error {
	if e.Hidden {
		return nil
	}
	for _, group := range e.Groups {
		for _, host := range group.Hosts {
			if name := fileOf(host, ".out"); group.Output != "" {
				d.add(name, group.Output+"\n")
			}
		}
	}
	return nil
}

func (d *OutDir) add(name, text string) {
	d.pending[name] = append(d.pending[name], text...)
	d.size += len(text)
}

// write adds to a file, which the first time replaces one of an earlier run.
func (d *OutDir) write(name string, text []byte) error {
	how := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if !d.made[name] {
		how = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
		d.made[name] = true
	}
	f, err := os.OpenFile(filepath.Join(d.dir, name), how, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// longestName is what file systems take, with room for the ending.
const longestName = 200

// fileOf is the name of a host's file: nothing in it leads out of the folder.
func fileOf(host, end string) string {
	if host == "" {
		host = thisMachine
	}
	name := url.PathEscape(host)
	if host[0] == '.' {
		name = "%2E" + name[1:]
	}
	if len(name) > longestName {
		sum := fnv.New64a()
		_, _ = sum.Write([]byte(host))
		name = fmt.Sprintf("%s-%016x", name[:longestName-17], sum.Sum64())
	}
	return name + end
}
