package event

import "time"

// pauser is a sink that keeps something on the screen besides what it writes,
// and can take it away.
type pauser interface{ Pause() error }

// write is the goroutine that serves the sinks.
func (s *Stream) write() {
	defer close(s.done)
	for {
		select {
		case <-s.wake:
			s.round()
			s.rest()
		case <-s.end:
			s.round()
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
		if it.reached != nil {
			s.stopAt(it)
			continue
		}
		s.serve(func(sink Sink) error { return sink.Handle(it.entry) })
	}
	s.serve(Sink.Flush)
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

func (s *Stream) stopAt(barrier item) {
	s.serve(Sink.Flush)
	if barrier.resume == nil {
		close(barrier.reached)
		return
	}
	s.serve(func(sink Sink) error {
		if p, ok := sink.(pauser); ok {
			return p.Pause()
		}
		return nil
	})
	close(barrier.reached)
	<-barrier.resume
}

// serve calls every sink that has not failed yet.
func (s *Stream) serve(call func(Sink) error) {
	for i, sink := range s.opts.Sinks {
		if s.errs[i] == nil {
			s.errs[i] = call(sink)
		}
	}
}
