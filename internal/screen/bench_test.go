package screen

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gofab/internal/testenv"
)

// peers show a file on a screen of theirs for each line they read.
var peers = []struct{ name, module, program string }{
	{"pyte", "pyte", `
import sys, pyte
data = open(sys.argv[1], encoding="utf-8").read()
for line in sys.stdin:
    stream = pyte.Stream(pyte.Screen(80, 24)); stream.feed(data)
    print("done", flush=True)`},
	{"pexpect", "pexpect", `
import sys, warnings; warnings.simplefilter("ignore")
from pexpect import ANSI
data = open(sys.argv[1], encoding="utf-8").read()
for line in sys.stdin:
    ANSI.ANSI(24, 80).write(data)
    print("done", flush=True)`},
}

// BenchmarkScreen shows a session of an editor's kind: text, colours, moves,
// scrolling.
func BenchmarkScreen(b *testing.B) {
	var story []byte
	for seed := range int64(200) {
		story = append(story, newStory(seed, 80, 24, 200)...)
	}
	b.Run("gofab", func(b *testing.B) {
		b.SetBytes(int64(len(story)))
		for b.Loop() {
			_, _ = New(80, 24, 1000).Write(story)
		}
	})
	file := filepath.Join(b.TempDir(), "story")
	if err := os.WriteFile(file, story, 0o600); err != nil {
		b.Fatal(err)
	}
	for _, peer := range peers {
		b.Run(peer.name, func(b *testing.B) {
			b.SetBytes(int64(len(story)))
			show := startPeer(b, testenv.Python(b, peer.module), "-c", peer.program, file)
			for b.Loop() {
				show()
			}
		})
	}
}

// BenchmarkPlainText shows a log scrolling by.
func BenchmarkPlainText(b *testing.B) {
	var log []byte
	for i := range 10000 {
		log = fmt.Appendf(log, "Nov 23 04:05:06 web1 app[%d]: GET /index.html 200 in %d ms\r\n", i, i%97)
	}
	b.SetBytes(int64(len(log)))
	for b.Loop() {
		_, _ = New(80, 24, 1000).Write(log)
	}
}

func startPeer(b *testing.B, program string, args ...string) (show func()) {
	cmd := exec.Command(program, args...)
	cmd.Dir = b.TempDir() // pexpect writes a log into its working folder
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	out := bufio.NewReader(pipe)
	return func() {
		_, _ = io.WriteString(in, "go\n")
		if _, err := out.ReadString('\n'); err != nil {
			b.Fatal(err)
		}
	}
}
