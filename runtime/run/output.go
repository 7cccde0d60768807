package run

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"

	"gofab/internal/atomicfile"
	"gofab/internal/fault"
	"gofab/runtime/event"
	"gofab/runtime/extend"
	"gofab/runtime/report"
)

// OutputOptions say what a run shows besides its format for standard output.
type OutputOptions struct {
	Formats []Format // what -o can name; Formats() when nil
	Files   []File   // more renderers, each with a file of its own
	Beside  bool     // text goes to standard error while a format has standard output
	Colour  string   // auto, always, never; "" is auto

	Fold     bool               // equal answers of several hosts are shown once
	Diff     bool               // and the others by how they differ from the most common one
	NoPrefix bool               // no names in front of what hosts say
	Summary  event.SummaryStyle // how the run ends; "" is auto
	Timing   bool               // tell where the time went
	Dir      string             // a folder that gets files of each host's output
}

// File is a format and the file it goes to.
type File struct{ Format, Path string }

// outputs puts the sinks of a run together. What is wrong with a file is told
// before anything runs.
type outputs struct {
	formats   []Format
	text      event.TextOptions
	collector *report.Collector // nil until somebody wants a report
	sinks     []event.Sink
	shown     event.Sink     // what has standard output
	late      []*extend.Late // wait for renderers of the script
}

// collect gives the one collector that all reports share. It comes first, so
// that it knows of an event before the others show it.
func (o *outputs) collect(detail report.Detail) *report.Collector {
	if o.collector == nil {
		o.collector = report.NewCollector(detail)
		o.sinks = append([]event.Sink{o.collector}, o.sinks...)
	}
	o.collector.Want(detail)
	return o.collector
}

// terminal adds the text for people.
func (o *outputs) terminal(timing bool) {
	detail := report.Fates
	if timing {
		detail = report.Commands
	}
	collector := o.collect(detail)
	text := o.text
	text.Table = func() []event.Row { return collector.Report().Table() }
	if timing {
		text.Timing = func() []string { return collector.Report().Timing(slowest) }
	}
	o.show(event.NewText(text))
}

// show adds the sink that has standard output.
func (o *outputs) show(sink event.Sink) {
	o.shown = sink
	o.sinks = append(o.sinks, sink)
}

// instead goes on with the messages where standard output ended early: failures
// and the summary are not lost when a disk is full.
func (o *outputs) instead(messages io.Writer) func(event.Sink, error) event.Sink {
	return func(failed event.Sink, _ error) event.Sink {
		if failed != o.shown {
			return nil // a file: what has standard output tells of it
		}
		text := o.text
		text.Out, text.Err, text.Status = io.Discard, messages, false
		return event.NewText(text)
	}
}

// slowest is how many of the slowest tasks, hosts and commands are listed.
const slowest = 5

// folder adds files of each host's output.
func (o *outputs) folder(dir string) error {
	d, err := event.NewOutDir(dir)
	if err != nil {
		return err
	}
	o.sinks = append(o.sinks, d)
	return nil
}

// standard adds the format that has standard output.
func (o *outputs) standard(name string, out io.Writer) error {
	f, err := o.find(name)
	if err != nil {
		return err
	}
	if f.Document == nil {
		o.show(f.Live(out, o.text))
		return nil
	}
	o.document(f, func(content func(io.Writer) error) error {
		w := bufio.NewWriter(out)
		if err := content(w); err != nil {
			return err
		}
		return w.Flush()
	})
	o.shown = o.sinks[len(o.sinks)-1]
	return nil
}

// document adds a format that is written at the end; put brings it to its
// place.
func (o *outputs) document(f Format, put func(content func(io.Writer) error) error) {
	o.sinks = append(o.sinks, o.collect(report.Outputs).Document(func(r *report.Report) error {
		return put(func(w io.Writer) error { return f.Document(w, r) })
	}))
}

// file adds a renderer with a file of its own.
func (o *outputs) file(to File) error {
	f, err := o.find(to.Format)
	if err != nil {
		return err
	}
	if f.Document == nil {
		return o.liveFile(f, to)
	}
	if err := writable(to.Path); err != nil {
		return unwritable(err, to)
	}
	path, err := filepath.Abs(to.Path) // the script may change the folder
	if err != nil {
		return unwritable(err, to)
	}
	o.document(f, func(content func(io.Writer) error) error {
		if err := atomicfile.WriteFrom(path, 0o644, content); err != nil {
			return unwritable(err, to)
		}
		return nil
	})
	return nil
}

// liveFile adds a renderer whose file grows with the run.
func (o *outputs) liveFile(f Format, to File) error {
	w, err := os.Create(to.Path)
	if err != nil {
		return unwritable(err, to)
	}
	text := o.text
	text.Colour, text.Status, text.Raw = false, false, false
	o.sinks = append(o.sinks, &fileSink{Sink: f.Live(w, text), file: w, to: to})
	return nil
}

// fileSink is a renderer that has a file for itself.
type fileSink struct {
	event.Sink
	file *os.File // nil when it is complete
	to   File
}

func (s *fileSink) Handle(e event.Entry) error {
	if s.file == nil {
		return nil
	}
	return s.told(s.Sink.Handle(e))
}

func (s *fileSink) Flush() error {
	if s.file == nil {
		return nil
	}
	return s.told(s.Sink.Flush())
}

// Finish completes the file.
func (s *fileSink) Finish() error {
	var err error
	if f, ok := s.Sink.(event.Finisher); ok {
		err = f.Finish()
	}
	err = errors.Join(err, s.file.Close())
	s.file = nil
	return s.told(err)
}

func (s *fileSink) told(err error) error {
	if err == nil {
		return nil
	}
	return unwritable(err, s.to)
}

// writable finds out whether a file can be written, and leaves no trace.
func writable(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fault.New(fault.Exists, "it is a folder")
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".gofab-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func unwritable(err error, to File) error {
	return fault.OS(err, "-o %s=%s: cannot write there", to.Format, to.Path)
}
