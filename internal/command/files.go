package command

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gofab/internal/fault"
	"gofab/internal/transfer"
)

// files are the files of this machine that a command reads and writes. They
// hold for all its attempts.
type files struct {
	save, stdout *os.File

	mu sync.Mutex // guards save, which both streams write
}

func (f *files) close() {
	for _, file := range []*os.File{f.save, f.stdout} {
		if file != nil {
			_ = file.Close()
		}
	}
}

func (j *job) openFiles() (err error) {
	if j.options.Dry {
		return nil
	}
	if j.files.save, err = j.create(j.options.Save); err != nil {
		return err
	}
	if j.files.stdout, err = j.create(j.options.Stdout.File); err != nil {
		j.files.close()
	}
	return err
}

func (j *job) create(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	name, err := transfer.FillNames(expandHome(name), map[string]string{"host": j.request.Host})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, fault.OS(err, "cannot make a folder for %s", name)
	}
	file, err := os.Create(name)
	if err != nil {
		return nil, fault.OS(err, "cannot write the output to %s", name)
	}
	return file, nil
}

// keep writes output to a file; what fails ends the command.
func (f *files) keep(to *os.File, p []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, err := to.Write(p); err != nil {
		return fault.OS(err, "cannot write the output to %s", to.Name())
	}
	return nil
}

// openInput opens the file of stdin = { file = ... }.
func openInput(name string) (*os.File, error) {
	file, err := os.Open(expandHome(name))
	if err != nil {
		return nil, fault.OS(err, "cannot read %s for standard input", name)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		_ = file.Close()
		return nil, fault.New(fault.Usage, "stdin: %s is a folder", name)
	}
	return file, nil
}

// sizeOf is how much there is to read, -1 when nobody knows.
func sizeOf(r io.Reader) int64 {
	if text, ok := r.(interface{ Len() int }); ok { // of strings and bytes
		return int64(text.Len())
	}
	file, ok := r.(*os.File)
	if !ok {
		return -1
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return -1
	}
	at, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1
	}
	return info.Size() - at
}

func expandHome(name string) string {
	rest, ok := strings.CutPrefix(name, "~/")
	home, err := os.UserHomeDir()
	if !ok || err != nil {
		return name
	}
	return filepath.Join(home, rest)
}
