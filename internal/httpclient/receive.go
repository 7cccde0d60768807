package httpclient

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// receive reads the final answer.
func (c *Client) receive(q Request, r *Response, answer *http.Response, record *recorder, out io.Writer) error {
	defer answer.Body.Close()
	hop := r.Last()
	r.Status, r.Reason = answer.StatusCode, strings.TrimSpace(strings.TrimPrefix(answer.Status, fmt.Sprint(answer.StatusCode)))
	r.URL, r.Version, r.Header, r.Length = hop.URL, answer.Proto, answer.Header, answer.ContentLength
	if q.OnHeader != nil {
		if err := q.OnHeader(r); err != nil {
			return err
		}
	}
	ctx := answer.Request.Context()
	wire := &wireReader{ctx: ctx, body: answer.Body, hop: hop, limit: q.Limit, started: time.Now(), total: answer.ContentLength, progress: q.OnProgress}
	err := r.copy(q, wire, answer.Header.Get("Content-Encoding"), out)
	hop.Time.End = time.Now()
	if err == nil {
		return nil
	}
	var limit *bodyLimit
	if errors.As(err, &limit) {
		return tooLarge(hop, limit.max)
	}
	var write *writeError
	if errors.As(err, &write) {
		return write.cause
	}
	return failed(hop, record.reached(), cause(ctx, err))
}

// bodyLimit is a body larger than it may be.
type bodyLimit struct{ max int64 }

func (e *bodyLimit) Error() string { return fmt.Sprintf("more than %d bytes", e.max) }

// writeError is a failure of who takes the body.
type writeError struct{ cause error }

func (e *writeError) Error() string { return e.cause.Error() }

// decodeError is a body that is not in its encoding.
type decodeError struct{ cause error }

func (e *decodeError) Error() string { return e.cause.Error() }

// copy decodes the body on its way to out.
func (r *Response) copy(q Request, wire *wireReader, encoding string, out io.Writer) error {
	body, err := decoded(wire, encoding, q.Raw)
	if err != nil {
		return err
	}
	if q.MaxBody > 0 {
		body = io.LimitReader(body, q.MaxBody+1)
	}
	buffer := make([]byte, 64<<10)
	for {
		n, err := body.Read(buffer)
		r.Decoded += int64(n)
		if q.MaxBody > 0 && r.Decoded > q.MaxBody {
			return &bodyLimit{q.MaxBody}
		}
		if n > 0 {
			if _, writeErr := out.Write(buffer[:n]); writeErr != nil {
				return &writeError{writeErr}
			}
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil && wire.err == nil:
			return &decodeError{err}
		case err != nil:
			return err
		}
	}
}

// decoded undoes a content encoding. An empty body needs no decoding, whatever
// its header says.
func decoded(wire io.Reader, encoding string, raw bool) (io.Reader, error) {
	encoding = strings.ToLower(strings.TrimSpace(encoding))
	if raw || encoding == "" || encoding == "identity" {
		return wire, nil
	}
	buffered := bufio.NewReader(wire)
	if _, err := buffered.Peek(1); err == io.EOF {
		return buffered, nil
	}
	switch encoding {
	case "gzip", "x-gzip":
		body, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, &decodeError{err}
		}
		return body, nil
	case "deflate": // zlib by the standard, bare deflate from some servers
		if head, _ := buffered.Peek(2); len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8+int(head[1]))%31 == 0 {
			body, err := zlib.NewReader(buffered)
			if err != nil {
				return nil, &decodeError{err}
			}
			return body, nil
		}
		return flate.NewReader(buffered), nil
	}
	return nil, &decodeError{fmt.Errorf("unknown content encoding %q", encoding)}
}

// wireReader counts a body as it comes, and slows it down to a limit.
type wireReader struct {
	ctx      context.Context
	body     io.Reader
	hop      *Hop
	limit    int64
	started  time.Time
	total    int64
	progress func(done, total int64) error
	err      error
}

func (w *wireReader) Read(p []byte) (int, error) {
	if w.limit > 0 {
		if int64(len(p)) > max(w.limit/10, 1) {
			p = p[:max(w.limit/10, 1)]
		}
		if err := w.wait(); err != nil {
			w.err = err
			return 0, err
		}
	}
	n, err := w.body.Read(p)
	w.hop.Body += int64(n)
	if w.progress != nil && n > 0 {
		if refused := w.progress(w.hop.Body, w.total); refused != nil {
			w.err = &writeError{refused}
			return 0, w.err
		}
	}
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}

// wait pauses until the bytes so far are within the limit.
func (w *wireReader) wait() error {
	due := w.started.Add(time.Duration(float64(w.hop.Body) / float64(w.limit) * float64(time.Second)))
	pause := time.NewTimer(time.Until(due))
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-w.ctx.Done():
		return context.Cause(w.ctx)
	}
}
