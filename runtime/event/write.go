package event

import (
	"slices"
	"time"
)

// pauser is a sink that keeps something on the screen besides what it writes,
// and can take it away.
type pauser interface{ Pause() error }

func pause(sink Sink) error {
	if p, ok := sink.(pauser); ok {
		return p.Pause()
	}
	return nil
}

// write is the goroutine that serves the sinks.
func (s *Stream) write() {
	defer close(s.done)
	var tick <-chan time.Time
	if s.opts.Tick > 0 {
		ticker := time.NewTicker(s.opts.Tick)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-s.wake:
			s.round()
			s.rest()
		case <-tick:
			s.serve(Sink.Flush)
		case <-s.end:
			s.round()
			s.finish()
			return
		}
	}
}

// rest keeps the pace, unless somebody waits.
func (s *Stream) rest() {
	if s.opts.Pace == 0 {
		return
	}
	timer := time.NewTimer(s.opts.Pace)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.hurry:
	case <-s.end:
	}
}

// round hands everything that waits to the sinks.
func (s *Stream) round() {
	for _, it := range s.take() {
		if it.do != nil {
			it.do()
			continue
		}
		s.serve(func(sink Sink) error { return sink.Handle(it.entry) })
	}
	s.serve(Sink.Flush)
}

// finish brings the sinks to their end, once.
func (s *Stream) finish() {
	if s.ended {
		return
	}
	s.ended = true
	s.serve(Sink.Flush)
	s.serve(func(sink Sink) error {
		if f, ok := sink.(Finisher); ok {
			return f.Finish()
		}
		return nil
	})
}

func (s *Stream) take() []item {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.queue
	s.queue, s.size = nil, 0
	if !s.closed {
		close(s.space)
		s.space = make(chan struct{})
	}
	return batch
}

// serve calls every sink that has not failed yet.
func (s *Stream) serve(call func(Sink) error) {
	for i, sink := range s.opts.Sinks {
		if s.errs[i] != nil {
			continue
		}
		if s.errs[i] = call(sink); s.errs[i] != nil {
			s.replace(sink, s.errs[i])
		}
	}
}

// replace puts a sink behind the others for one that has failed. It gets the
// events from here on.
func (s *Stream) replace(failed Sink, err error) {
	if s.opts.Instead == nil {
		return
	}
	if sink := s.opts.Instead(failed, err); sink != nil {
		s.opts.Sinks = append(slices.Clone(s.opts.Sinks), sink)
		s.errs = append(s.errs, sink.Flush())
	}
}
