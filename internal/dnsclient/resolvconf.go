package dnsclient

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// System is what resolv.conf(5) and the environment say, read as glibc does.
type System struct {
	Servers  []string
	Search   []string
	Ndots    int
	Timeout  time.Duration // for one attempt
	Attempts int
	Rotate   bool
	TCP      bool
	TrustAD  bool
}

// glibc's limits (resolv.h).
const (
	maxNameServers = 3
	maxNdots       = 15
	maxTimeout     = 30
	maxAttempts    = 5
)

// ReadSystem reads a resolv.conf and lets the environment override it. Without
// the file the server is this machine, as in glibc.
func ReadSystem(path string, getenv func(string) (string, bool), hostname string) System {
	s := System{Ndots: 1, Timeout: 5 * time.Second, Attempts: 2}
	if file, err := os.Open(path); err == nil {
		s.read(file)
		file.Close()
	}
	if domain, ok := getenv("LOCALDOMAIN"); ok {
		s.Search = strings.Fields(domain)
	} else if _, domain, ok := strings.Cut(hostname, "."); ok && s.Search == nil && domain != "" {
		s.Search = []string{domain}
	}
	if options, ok := getenv("RES_OPTIONS"); ok {
		s.options(strings.Fields(options))
	}
	if len(s.Servers) == 0 {
		s.Servers = []string{"127.0.0.1"}
	}
	return s
}

// read takes the lines: the last of domain and search counts, and the first
// three servers.
func (s *System) read(from io.Reader) {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		line := lines.Text()
		if line == "" || line[0] == ';' || line[0] == '#' {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			if len(s.Servers) < maxNameServers {
				s.Servers = append(s.Servers, words[1])
			}
		case "domain":
			s.Search = words[1:2]
		case "search":
			s.Search = words[1:]
		case "options":
			s.options(words[1:])
		}
	}
}

func (s *System) options(words []string) {
	for _, word := range words {
		name, value, _ := strings.Cut(word, ":")
		n, err := strconv.Atoi(value)
		number := err == nil && n >= 0
		switch {
		case name == "ndots" && number:
			s.Ndots = min(n, maxNdots)
		case name == "timeout" && number:
			s.Timeout = time.Duration(max(1, min(n, maxTimeout))) * time.Second
		case name == "attempts" && number:
			s.Attempts = max(1, min(n, maxAttempts))
		case word == "rotate":
			s.Rotate = true
		case word == "use-vc":
			s.TCP = true
		case word == "trust-ad":
			s.TrustAD = true
		}
	}
}

// Candidates lists the names that a name may mean, in the order in which they
// are asked: below the search list, and as it is.
func Candidates(name string, search []string, ndots int) []string {
	if strings.HasSuffix(name, ".") && !strings.HasSuffix(name, `\.`) || len(search) == 0 {
		return []string{name}
	}
	var names []string
	for _, domain := range search {
		names = append(names, strings.TrimSuffix(name+"."+strings.TrimPrefix(domain, "."), "."))
	}
	if strings.Count(name, ".") >= ndots {
		return append([]string{name}, names...)
	}
	return append(names, name)
}
