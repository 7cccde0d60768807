package ssh

import (
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/command"
	"gofab/internal/sshclient"
	"gofab/internal/sshreach"
)

// session is a connection that a script holds.
type session struct {
	call   *kit.Call // where it was opened: its context is the session's life
	reach  *sshreach.Reach
	name   string
	client *sshclient.Client
	since  time.Time
	banner banner
	close  func() error

	mu    sync.Mutex
	owned []func() // ends what was opened on it
}

// String is how a session prints.
func (s *session) String() string { return s.name }

// closer closes a session for the run.
type closer struct{ *session }

func (c closer) Close() error {
	c.mu.Lock()
	owned := c.owned
	c.owned = nil
	c.mu.Unlock()
	for _, end := range owned {
		end()
	}
	return c.client.Close()
}

// own has end called when the session closes.
func (s *session) own(end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.owned = append(s.owned, end)
}

type none struct{}

func sessionType() kit.Type {
	return kit.TypeOf[*session]("ssh_session", "A connection of your own.",
		kit.Method("run", "Run a command, with the options and the result of host:run.", runCommand).With(
			`local s = ssh.connect("web1")
local r = s:run({ "printf", "%s", "a  b" }, { env = { LANG = "C" } })
assert(r.stdout == "a  b" and r.code == 0)`),
		kit.Method("shell", "Open a login shell on a terminal and talk with it: p:expect, p:line and so on, as expect.spawn gives it (invoke_shell).", openShell).With(
			`local p = ssh.connect("web1"):shell()
p:line("echo $((6 * 7))x; exit")
p:expect("42x")
assert(p:wait().code == 0)`),
		kit.Method("spawn", "Start a program on a terminal and talk with it, as expect.spawn gives it.", spawn).With(
			`local p = ssh.connect("web1"):spawn("printf 'name: '; read n; echo hello $n")
p:expect("name: ")
p:line("ada")
p:expect("hello ada")
assert(p:wait().code == 0)`),
		kit.Method("socket", "Talk with what listens on a port or a Unix socket that the host can reach, as expect.socket does from here.", openSocket).With(
			`local web = http.serve{ routes = { ["/"] = function() return "inside" end } }
local p = ssh.connect("web1"):socket("127.0.0.1:" .. web.port)
p:send("GET / HTTP/1.0\r\n\r\n")
p:expect("200 OK")
p:expect("inside")`),
		kit.Method("sftp", "Open the host's files. Several can be open at once.", openSFTP),
		kit.Method("forward", "Forward a port or a Unix socket through the connection: from here, from the host, or as a SOCKS server.", openForward).With(
			`local web = http.serve{ routes = { ["/"] = function() return "inside" end } }
local s = ssh.connect("web1")
local f = s:forward{ to = "127.0.0.1:" .. web.port }
assert(http.get("http://" .. f.address).body == "inside")
f:close()`),
		kit.Method("info", "Tell what was agreed upon with the server, and how the login went.", info).With(
			`local i = ssh.connect("web1"):info()
assert(i.host_key_fingerprint:find("^SHA256:"))`),
		kit.Method("close", "End the connection and everything on it.", closeSession).With(
			`local s = ssh.connect("web1")
s:close()
assert(not s.open)`),
	).Fields(
		kit.Field("open", "Whether the connection works.", func(s *session) bool { return s.client.Err() == nil }),
		kit.Field("name", "Name it was opened with.", func(s *session) string { return s.name }),
	)
}

func closeSession(_ *kit.Call, s *session, _ none) (kit.None, error) { return kit.None{}, s.close() }

type runArgs struct {
	Command command.Words `lua:"command,arg1" doc:"A line for the shell, or a list of a program and its arguments, which need no quoting."`
	command.Options
}

func runCommand(c *kit.Call, s *session, a runArgs) (command.Result, error) {
	return c.Run(s.client, s.name, a.Command, a.Options)
}

type sessionInfo struct {
	Name string `lua:"name" doc:"Name the session was opened with."`
	sshclient.Info
	Banner string    `lua:"banner" doc:"What the server said before the login, unfiltered."`
	Since  time.Time `lua:"since" doc:"When it was opened, in Unix seconds."`
}

func info(_ *kit.Call, s *session, _ none) (sessionInfo, error) {
	return sessionInfo{Name: s.name, Info: s.client.Info(), Banner: s.banner.get(), Since: s.since}, nil
}
