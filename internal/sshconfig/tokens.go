package sshconfig

import (
	"crypto/sha1"
	"encoding/hex"
	"os/user"
	"strings"

	"gofab/internal/fault"
)

// tokens are what stands for %h, %p ... (ssh_config(5), TOKENS).
type tokens map[byte]string

// expand replaces %x by tokens and ${NAME} by the environment. A nil map or
// environment leaves its kind alone.
func expand(text string, t tokens, getenv func(string) string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case getenv != nil && strings.HasPrefix(text[i:], "${"):
			name, _, closed := strings.Cut(text[i+2:], "}")
			if !closed || name == "" {
				return "", fault.New(fault.Parse, "%q has a ${ without a name and }", text)
			}
			value := getenv(name)
			if value == "" {
				return "", fault.New(fault.Parse, "environment variable %s is not set", name)
			}
			b.WriteString(value)
			i += len("${}") + len(name) - 1
		case t != nil && text[i] == '%':
			i++
			value, err := t.value(text, i)
			if err != nil {
				return "", err
			}
			b.WriteString(value)
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), nil
}

// value is what stands for the token whose letter is at i.
func (t tokens) value(text string, i int) (string, error) {
	if i == len(text) {
		return "", fault.New(fault.Parse, "%q ends with %%", text).WithHint("write %%%% for a %%")
	}
	if text[i] == '%' {
		return "%", nil
	}
	value, ok := t[text[i]]
	if !ok {
		return "", fault.New(fault.Parse, "unknown token %%%c in %q", text[i], text).WithHint("write %%%% for a %%")
	}
	return value, nil
}

// tokens of the connection as far as it is known. alias is what %k is when
// there is no HostKeyAlias.
func (r *resolution) tokens(host, alias string) tokens {
	short, _, _ := strings.Cut(r.local.host, ".")
	port, remote := r.first("port"), r.first("user")
	if port == "" {
		port = "22"
	}
	if remote == "" {
		remote = r.local.name
	}
	if given := r.first("hostkeyalias"); given != "" {
		alias = given
	}
	jump := lastHop(r.first("proxyjump")).host
	sum := sha1.Sum([]byte(r.local.host + host + port + remote + jump))
	return tokens{
		'C': hex.EncodeToString(sum[:]), 'L': short, 'd': r.local.home, 'h': host, 'i': r.local.uid, 'j': jump,
		'k': alias, 'l': r.local.host, 'n': r.asked, 'p': port, 'r': remote, 'u': r.local.name,
	}
}

// expandHome replaces a leading ~ or ~name by a home directory.
func expandHome(path, home string) (string, error) {
	if !strings.HasPrefix(path, "~") {
		return path, nil
	}
	name, rest, _ := strings.Cut(path[1:], "/")
	if name != "" {
		account, err := user.Lookup(name)
		if err != nil {
			return "", fault.New(fault.NotFound, "%s: no user %q here", path, name)
		}
		home = account.HomeDir
	}
	return strings.TrimSuffix(home, "/") + "/" + strings.TrimLeft(rest, "/"), nil
}
