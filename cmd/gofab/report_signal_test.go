package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gofab/runtime/report"
	"gofab/runtime/world"
)

// TestInterruptedRunHasItsReports: all of them are written, whole, and tell
// which hosts were at work.
func TestInterruptedRunHasItsReports(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{"json": "r.json", "junit": "r.xml", "html": "r.html", "jsonl": "r.jsonl"}
	args := []string{"exec", "--sandbox=3", "-f", "2"}
	for format, file := range files {
		args = append(args, "-o", format+"="+file)
	}
	cmd, stderr := startGofab(t, dir, append(args, "--", "touch "+dir+"/$(basename $HOME).began; sleep 600")...)
	await(t, "two hosts", func() bool {
		began, _ := filepath.Glob(dir + "/*.began")
		return len(began) == 2
	})
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != world.ExitInterrupted {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	texts := map[string]string{}
	for format, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		texts[format] = string(text)
	}
	var r report.Report
	if err := json.Unmarshal([]byte(texts["json"]), &r); err != nil {
		t.Fatal(err)
	}
	if r.Summary.Hosts != 3 || r.Summary.States["cancelled"] != 3 || len(r.Commands) != 2 {
		t.Errorf("%+v, %d commands", r.Summary, len(r.Commands))
	}
	for format, end := range map[string]string{"junit": "</testsuites>\n", "html": "</html>\n", "jsonl": "}\n"} {
		if !strings.HasSuffix(texts[format], end) {
			t.Errorf("%s ends with %q", format, texts[format][max(0, len(texts[format])-100):])
		}
	}
	if left, _ := filepath.Glob(dir + "/.*gofab-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
