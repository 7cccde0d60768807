package sshconfig

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gofab/internal/fault"
)

// resolve reads one configuration text.
func resolve(t *testing.T, name, text string, change func(*Options)) (*Settings, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	o := Options{Files: []string{path}, Home: "/home/me", LocalUser: "me", Getenv: func(string) string { return "" }}
	if change != nil {
		change(&o)
	}
	return Resolve(t.Context(), name, o)
}

func mustResolve(t *testing.T, name, text string, change func(*Options)) *Settings {
	t.Helper()
	s, err := resolve(t, name, text, change)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOverridesLikeSSH(t *testing.T) {
	o := newOracle(t)
	path := o.write(t, "config", "User filed\nPort 5\nIdentityFile /filed\nSendEnv A\nHost web*\n ProxyJump gw\n")
	for _, overrides := range [][][2]string{
		{{"User", "bob"}, {"user", "alice"}},
		{{"Port", "2222"}, {"HostName", "real.example"}},
		{{"IdentityFile", "/k1"}, {"IdentityFile", "/k2"}, {"IdentityFile", "/filed"}},
		{{"ProxyJump", "none"}},
		{{"ProxyCommand", "nc %h %p"}},
		{{"SendEnv", "B C"}, {"SetEnv", "X=1 Y=2"}},
		{{"Ciphers", "+3des-cbc"}},
		{{"UserKnownHostsFile", "/a /b"}},
		{{"Nonsense", "1"}},
		{{"Host", "x"}},
		{{"Match", "all"}},
		{{"Include", "/x"}},
		{{"Port", "22 23"}},
		{{"CanonicalizeHostname", "maybe"}},
	} {
		for _, name := range []string{"web1", "bob@web1", "ssh://carol@db:99"} {
			if diff := o.compare(path, name, overrides); diff != "" {
				t.Errorf("%s with %v:\n%s", name, overrides, diff)
			}
		}
	}
}

func TestOverrideIsTakenAsItIs(t *testing.T) {
	s := mustResolve(t, "web1", "", func(o *Options) {
		o.Overrides = [][2]string{{"IdentityFile", `/my keys/#1 "x"`}, {"HostKeyAlias", "a"}}
	})
	if got := s.IdentityFiles(); len(got) != 1 || got[0] != `/my keys/#1 "x"` {
		t.Errorf("identity files %q", got)
	}
}

// TestHomeLikeSSH reads ~/.ssh/config and what it includes by relative names.
func TestHomeLikeSSH(t *testing.T) {
	o := newOracle(t)
	home := t.TempDir()
	t.Setenv("HOME", home)
	o.home = home
	for name, text := range map[string]string{
		".ssh/config.d/10-a.conf": "Host web*\n User fromA\nMatch all\n Port 10\n",
		".ssh/config.d/20-b.conf": "Port 20\nHost db\n User fromB\n",
		".ssh/config.d/.hidden":   "Nonsense\n",
		".ssh/config.d/note":      "Nonsense\n",
		".ssh/deep/x/one":         "IdentityFile /one\n",
		".ssh/deep/y/one":         "IdentityFile /two\n",
		".ssh/deep/y/two":         "Nonsense\n",
	} {
		path := filepath.Join(home, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for i, text := range []string{
		"Include config.d/*.conf\nUser last\n",
		"Include config.d/[!x]*.conf config.d/none*\n",
		"Include ~/.ssh/config.d/20-b.conf\nCompression yes\n",
		"Host db\n Include config.d/*\nHost *\n Port 9\n",
		"Host nobody\n Include config.d/*.conf\n User nobody\n",
		"Match host web1\n Include config.d/10*\n Compression yes\n",
		"Include deep/*/o?e\n",
		"Include config.d\n",
		"Include *\n",
		"Include \"\"\n",
		"Include\n",
		"Include deep/y/two\n",
		"Include " + home + "/.ssh/config.d/1?-a.conf\n",
	} {
		path := o.write(t, "home.conf", text)
		for _, name := range []string{"web1", "db"} {
			if diff := o.compare(path, name, nil); diff != "" {
				t.Errorf("case %d, name %s:\n%s--- file\n%s", i, name, diff, text)
			}
		}
	}
}

func TestSystemFilesLikeSSH(t *testing.T) {
	if diff := newOracle(t).compare("", "web1", nil); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultFiles(t *testing.T) {
	home := t.TempDir()
	o := Options{Home: home, LocalUser: "me"}
	if s, err := Resolve(t.Context(), "web1", o); err != nil || s.User() != "me" {
		t.Fatalf("without a file: %v, %v", s, err)
	}
	path := filepath.Join(home, ".ssh", "config")
	if err := errors.Join(os.Mkdir(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("User bob"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if s, err := Resolve(t.Context(), "web1", o); err != nil || s.User() != "bob" {
		t.Fatalf("with a file: %v, %v", s, err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(t.Context(), "web1", o); fault.KindOf(err) != fault.Denied {
		t.Errorf("a file that others can write: %v", err)
	}
	o.Files = []string{}
	if s, err := Resolve(t.Context(), "web1", o); err != nil || s.IsSet("user") {
		t.Errorf("no files: %v, %v", s, err)
	}
	o.Files = []string{filepath.Join(home, "nothing")}
	if _, err := Resolve(t.Context(), "web1", o); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a named file that is missing: %v", err)
	}
}

func TestEndlessInclude(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte("Include "+path), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Resolve(t.Context(), "x", Options{Files: []string{path}})
	if fault.KindOf(err) != fault.Parse || !strings.Contains(err.Error(), "16") {
		t.Errorf("got %v", err)
	}
}

func TestHostileNames(t *testing.T) {
	ran := false
	for _, name := range []string{
		"", "-oProxyCommand=x", "a;b", "a b", "$(x)", "`x`", "a|b", "a&b", "a\nb", "a'b", `a"b`, `a\b`, "a<b", "a>b",
		"a(b", "{a,b}", "a\x7f", "-x@web1", "x;y@web1", "ssh://-x", "ssh://", "@", "bob@",
	} {
		_, err := resolve(t, name, "Match exec \"echo %h %r\"\n", func(o *Options) {
			o.Exec = func(context.Context, string) (bool, error) { ran = true; return true, nil }
		})
		if kind := fault.KindOf(err); kind != fault.Usage && kind != fault.Parse {
			t.Errorf("name %q: %v", name, err)
		}
	}
	for key, value := range map[string]string{
		"HostName": "a;b", "User": "-l", "ProxyJump": "-oX", "HostKeyAlias": "$(x)", "Tag": "",
	} {
		_, err := resolve(t, "web1", "Match exec \"echo %h %r %j\"\n", func(o *Options) {
			o.Overrides = [][2]string{{key, value}}
			o.Exec = func(_ context.Context, command string) (bool, error) {
				ran = ran || strings.ContainsAny(command, ";$")
				return true, nil
			}
		})
		if err == nil {
			t.Errorf("%s %q is accepted", key, value)
		}
	}
	for _, show := range []bool{false, true} { // in a file it is refused when it is used
		_, err := resolve(t, "web1", "ProxyJump a;b\nMatch exec \"echo %j\"\n", func(o *Options) {
			o.Show = show
			o.Exec = func(_ context.Context, command string) (bool, error) {
				ran = ran || strings.Contains(command, ";")
				return true, nil
			}
		})
		if (err == nil) != show {
			t.Error(err)
		}
	}
	if ran {
		t.Error("a command was run with a hostile name")
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	_, err := resolve(t, "web1", "User bob\n\nPrt 22\n", nil)
	if err == nil || !strings.Contains(err.Error(), "config:3: prt: no such keyword") {
		t.Fatalf("got %v", err)
	}
	if hint := fault.From(err).Hint; hint != "did you mean port?" {
		t.Errorf("hint %q", hint)
	}
	_, err = resolve(t, "web1", "Host *\n  UserKnownHostsFile %q\n", nil)
	if err == nil || !strings.Contains(err.Error(), "config:2: userknownhostsfile: unknown token %q") {
		t.Errorf("got %v", err)
	}
}

// TestUseIsStricterThanShow: what ssh -G shows and cannot be used is an error
// for the host that it holds for, and for no other.
func TestUseIsStricterThanShow(t *testing.T) {
	if _, err := resolve(t, "web1", "ProxyJump \"gw\"\n", nil); err == nil || !strings.Contains(fault.From(err).Hint, "without quotes") {
		t.Errorf("got %v", err)
	}
	for line, want := range map[string]string{
		`ProxyJump a;b`:             "config:2: proxyjump: jump host",
		`ProxyJump x|y@a`:           "config:2: proxyjump: jump user",
		`IdentityFile ${NOTHING}/x`: "config:2: identityfile: environment variable NOTHING is not set",
		`CertificateFile %x`:        "config:2: certificatefile: unknown token %x",
		`ProxyCommand connect %`:    "config:2: proxycommand:",
	} {
		config := "Host web1\n  " + line + "\nHost *\n  Port 1\n"
		if _, err := resolve(t, "web1", config, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", line, err)
		}
		if s := mustResolve(t, "web2", config, nil); s.Get("port") != "1" {
			t.Errorf("%s: web2 has port %s", line, s.Get("port"))
		}
	}
}

func TestNewerKeywords(t *testing.T) {
	s := mustResolve(t, "web1", `Tag blue
Match tagged blue,green
  User tagged
Match tagged red
  Port 1
Match localnetwork 127.0.0.0/8
  Port 2
Match version OpenSSH_1*
  Compression yes
Match command ""
  BatchMode yes
Match sessiontype exec
  SendEnv EXEC
Match localnetwork 192.0.2.0/24
  Port 3
Match all
  ChannelTimeout session=5m
  ObscureKeystrokeTiming interval:20
  UseKeychain yes
`, nil)
	got := []string{s.User(), s.Get("port"), s.Get("compression"), s.Get("batchmode"), s.All("sendenv")[0]}
	if want := []string{"tagged", "2", "yes", "yes", "EXEC"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := resolve(t, "web1", "Host web*\nRefuseConnection closed for the night\n", nil); err == nil {
		t.Error("three words of RefuseConnection are accepted")
	}
	_, err := resolve(t, "web1", "Host web*\nRefuseConnection \"closed for the night\"\n", nil)
	if fault.KindOf(err) != fault.Denied || !strings.Contains(err.Error(), "closed for the night") {
		t.Errorf("got %v", err)
	}
	if _, err := resolve(t, "web1", "Match localnetwork 10.0.0.1/8\n", nil); err == nil {
		t.Error("a network with host bits is accepted")
	}
}

func TestExecObeysItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	started := filepath.Join(t.TempDir(), "started")
	path := filepath.Join(t.TempDir(), "config")
	text := "Match exec \"echo > " + started + "; sleep 1000 & sleep 1000\"\n"
	if err := errors.Join(syscall.Mkfifo(started, 0o600), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := Resolve(ctx, "x", Options{Files: []string{path}})
		done <- err
	}()
	if _, err := os.ReadFile(started); err != nil { // waits for the command
		t.Error(err)
	}
	cancel()
	if err := <-done; fault.KindOf(err) != fault.Cancelled {
		t.Errorf("got %v", err)
	}
}

func TestExecWithoutShell(t *testing.T) {
	_, err := resolve(t, "x", "Match exec true\n", func(o *Options) {
		o.Getenv = func(name string) string { return map[string]string{"SHELL": "/no/such/shell"}[name] }
	})
	if err == nil {
		t.Error("a shell that does not exist ran a command")
	}
}
