package expect_test

import (
	"context"
	"testing"
	"time"

	"gofab/internal/expect"
	"gofab/internal/ptyproc"
)

func spawn(t *testing.T, args ...string) *expect.Process {
	t.Helper()
	s, err := ptyproc.Start(ptyproc.Options{Args: args})
	if err != nil {
		t.Fatal(err)
	}
	p := expect.New(s, expect.Options{Name: args[0], Timeout: 10 * time.Second})
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	p := spawn(t, "sh", "-c", `printf 'login: '; read x; echo "hello $x 123"; exit 3`)
	m, err := p.Expect(ctx, []expect.Pattern{expect.Must("ogin: ")}, expect.Wait{})
	if err != nil || m.Before != "l" {
		t.Fatalf("%+v %v", m, err)
	}
	if err := p.Send(ctx, "bob\n", 0); err != nil {
		t.Fatal(err)
	}
	m, err = p.Expect(ctx, []expect.Pattern{expect.Must(`hello (\w+) (\d+)`), expect.EOF}, expect.Wait{})
	if err != nil || m.Groups[1] != "bob" || m.Groups[2] != "123" {
		t.Fatalf("%+v %v", m, err)
	}
	m, err = p.Expect(ctx, []expect.Pattern{expect.EOF}, expect.Wait{})
	if err != nil || m.Before != "\r\n" {
		t.Fatalf("%+v %v", m, err)
	}
	exit, err := p.Wait(ctx)
	if err != nil || exit.Code != 3 {
		t.Fatal(exit, err)
	}
	_, err = p.Expect(ctx, []expect.Pattern{expect.Must("x")}, expect.Wait{})
	t.Log(err)
}
