package http

import (
	"errors"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/httpclient"
)

type downloadArgs struct {
	URL    string `lua:"url,arg1" doc:"URL of the file."`
	Path   string `lua:"path,arg2" doc:"Where it goes."`
	SHA256 string `lua:"sha256" default:"" doc:"SHA-256 of the file in hex; with another content nothing changes on disk."`
	Resume bool   `lua:"resume" default:"false" doc:"Go on where an earlier attempt ended, if the file on the server is still the same, and keep what came until a failure."`

	Progress kit.Callback `lua:"progress" default:"" doc:"function(done, total): called now and then with bytes; total is -1 when the server does not say."`
	question
	connection
}

type downloaded struct {
	Path     string        `lua:"path" doc:"Where the file is."`
	Bytes    int64         `lua:"bytes" doc:"Bytes that were fetched."`
	Resumed  int64         `lua:"resumed" doc:"Bytes that were there already."`
	Status   int           `lua:"status" doc:"Status of the answer."`
	URL      string        `lua:"url" doc:"URL that answered."`
	Duration time.Duration `lua:"duration" doc:"Seconds it took."`
}

// progressPace is how often a script is told of the progress.
const progressPace = 100 * time.Millisecond

func download(c *kit.Call, a downloadArgs) (downloaded, error) {
	client, err := a.client(c)
	if err != nil {
		return downloaded{}, err
	}
	defer func() { _ = client.Close() }()
	q, err := a.request(c, "GET", a.URL)
	if err != nil {
		return downloaded{}, err
	}
	q.MaxBody = 0
	ctx, end := limited(c, a.Timeout)
	defer end()
	q.OnProgress = a.progress(c)
	r, resumed, err := client.Download(ctx, q, httpclient.Download{Path: c.Path(a.Path), Mode: 0o644, SHA256: a.SHA256, Resume: a.Resume})
	var status *httpclient.StatusError
	switch {
	case errors.As(err, &status):
		return downloaded{}, newResponse(status.Response, nil).failure()
	case err != nil:
		return downloaded{}, err
	}
	return downloaded{a.Path, r.Last().Body, resumed, r.Status, r.URL, r.Finished.Sub(r.Started)}, nil
}

// progress tells the script; an error there ends the download.
func (a downloadArgs) progress(c *kit.Call) func(done, total int64) error {
	if a.Progress.IsZero() {
		return nil
	}
	var last time.Time
	return func(done, total int64) error {
		now := c.World.Now()
		if now.Sub(last) < progressPace && done != total {
			return nil
		}
		last = now
		_, err := a.Progress.Call(c.Context, done, total)
		return err
	}
}
