package sshkey

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"

	"gofab/internal/fault"
)

// hostKeyKinds are the algorithms by which a server is asked for each kind of
// key.
var hostKeyKinds = map[string][]string{
	"ed25519": {ssh.KeyAlgoED25519},
	"ecdsa":   {ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521},
	"rsa":     {ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA},
}

// ScanKinds are the kinds of host keys that Scan knows, the best one first.
var ScanKinds = []string{"ed25519", "ecdsa", "rsa"}

// Scan asks a server for its host keys of some kinds without a login, as
// ssh-keyscan does. Nothing vouches for them.
func Scan(ctx context.Context, address string, kinds []string) ([]ssh.PublicKey, error) {
	keys, errs := make([]ssh.PublicKey, len(kinds)), make([]error, len(kinds))
	var group sync.WaitGroup
	for i, kind := range kinds {
		algorithms := hostKeyKinds[kind]
		if algorithms == nil {
			return nil, fault.New(fault.Usage, "types: unknown kind of key %q, want %s", kind, strings.Join(ScanKinds, ", "))
		}
		group.Go(func() { keys[i], errs[i] = scanOne(ctx, address, algorithms) })
	}
	group.Wait()
	var found []ssh.PublicKey
	for _, key := range keys {
		if key != nil {
			found = append(found, key)
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return nil, fault.New(fault.NotFound, "%s has no host key of the kinds %s", address, strings.Join(kinds, ", "))
}

// errSeen ends a handshake when the key is there.
var errSeen = errors.New("seen")

// scanOne gives no key and no error when the server has none of the kind.
func scanOne(ctx context.Context, address string, algorithms []string) (key ssh.PublicKey, err error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		if ctx.Err() != nil {
			return nil, fault.Wrap(fault.KindOf(ctx.Err()), ctx.Err(), "no answer from %s", address)
		}
		return nil, fault.Wrap(fault.Unreachable, err, "cannot connect to %s", address)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer func() {
		if r := recover(); r != nil {
			key, err = nil, fault.New(fault.Protocol, "%s sent nonsense", address)
		}
	}()
	_, _, _, err = ssh.NewClientConn(conn, address, &ssh.ClientConfig{
		HostKeyAlgorithms: algorithms,
		HostKeyCallback: func(_ string, _ net.Addr, shown ssh.PublicKey) error {
			key = shown
			return errSeen
		},
	})
	var none *ssh.AlgorithmNegotiationError
	switch {
	case key != nil || errors.As(err, &none):
		return key, nil
	case ctx.Err() != nil:
		return nil, fault.Wrap(fault.KindOf(ctx.Err()), ctx.Err(), "no host key from %s", address)
	default:
		return nil, fault.New(fault.Unreachable, "%s shows no host key: is it an SSH server?", address)
	}
}
