package run_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gofab/bindings"
	"gofab/runtime/event"
	"gofab/runtime/report"
	"gofab/runtime/run"
	"gofab/runtime/world"
	"gofab/stdlib"
)

// shown runs a piece of Lua and gives what went to the two standard streams.
func shown(t *testing.T, o run.Options, source string) (stdout, stderr string, err error) {
	t.Helper()
	w := world.Process()
	var out, errs bytes.Buffer
	w.In, w.Out, w.Err = strings.NewReader(""), &out, &errs
	o.World, o.Modules, o.Stdlib, o.Forks = w, bindings.Modules(), stdlib.Files, 4
	r, err := run.Open(context.Background(), o)
	if err != nil {
		return "", "", err
	}
	if err = r.Evaluate(source, "test.lua", nil); err != nil {
		r.Problem(err)
	}
	err = r.Finish()
	r.Close()
	return out.String(), errs.String(), err
}

// count is a format that counts events live.
type count struct {
	w io.Writer
	n map[string]int
}

func (c *count) Handle(e event.Entry) error { c.n[e.Event.Name()]++; return nil }
func (c *count) Flush() error               { return nil }
func (c *count) Finish() error {
	_, err := fmt.Fprintf(c.w, "%d printed, %d warned\n", c.n["print"], c.n["log"])
	return err
}

// A run takes formats that gofab does not bring, live ones and documents, on
// standard output and in files.
func TestOwnFormats(t *testing.T) {
	dir := t.TempDir()
	formats := append(run.Formats(),
		run.Format{Name: "count", Live: func(w io.Writer, _ event.TextOptions) event.Sink { return &count{w, map[string]int{}} }},
		run.Format{Name: "first", Document: func(w io.Writer, r *report.Report) error {
			_, err := fmt.Fprintf(w, "first: %s\n", r.Messages[0].Text)
			return err
		}})
	o := run.Options{Format: "count", Output: run.OutputOptions{Formats: formats, Beside: true, Files: []run.File{
		{Format: "count", Path: filepath.Join(dir, "count")}, {Format: "first", Path: filepath.Join(dir, "first")},
	}}}
	out, errs, err := shown(t, o, `print("one") print("two") log.warn("three")`)
	if err != nil || out != "2 printed, 1 warned\n" || errs != "one\ntwo\nwarning: three\n" {
		t.Errorf("%v\n%s\n%s", err, out, errs)
	}
	for name, want := range map[string]string{"count": out, "first": "first: one\n"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(text) != want {
			t.Errorf("%s: %v %q", name, err, text)
		}
	}
}

// What cannot be shown is told before anything runs, and nothing is left of
// the try.
func TestOutputsThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	for want, o := range map[string]run.OutputOptions{
		"-o jsno: no such format":      {Files: []run.File{{Format: "jsno", Path: filepath.Join(dir, "x")}}},
		"no such file or directory":    {Files: []run.File{{Format: "html", Path: filepath.Join(dir, "no", "x")}}},
		"it is a folder":               {Files: []run.File{{Format: "json", Path: dir}}},
		"is a directory":               {Files: []run.File{{Format: "jsonl", Path: dir}}},
		"cannot make the folder /dev/": {Dir: "/dev/null/x"},
	} {
		_, _, err := shown(t, run.Options{Output: o}, `error("it runs")`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// A format that fails at the end is an error of the run; the others are
// complete all the same.
func TestOneFormatFails(t *testing.T) {
	broken := run.Format{Name: "broken", Document: func(io.Writer, *report.Report) error { return fmt.Errorf("out of ink") }}
	path := filepath.Join(t.TempDir(), "run.json")
	o := run.Options{Format: "broken", Output: run.OutputOptions{
		Formats: append(run.Formats(), broken), Beside: true, Files: []run.File{{Format: "json", Path: path}},
	}}
	_, errs, err := shown(t, o, `print("x")`)
	if err == nil || !strings.Contains(err.Error(), "out of ink") || errs != "x\n" {
		t.Errorf("%v %q", err, errs)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.HasSuffix(string(text), "}\n") {
		t.Errorf("%v %s", err, text)
	}
}
