package httpclient

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gofab/internal/fault"
)

// cutting serves content of which each answer breaks off after some bytes,
// with tags and parts as real servers have them.
func cutting(t *testing.T, content func() (string, string), cut func() int) string {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, tag := content()
		w.Header().Set("ETag", tag)
		http.ServeContent(&breaking{ResponseWriter: w, left: cut()}, r, "file", time.Time{}, strings.NewReader(text))
	}))
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// breaking drops the connection after some bytes.
type breaking struct {
	http.ResponseWriter
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		_, _ = b.ResponseWriter.Write(p[:len(p)+b.left])
		b.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return b.ResponseWriter.Write(p)
}

// A download that breaks off again and again ends with the right file, with
// no more fetched than needed, and the old file is there until then.
func TestDownloadResumes(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	content := strings.Repeat("0123456789abcdef", 20000)
	url := cutting(t, func() (string, string) { return content, `"v1"` }, func() int { return 1 + r.IntN(90000) })
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	client, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	var fetched int64
	for attempt := range 100 {
		answer, _, err := client.Download(context.Background(), Request{Method: "GET", URL: url}, Download{Path: path, Mode: 0o644, SHA256: sum, Resume: true})
		fetched += answer.Last().Body
		data, _ := os.ReadFile(path)
		if err == nil {
			if string(data) != content || fetched != int64(len(content)) || attempt == 0 {
				t.Errorf("after %d attempts %d bytes, %d fetched", attempt+1, len(data), fetched)
			}
			leftovers(t, path)
			return
		}
		if string(data) != "old" || fault.KindOf(err) != fault.Lost {
			t.Fatalf("attempt %d: %q is there, %v", attempt, data, err)
		}
	}
	t.Error("it never ended")
}

func leftovers(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left over: %v, %v", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode of the old file is lost: %v, %v", info.Mode(), err)
	}
}

// A file that changed on the server between two attempts is not put together
// of both.
func TestDownloadNoticesAnotherFile(t *testing.T) {
	contents := []string{strings.Repeat("old", 30000), strings.Repeat("new", 30000)}
	attempt := 0
	url := cutting(t, func() (string, string) { return contents[attempt], fmt.Sprintf("%q", fmt.Sprint(attempt)) },
		func() int { return []int{40000, 1 << 30}[attempt] })
	client, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	d := Download{Path: filepath.Join(t.TempDir(), "file"), Mode: 0o644, Resume: true}
	if _, _, err := client.Download(context.Background(), Request{Method: "GET", URL: url}, d); err == nil {
		t.Fatal("the first attempt did not break off")
	}
	attempt = 1
	_, resumed, err := client.Download(context.Background(), Request{Method: "GET", URL: url}, d)
	if data, _ := os.ReadFile(d.Path); err != nil || string(data) != contents[1] || resumed != 0 {
		t.Errorf("%d bytes, resumed %d, %v", len(data), resumed, err)
	}
}

// A server that answers with another part than the one asked for is refused.
func TestDownloadRefusesWrongParts(t *testing.T) {
	address := rawServer(t, func(conn net.Conn) {
		if head(conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 1-4/5\r\nContent-Length: 4\r\nConnection: close\r\n\r\nello")
		}
	})
	d := Download{Path: filepath.Join(t.TempDir(), "file"), Mode: 0o644, Resume: true}
	url := "http://" + address
	if err := os.WriteFile(d.part(), []byte("hell"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.note(), fmt.Appendf(nil, `{"url":%q,"validator":"\"x\""}`, url), 0o600); err != nil {
		t.Fatal(err)
	}
	client, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, _, err = client.Download(context.Background(), Request{Method: "GET", URL: url}, d); fault.KindOf(err) != fault.Protocol {
		t.Errorf("got %v", err)
	}
}
