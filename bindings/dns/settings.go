package dns

import (
	"os"
	"sync"
	"time"

	"gofab/bindings/kit"
	"gofab/internal/dnsclient"
	"gofab/internal/fault"
	"gofab/internal/secret"
)

// settings are how servers are asked.
type settings struct {
	Server     string         `lua:"server" default:"" doc:"Name server; those of the system when empty."`
	Servers    []string       `lua:"servers" default:"" doc:"Several name servers, asked in this order."`
	Port       int            `lua:"port" default:"0" doc:"Port of servers that are given without one."`
	Timeout    time.Duration  `lua:"timeout" default:"10s" doc:"Limit for the whole question, all servers and retries included."`
	Attempt    *time.Duration `lua:"attempt_timeout" doc:"Limit for one try of one server; else what the system says, or 5s."`
	Retries    *int           `lua:"retries" doc:"How often silent servers are asked again; else what the system says, or once."`
	Rotate     *bool          `lua:"rotate" doc:"Begin with any of the servers, not always with the first."`
	TCP        *bool          `lua:"tcp" doc:"Ask by TCP at once."`
	Recurse    bool           `lua:"recurse" default:"true" doc:"Ask the server to find the answer, not only to tell what it has."`
	EDNS       int            `lua:"edns" default:"1232" doc:"Size of answers that is offered for UDP; 0 leaves EDNS out."`
	DNSSEC     bool           `lua:"dnssec" default:"false" doc:"Ask for signatures too."`
	Unchecked  bool           `lua:"unchecked" default:"false" doc:"Ask the server not to validate (CD)."`
	MixCase    bool           `lua:"mix_case" default:"false" doc:"Write names in random case, which forged answers do not have."`
	Source     string         `lua:"source" default:"" doc:"Local address to ask from."`
	Key        *tsigKey       `lua:"key" doc:"Key that signs the question (TSIG)."`
	Verify     bool           `lua:"verify" default:"true" doc:"Check certificates of tls:// and https:// servers."`
	CAFile     string         `lua:"ca_file" default:"" doc:"File of certificates to trust instead of the system's."`
	ServerName string         `lua:"server_name" default:"" doc:"Name that the certificate must have; else that of the server."`
	ResolvConf string         `lua:"resolv_conf" default:"/etc/resolv.conf" doc:"The system's settings, as resolv.conf(5)."`
}

// tsigKey is a shared secret.
type tsigKey struct {
	Name      string       `lua:"name" doc:"Name of the key, as the server knows it."`
	Algorithm string       `lua:"algorithm" default:"hmac-sha256" enum:"hmac-sha256|hmac-sha512|hmac-sha384|hmac-sha224|hmac-sha1|hmac-md5" doc:"How it signs."`
	Secret    secret.Value `lua:"secret" doc:"The secret, in base64."`
}

func (k *tsigKey) engine() (*dnsclient.Key, error) {
	if k == nil {
		return nil, nil
	}
	return dnsclient.NewKey(k.Name, k.Algorithm, k.Secret.Reveal())
}

type poolKey struct{}

// pool gives the run's sockets.
func pool(c *kit.Call) *dnsclient.Pool {
	return kit.SharedValue(c.Shared, poolKey{}, dnsclient.NewPool)
}

// systems are the settings of the system, read again after a while: a run of
// hours sees that they change, and ten thousand questions do not read them
// each.
type systems struct {
	mu    sync.Mutex
	known map[string]system
}

type system struct {
	dnsclient.System
	read time.Time
}

type systemsKey struct{}

const systemAge = 2 * time.Second

func systemOf(c *kit.Call, path string) dnsclient.System {
	all := kit.SharedValue(c.Shared, systemsKey{}, func() *systems { return &systems{known: map[string]system{}} })
	all.mu.Lock()
	defer all.mu.Unlock()
	if s, ok := all.known[path]; ok && time.Since(s.read) < systemAge {
		return s.System
	}
	hostname, _ := os.Hostname()
	s := system{dnsclient.ReadSystem(path, c.World.Getenv, hostname), time.Now()}
	all.known[path] = s
	return s.System
}

// open makes a resolver of the settings, and of the system's where they are
// silent.
func (s *settings) open(c *kit.Call) (*dnsclient.Resolver, error) {
	o, err := s.options(c)
	if err != nil {
		return nil, err
	}
	return dnsclient.NewResolver(pool(c), o)
}

func (s *settings) options(c *kit.Call) (dnsclient.Options, error) {
	system := systemOf(c, c.Path(s.ResolvConf))
	o := dnsclient.Options{
		Search: system.Search, Ndots: system.Ndots, Timeout: s.Timeout, Attempt: system.Timeout, Retries: system.Attempts - 1,
		Rotate: system.Rotate, TCP: system.TCP, NoRD: !s.Recurse, EDNS: s.EDNS, DNSSEC: s.DNSSEC, CheckOff: s.Unchecked, AD: true,
		MixCase: s.MixCase, Source: s.Source,
		Security: dnsclient.Security{NoVerify: !s.Verify, CAFile: c.Path(s.CAFile), ServerName: s.ServerName},
	}
	replace(&o.Attempt, s.Attempt)
	replace(&o.Retries, s.Retries)
	replace(&o.Rotate, s.Rotate)
	replace(&o.TCP, s.TCP)
	switch {
	case s.Timeout <= 0:
		return o, fault.New(fault.Usage, "timeout: there must be one")
	case o.Retries < 0 || o.Retries > 100:
		return o, fault.New(fault.Usage, "retries: %d is out of range (0 to 100)", o.Retries)
	case s.Port < 0 || s.Port > 65535:
		return o, fault.New(fault.Usage, "port: %d is out of range", s.Port)
	case s.Server != "" && len(s.Servers) > 0:
		return o, fault.New(fault.Usage, "give server or servers, not both")
	}
	var err error
	if o.Key, err = s.Key.engine(); err != nil {
		return o, err
	}
	o.Servers, err = s.serverList(system.Servers)
	return o, err
}

func replace[T any](into *T, given *T) {
	if given != nil {
		*into = *given
	}
}

func (s *settings) serverList(system []string) ([]dnsclient.Server, error) {
	texts := s.Servers
	if s.Server != "" {
		texts = []string{s.Server}
	}
	if len(texts) == 0 {
		texts = system
	}
	var servers []dnsclient.Server
	for _, text := range texts {
		server, err := dnsclient.ParseServer(text, s.Port)
		if err != nil {
			return nil, err
		}
		servers = append(servers, server)
	}
	return servers, nil
}
