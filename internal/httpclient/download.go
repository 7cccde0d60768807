package httpclient

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"gofab/internal/fault"
)

// Download is a body that goes to a file. It arrives under a name of its own
// beside the target and takes its place when it is whole.
type Download struct {
	Path   string
	Mode   fs.FileMode // of a new file
	SHA256 string      // in hex; another content is an error
	// Resume goes on with what an earlier attempt left, if the server still has
	// the same file, and leaves for a later one what came until a failure.
	Resume bool
}

// partial is what is known of a file that is not whole yet.
type partial struct {
	URL       string `json:"url"`
	Validator string `json:"validator"` // strong ETag or Last-Modified
}

func (d Download) part() string { return d.Path + ".part" }
func (d Download) note() string { return d.Path + ".part.json" }

// Download gets a file. resumed is how many bytes of it were there already.
func (c *Client) Download(ctx context.Context, q Request, d Download) (r *Response, resumed int64, err error) {
	if q.Header == nil {
		q.Header = http.Header{}
	}
	q.Header.Set("Accept-Encoding", "identity") // a part of an encoded body is of no use
	q.Raw = true
	file, err := os.OpenFile(d.part(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, 0, fault.OS(err, "cannot write %s", d.part())
	}
	resumed, err = d.prepare(file, &q)
	if err == nil {
		r, resumed, err = c.fetch(ctx, q, d, file, resumed)
	}
	if err == nil {
		err = d.finish(file)
	}
	if closing := file.Close(); err == nil && closing != nil {
		err = fault.OS(closing, "cannot write %s", d.Path)
	}
	if err == nil {
		if err = os.Rename(d.part(), d.Path); err != nil {
			err = fault.OS(err, "cannot write %s", d.Path)
		}
	}
	if err == nil || !d.Resume || errors.Is(err, errChecksum) {
		_ = os.Remove(d.note())
		_ = os.Remove(d.part())
	}
	return r, resumed, err
}

// prepare asks for the rest of a part when there is one that can be continued.
func (d Download) prepare(file *os.File, q *Request) (have int64, err error) {
	var p partial
	data, readErr := os.ReadFile(d.note())
	info, statErr := file.Stat()
	usable := d.Resume && readErr == nil && statErr == nil && json.Unmarshal(data, &p) == nil && p.URL == q.URL && p.Validator != ""
	if usable && info.Size() > 0 {
		q.Header.Set("Range", fmt.Sprintf("bytes=%d-", info.Size()))
		q.Header.Set("If-Range", p.Validator)
		return info.Size(), nil
	}
	if err := file.Truncate(0); err != nil {
		return 0, fault.OS(err, "cannot write %s", d.part())
	}
	return 0, nil
}

// fetch writes the body behind what is there, or from the start when the
// server sends all of it.
func (c *Client) fetch(ctx context.Context, q Request, d Download, file *os.File, have int64) (*Response, int64, error) {
	asked := q.OnHeader
	q.OnHeader = func(r *Response) error {
		switch {
		case r.Status == http.StatusPartialContent && have > 0:
			if !strings.HasPrefix(r.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)) {
				return fault.New(fault.Protocol, "%s sent another part than the one asked for", r.URL)
			}
		case r.Status >= 300:
			return &StatusError{r}
		default:
			have = 0
			if err := file.Truncate(0); err != nil {
				return fault.OS(err, "cannot write %s", d.part())
			}
		}
		if _, err := file.Seek(have, io.SeekStart); err != nil {
			return fault.OS(err, "cannot write %s", d.part())
		}
		d.remember(q.URL, r)
		if asked != nil {
			return asked(r)
		}
		return nil
	}
	r, err := c.Do(ctx, q, file)
	var status *StatusError
	if errors.As(err, &status) && r.Status == http.StatusRequestedRangeNotSatisfiable && have > 0 {
		_ = os.Remove(d.note()) // the file on the server is not longer than ours: begin again
		if err := file.Truncate(0); err != nil {
			return r, 0, fault.OS(err, "cannot write %s", d.part())
		}
		q.Header.Del("Range")
		q.Header.Del("If-Range")
		q.OnHeader = asked
		return c.fetch(ctx, q, d, file, 0)
	}
	return r, have, err
}

// StatusError is an answer that holds no file.
type StatusError struct{ Response *Response }

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answered %d %s", e.Response.URL, e.Response.Status, e.Response.Reason)
}

// remember notes how to recognise the file on the server. A weak tag does not
// promise the same bytes.
func (d Download) remember(url string, r *Response) {
	validator := r.Header.Get("ETag")
	if validator == "" || strings.HasPrefix(validator, "W/") {
		validator = r.Header.Get("Last-Modified")
	}
	if !d.Resume || validator == "" {
		return
	}
	if data, err := json.Marshal(partial{url, validator}); err == nil {
		_ = os.WriteFile(d.note(), data, 0o600) // without it the next attempt begins anew
	}
}

var errChecksum = errors.New("checksum")

// finish checks the whole file and brings it to disk.
func (d Download) finish(file *os.File) error {
	if d.SHA256 != "" {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return fault.OS(err, "cannot read %s", d.part())
		}
		h := sha256.New()
		if _, err := io.Copy(h, file); err != nil {
			return fault.OS(err, "cannot read %s", d.part())
		}
		if got := hex.EncodeToString(h.Sum(nil)); !strings.EqualFold(got, d.SHA256) {
			return fault.Wrap(fault.Failed, errChecksum, "the file has the SHA-256 %s, not %s", got, d.SHA256).
				WithHint("%s is as it was", d.Path)
		}
	}
	mode := d.Mode
	if info, err := os.Stat(d.Path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := file.Chmod(mode); err != nil {
		return fault.OS(err, "cannot write %s", d.Path)
	}
	if err := file.Sync(); err != nil {
		return fault.OS(err, "cannot write %s", d.Path)
	}
	return nil
}
