package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gofab/internal/testenv"
)

const completedFabfile = `inventory { web = { "web1", "web2" } }
task("deploy", { doc = "Release it", args = { version = { doc = "what" } } }, function() end)
`

// Each shell completes tasks, their flags, hosts and groups with what gofab
// completion writes and nothing else installed.
func TestCompletionInShells(t *testing.T) {
	for name, shell := range map[string]struct {
		start []string
		load  string
	}{
		"bash": {[]string{"bash", "--norc", "--noprofile", "-i"}, "source <(gofab completion bash)"},
		"zsh":  {[]string{"zsh", "-f", "-i"}, "autoload -U compinit; compinit -u; source <(gofab completion zsh)"},
		"fish": {[]string{"fish", "--no-config", "-i"}, "gofab completion fish | source"},
	} {
		t.Run(name, func(t *testing.T) {
			program := testenv.Require(t, shell.start[0])
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "fabfile.lua"), []byte(completedFabfile), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(program, shell.start[1:]...)
			cmd.Env = []string{"PATH=" + gofabFolder(t) + ":" + os.Getenv("PATH")}
			s := sitDown(t, dir, cmd)
			s.types(shell.load + "; echo rea''dy\r")
			s.sees("ready\n")
			s.types("gofab dep\t")
			s.sees("gofab deploy ")
			s.types("--ver\t")
			s.sees("gofab deploy --version")
			s.types("\x15gofab exec -H @w\t")
			s.sees("gofab exec -H @web")
			s.types("\x15gofab exec --exclude web\t\t")
			s.sees("web1")
			s.sees("web2")
			s.types("\x15exit\r")
			s.leaves()
		})
	}
}

// gofabFolder is a folder with nothing but gofab.
func gofabFolder(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, "gofab")); err != nil {
		t.Fatal(err)
	}
	return dir
}
