package ssh_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

func portOf(address string) int {
	port, _ := strconv.Atoi(address[strings.LastIndexByte(address, ':')+1:])
	return port
}

// ssh.resolve against ssh -G, over configurations made at random.
func TestResolveAsSSH(t *testing.T) {
	const seed = 7
	r := rand.New(rand.NewPCG(seed, 0))
	lines := []string{
		"User alice", "Port 2222", "HostName %h.example", "IdentityFile ~/.ssh/one", "IdentityFile /k/%h", "ProxyJump bastion", "SendEnv LC_* X",
		"SetEnv A=b", "LocalForward 8080 db:80", "RemoteForward 9 localhost:9", "DynamicForward 1080", "Compression yes", "CertificateFile /c/x",
		"ConnectTimeout 7", "StrictHostKeyChecking accept-new", "ForwardAgent yes", "Ciphers aes256-ctr", "LogLevel QUIET",
	}
	for n := range 40 {
		dir := t.TempDir()
		var text strings.Builder
		for range r.IntN(4) {
			fmt.Fprintf(&text, "Host %s\n", []string{"web1", "web*", "* !web1", "db"}[r.IntN(4)])
			for range r.IntN(6) {
				text.WriteString("  " + lines[r.IntN(len(lines))] + "\n")
			}
		}
		config := write(t, dir, "config", text.String())
		name := []string{"web1", "bob@web2", "db"}[r.IntN(3)]
		out := filepath.Join(dir, "out.json")
		must(t, map[string]any{"config": config, "name": name, "out": out},
			`fs.write(out, json.encode(ssh.resolve(name, { config = config })))`)
		content, err := os.ReadFile(out)
		check(t, err)
		var got map[string]any
		check(t, json.Unmarshal(content, &got))
		delete(got, "kexalgorithms")
		printed, err := exec.Command(testenv.Require(t, "ssh"), "-G", "-F", config, name).Output()
		check(t, err)
		if want := asTable(printed); !reflect.DeepEqual(got, want) {
			for key := range want {
				if !reflect.DeepEqual(got[key], want[key]) {
					t.Errorf("%s: gofab %v, ssh %v", key, got[key], want[key])
				}
			}
			t.Errorf("seed %d, case %d: %d and %d keywords for %s\n%s", seed, n, len(got), len(want), name, text.String())
		}
	}
}

// asTable reads what ssh -G prints.
func asTable(text []byte) map[string]any {
	table := map[string]any{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch key = strings.ToLower(key); key {
		case "kexalgorithms": // the default of OpenSSH 10 here, of the installed one there
		case "identityfile", "certificatefile", "sendenv", "setenv", "localforward", "remoteforward", "dynamicforward":
			list, _ := table[key].([]any)
			table[key] = append(list, value)
		default:
			table[key] = value
		}
	}
	return table
}
