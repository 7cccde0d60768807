// Package journal keeps what a run of tasks has done, so that a run that did
// not end well can go on where it stopped.
//
// Rules: a line is on disk before what it tells of begins, and again when that
// has ended, so that a crash or a power cut loses the line being written and
// nothing else; what was started and has no end is unknown, and nobody is told
// that it was done or that it was not. A journal holds no output and no secret.
// It appears with all that it takes over from the run that it resumes, or not
// at all.
package journal

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"gofab/internal/fault"
)

// Name is the file of a journal in the folder of its run.
const Name = "journal.jsonl"

// incomplete is what a journal is called once a line could not be written: a
// resume must not take it for the truth.
const incomplete = "journal.incomplete"

// Journal is the journal of the run that is under way. One without a file
// forgets everything.
type Journal struct {
	path   string
	broken func(error) // told once when lines can no longer be written

	mu      sync.Mutex // guards what follows
	file    *os.File   // nil: forget
	written int        // lines

	syncing sync.Mutex
	synced  int // lines
}

// create makes the journal of a new run with its first lines. broken is told
// when the journal cannot be kept up.
func create(dir string, first []any, broken func(error)) (*Journal, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fault.OS(err, "cannot make the journal %s", dir)
	}
	j := &Journal{path: filepath.Join(dir, Name), broken: broken}
	if err := j.begin(first); err != nil {
		_ = os.Remove(j.path + ".new")
		_ = os.Remove(dir)
		return nil, fault.OS(err, "cannot write the journal %s", j.path)
	}
	return j, nil
}

// begin writes the first lines beside the place of the journal, and moves them
// there once they are on disk.
func (j *Journal) begin(first []any) error {
	file, err := os.OpenFile(j.path+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	j.file = file
	err = errors.Join(lock(file), j.write(first...), file.Sync())
	if err == nil {
		err = os.Rename(j.path+".new", j.path)
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	return syncDir(filepath.Dir(j.path))
}

// syncDir brings the name of a new file to disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // some file systems cannot
	return d.Close()
}

// Kept tells whether there is a file.
func (j *Journal) Kept() bool { return j.path != "" }

// note writes lines and returns when they are on disk. Whoever comes while
// another one waits for the disk is served by the same sync.
func (j *Journal) note(lines ...any) {
	j.mu.Lock()
	if j.file == nil {
		j.mu.Unlock()
		return
	}
	err := j.write(lines...)
	mine := j.written
	j.mu.Unlock()
	if err == nil {
		err = j.sync(mine)
	}
	if err != nil {
		j.fail(err)
	}
}

func (j *Journal) write(lines ...any) error {
	var text []byte
	for _, line := range lines {
		encoded, err := json.Marshal(line)
		if err != nil {
			return err
		}
		text = append(append(text, encoded...), '\n')
	}
	j.written += len(lines)
	_, err := j.file.Write(text)
	return err
}

func (j *Journal) sync(mine int) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= mine {
		return nil
	}
	j.mu.Lock()
	all, file := j.written, j.file
	j.mu.Unlock()
	if file == nil {
		return nil
	}
	if err := file.Sync(); err != nil {
		return err
	}
	j.synced = all
	return nil
}

// fail gives the journal up: the run goes on, but cannot be resumed.
func (j *Journal) fail(err error) {
	j.mu.Lock()
	file := j.file
	j.file = nil
	j.mu.Unlock()
	if file == nil {
		return
	}
	_ = os.Rename(j.path, filepath.Join(filepath.Dir(j.path), incomplete))
	_ = file.Close()
	j.broken(fault.OS(err, "cannot write the journal %s", j.path))
}

// Close ends the journal.
func (j *Journal) Close() error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}
