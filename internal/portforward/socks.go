package portforward

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strconv"
	"time"

	"gofab/internal/fault"
)

// greetLimit bounds how long a SOCKS client may take to say what it wants.
const greetLimit = 30 * time.Second

// socks reads where a connection wants to go: SOCKS 4 and 4a (Ying-Da Lee's
// memos) and 5 (RFC 1928). It takes CONNECT only, and asks for no password, as
// ssh -D does. Nothing is read beyond the greeting.
func socks(d dial) reach {
	return func(ctx context.Context, conn net.Conn) (net.Conn, error) {
		_ = conn.SetDeadline(time.Now().Add(greetLimit))
		version, err := readByte(conn)
		if err != nil {
			return nil, badGreeting(err)
		}
		var address string
		answer := answer5
		switch version {
		case 4:
			answer = answer4
			address, err = greet4(conn)
		case 5:
			address, err = greet5(conn)
		default:
			return nil, fault.New(fault.Protocol, "a SOCKS client said version %d", version)
		}
		if err != nil {
			return nil, badGreeting(err)
		}
		ctx, cancel := context.WithTimeout(ctx, dialLimit)
		defer cancel()
		target, err := d(ctx, address)
		_ = conn.SetDeadline(time.Now().Add(greetLimit))
		if answerErr := answer(conn, err); err == nil && answerErr != nil {
			_ = target.Close()
			return nil, badGreeting(answerErr)
		}
		_ = conn.SetDeadline(time.Time{})
		return target, err
	}
}

func badGreeting(err error) error {
	return fault.Wrap(fault.Protocol, err, "a SOCKS client did not say what it wants")
}

// greet5 reads the greeting of SOCKS 5 after its version.
func greet5(conn net.Conn) (string, error) {
	methods, err := readBlock(conn)
	if err != nil {
		return "", err
	}
	chosen := byte(0xff)
	for _, m := range methods {
		if m == 0 {
			chosen = 0
		}
	}
	if _, err := conn.Write([]byte{5, chosen}); err != nil {
		return "", err
	}
	if chosen != 0 {
		return "", fault.New(fault.Protocol, "it wants a password")
	}
	head := make([]byte, 4) // version, command, reserved, type of address
	if _, err := io.ReadFull(conn, head); err != nil {
		return "", err
	}
	if head[0] != 5 || head[1] != 1 {
		_, _ = conn.Write([]byte{5, 7, 0, 1, 0, 0, 0, 0, 0, 0}) // command not supported
		return "", fault.New(fault.Unsupported, "command %d of SOCKS", head[1])
	}
	host, err := readHost5(conn, head[3])
	if err != nil {
		return "", err
	}
	return readPort(conn, host)
}

func readHost5(conn net.Conn, kind byte) (string, error) {
	sizes := map[byte]int{1: 4, 4: 16}
	if kind == 3 {
		name, err := readBlock(conn)
		return string(name), err
	}
	raw := make([]byte, sizes[kind])
	if len(raw) == 0 {
		_, _ = conn.Write([]byte{5, 8, 0, 1, 0, 0, 0, 0, 0, 0}) // type of address not supported
		return "", fault.New(fault.Protocol, "type %d of address", kind)
	}
	if _, err := io.ReadFull(conn, raw); err != nil {
		return "", err
	}
	ip, _ := netip.AddrFromSlice(raw)
	return ip.String(), nil
}

// greet4 reads the greeting of SOCKS 4 after its version. An address 0.0.0.x
// means that a name follows (4a).
func greet4(conn net.Conn) (string, error) {
	head := make([]byte, 7) // command, port, address
	if _, err := io.ReadFull(conn, head); err != nil {
		return "", err
	}
	if _, err := readText(conn); err != nil { // who it says it is
		return "", err
	}
	host := net.IP(head[3:7]).String()
	if head[3] == 0 && head[4] == 0 && head[5] == 0 && head[6] != 0 {
		name, err := readText(conn)
		if err != nil {
			return "", err
		}
		host = name
	}
	if head[0] != 1 {
		_ = answer4(conn, net.ErrClosed)
		return "", fault.New(fault.Unsupported, "command %d of SOCKS", head[0])
	}
	return net.JoinHostPort(host, strconv.Itoa(int(head[1])<<8|int(head[2]))), nil
}

func answer4(conn net.Conn, err error) error {
	code := byte(90)
	if err != nil {
		code = 91
	}
	_, writeErr := conn.Write([]byte{0, code, 0, 0, 0, 0, 0, 0})
	return writeErr
}

func answer5(conn net.Conn, err error) error {
	code := byte(0)
	switch fault.KindOf(err) {
	case "":
	case fault.Denied:
		code = 2 // not allowed
	case fault.Unreachable:
		code = 5 // refused
	default:
		code = 1 // general failure
	}
	_, writeErr := conn.Write([]byte{5, code, 0, 1, 0, 0, 0, 0, 0, 0})
	return writeErr
}

func readPort(conn net.Conn, host string) (string, error) {
	port := make([]byte, 2)
	if _, err := io.ReadFull(conn, port); err != nil {
		return "", err
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port[0])<<8|int(port[1]))), nil
}

func readByte(conn net.Conn) (byte, error) {
	one := make([]byte, 1)
	_, err := io.ReadFull(conn, one)
	return one[0], err
}

// readBlock reads a length and as many bytes.
func readBlock(conn net.Conn) ([]byte, error) {
	n, err := readByte(conn)
	if err != nil {
		return nil, err
	}
	block := make([]byte, n)
	_, err = io.ReadFull(conn, block)
	return block, err
}

// readText reads up to a zero byte.
func readText(conn net.Conn) (string, error) {
	var text []byte
	for len(text) < 256 {
		b, err := readByte(conn)
		if err != nil {
			return "", err
		}
		if b == 0 {
			return string(text), nil
		}
		text = append(text, b)
	}
	return "", fault.New(fault.Protocol, "a name that does not end")
}
