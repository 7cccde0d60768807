package expect

import (
	"net"
	"os"
	"strconv"
	"time"

	"gofab/bindings/kit"
	engine "gofab/internal/expect"
	"gofab/internal/fault"
	"gofab/internal/serial"
	"gofab/internal/telnet"
)

func connections() []kit.Func {
	return []kit.Func{
		kit.Fn("ssh", "Log in to a host on a connection of its own and give a shell at its prompt, as expect.repl does. "+
			"Host keys and logins are those of ssh, with the user's ssh_config.", overSSH).With(
			`local s = expect.ssh("web1")
assert(s:run("x=42; echo $x").output == "42\n")
s:close()`),
		kit.Fn("socket", "Talk with what listens on a TCP port, or on a Unix socket when the address is a path.", socket),
		kit.Fn("telnet", "Talk with a telnet server: options are negotiated, and a line ends with CR LF.", dialTelnet),
		kit.Fn("serial", "Talk with what is on a serial line, such as the console of a switch.", openSerial),
		kit.Fn("fd", "Talk through a file descriptor that this process was given.", descriptor),
	}
}

type socketArgs struct {
	Server string `lua:"server,arg1" doc:"Host and port, such as mail:25, or the path of a Unix socket."`
	held
	Connect time.Duration `lua:"connect_timeout" default:"10s" doc:"Limit for the connection."`
}

func socket(c *kit.Call, a socketArgs) (*engine.Process, error) {
	conn, err := dial(c, a.Server, "", a.Connect)
	if err != nil {
		return nil, err
	}
	return begin(c, conn, a.Server, "", a.held)
}

func dialTelnet(c *kit.Call, a socketArgs) (*engine.Process, error) {
	conn, err := dial(c, a.Server, "23", a.Connect)
	if err != nil {
		return nil, err
	}
	return begin(c, telnet.New(conn, "dumb", 50, 240), "telnet "+a.Server, "", a.held)
}

func dial(c *kit.Call, server, port string, timeout time.Duration) (net.Conn, error) {
	network := "tcp"
	if len(server) > 0 && (server[0] == '/' || server[0] == '.') {
		network = "unix"
	} else if _, _, err := net.SplitHostPort(server); err != nil {
		if port == "" {
			return nil, fault.New(fault.Usage, "server: want host:port or the path of a socket, got %q", server)
		}
		server = net.JoinHostPort(server, port)
	}
	conn, err := (&net.Dialer{Timeout: timeout}).DialContext(c.Context, network, server)
	if err != nil {
		return nil, fault.Wrap(fault.Unreachable, err, "cannot connect to %s", server)
	}
	return conn, nil
}

type serialArgs struct {
	Path string `lua:"path,arg1" doc:"Device, such as /dev/ttyUSB0."`
	held
	Baud   int    `lua:"baud" default:"9600" doc:"Speed."`
	Bits   int    `lua:"bits" default:"8" doc:"Bits of a character, 5 to 8."`
	Parity string `lua:"parity" default:"none" enum:"none|even|odd" doc:"Parity bit."`
	Stop   int    `lua:"stop" default:"1" doc:"Stop bits, 1 or 2."`
	Flow   string `lua:"flow" default:"none" enum:"none|hardware|software" doc:"Flow control."`
}

func openSerial(c *kit.Call, a serialArgs) (*engine.Process, error) {
	line, err := serial.Open(a.Path, serial.Options{
		Baud: a.Baud, Bits: a.Bits, Parity: a.Parity, Stop: a.Stop, Flow: a.Flow,
	})
	if err != nil {
		return nil, err
	}
	return begin(c, line, a.Path, "", a.held)
}

type fdArgs struct {
	Number int `lua:"number,arg1" doc:"Number of the descriptor; it is closed with the dialogue."`
	held
}

func descriptor(c *kit.Call, a fdArgs) (*engine.Process, error) {
	if a.Number < 3 {
		return nil, fault.New(fault.Usage, "descriptor %d belongs to gofab itself", a.Number)
	}
	file, err := serial.Descriptor(a.Number)
	if err != nil {
		return nil, err
	}
	return begin(c, file, "descriptor "+strconv.Itoa(a.Number), "", a.held)
}

var _ engine.Stream = (*os.File)(nil)
