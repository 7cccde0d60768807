package httpclient

import (
	"bufio"
	"net"
	"sync"
	"testing"
)

// rawServer answers connections with whatever bytes a test wants.
func rawServer(t testing.TB, serve func(conn net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, listener, serve)
	return listener.Addr().String()
}

// serveOn serves connections until the test ends, and waits for them.
func serveOn(t testing.TB, listener net.Listener, serve func(conn net.Conn)) {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[conn] = true
			mu.Unlock()
			wg.Go(func() {
				defer conn.Close()
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for conn := range open {
			conn.Close()
		}
		mu.Unlock()
		wg.Wait()
	})
}

// head reads a request up to its empty line.
func head(conn net.Conn) bool {
	reader := bufio.NewReader(conn)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return false
		}
		if line == "\r\n" {
			return true
		}
	}
}

// answering gives each request the same bytes and closes.
func answering(text string) func(net.Conn) {
	return func(conn net.Conn) {
		if head(conn) {
			_, _ = conn.Write([]byte(text))
		}
	}
}
