package ssh_test

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"gofab/internal/testenv"
)

// The same work through paramiko, in one Python process that takes the time
// itself, so that its start does not count.
const paramikoBench = `
import sys, time, paramiko
what, n, port, user, key, path = sys.argv[1:]
def connect():
    c = paramiko.SSHClient()
    c.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    c.connect("127.0.0.1", int(port), user, pkey=paramiko.Ed25519Key.from_private_key_file(key), allow_agent=False, look_for_keys=False)
    return c
began = time.time()
if what == "login":
    for i in range(int(n)):
        c = connect()
        c.exec_command("true")[1].channel.recv_exit_status()
        c.close()
elif what == "command":
    c = connect()
    began = time.time()
    for i in range(int(n)): c.exec_command("true")[1].channel.recv_exit_status()
elif what == "lines":
    f = connect().open_sftp()
    began = time.time()
    for i in range(int(n)):
        assert sum(1 for line in f.open(path)) == 200000
else:
    f = connect().open_sftp()
    began = time.time()
    for i in range(int(n)):
        out = f.open(path, "w")
        for j in range(5000): out.write("a line of a log\n")
        out.close()
print(time.time() - began)
`

func BenchmarkAgainstParamiko(b *testing.B) {
	s, globals := lab(b)
	big := write(b, b.TempDir(), "big", strings.Repeat("a line of a log, of a usual length or so\n", 200_000))
	for _, bench := range []struct{ name, before, work string }{
		{"login", "", `local s = ssh.connect(name, { config = config }) s:run("true", { hide = true }) s:close()`},
		{"command", `local s = ssh.connect(name, { config = config })`, `s:run("true", { hide = true })`},
		{"lines", `local f = ssh.connect(name, { config = config }):sftp()`,
			`local n = 0 for _ in f:open(path):lines() do n = n + 1 end assert(n == 200000)`},
		{"writes", `local f = ssh.connect(name, { config = config }):sftp()`,
			`local out = f:open(path, "w") for _ = 1, 5000 do out:write("a line of a log\n") end out:close()`},
	} {
		path := big
		if bench.name == "writes" {
			path += ".out"
		}
		globals["path"] = path
		b.Run(bench.name+"/gofab", func(b *testing.B) {
			globals["n"] = b.N
			must(b, globals, bench.before+" for i = 1, n do "+bench.work+" end")
		})
		b.Run(bench.name+"/paramiko", func(b *testing.B) {
			python := testenv.Python(b, "paramiko")
			out, err := exec.Command(python, "-c", paramikoBench, bench.name, strconv.Itoa(b.N), fmt.Sprint(s.Port), s.User, s.ClientKey, path).Output()
			check(b, err)
			seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			check(b, err)
			b.ReportMetric(seconds/float64(b.N)*1e9, "ns/op")
		})
	}
}
