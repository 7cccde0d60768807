package testenv

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"testing"
)

// Oracle is another program that answers questions: one JSON value a line in,
// one a line out. It is how thousands of cases go through an original without
// starting it each time.
type Oracle struct {
	t   testing.TB
	in  *json.Encoder
	out *bufio.Reader
}

// Ask starts such a program. It ends with the test.
func Ask(t testing.TB, program string, args ...string) *Oracle {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	return &Oracle{t: t, in: json.NewEncoder(in), out: bufio.NewReader(out)}
}

// Ask puts one question and reads the answer.
func (o *Oracle) Ask(question, answer any) {
	o.t.Helper()
	if err := o.in.Encode(question); err != nil {
		o.t.Fatal(err)
	}
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		o.t.Fatalf("no answer: %v", err)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		o.t.Fatalf("%v in the answer %s", err, line)
	}
}
