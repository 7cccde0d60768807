package sshclient

import (
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// algorithms are what the login offers. The defaults are what x/crypto/ssh
// calls secure, in its order: post-quantum key exchange and aes128-gcm first,
// no SHA-1 key exchange. Weak ones are offered only when they are named.
func (o *options) algorithms() (ssh.Config, error) {
	secure, weak := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	config := ssh.Config{RekeyThreshold: o.rekeyLimit}
	for _, list := range []struct {
		keyword         string
		named           []string
		defaults, extra []string
		to              *[]string
	}{
		{"KexAlgorithms", o.kexAlgorithms, secure.KeyExchanges, weak.KeyExchanges, &config.KeyExchanges},
		{"Ciphers", o.ciphers, secure.Ciphers, weak.Ciphers, &config.Ciphers},
		{"MACs", o.macs, secure.MACs, weak.MACs, &config.MACs},
	} {
		chosen, err := choose(list.keyword, list.named, list.defaults, list.extra)
		if err != nil {
			return config, err
		}
		*list.to = chosen
	}
	return config, nil
}

// choose keeps of the named algorithms those that exist here; nil names none
// and means the defaults.
func choose(keyword string, named, defaults, extra []string) ([]string, error) {
	if named == nil {
		return defaults, nil
	}
	known := slices.Concat(defaults, extra)
	chosen := slices.DeleteFunc(slices.Clone(named), func(name string) bool {
		return !slices.Contains(known, name)
	})
	if len(chosen) == 0 {
		return nil, fault.New(fault.Unsupported, "%s: none of %s is supported", keyword, strings.Join(named, ",")).
			WithHint("supported are %s", strings.Join(known, ","))
	}
	return chosen, nil
}

// hostKeyChoice is choose for HostKeyAlgorithms.
func hostKeyChoice(named []string) ([]string, error) {
	return choose("HostKeyAlgorithms", named, ssh.SupportedAlgorithms().HostKeys, ssh.InsecureAlgorithms().HostKeys)
}
