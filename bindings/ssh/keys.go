package ssh

import (
	"context"
	"net"
	"strconv"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/sshkey"
)

func keyFuncs() []kit.Func {
	return []kit.Func{
		kit.Fn("keygen", "Make a key pair. With a path the files path and path.pub are written, never over others; without one the private key is a secret.", keygen).With(
			`local k = ssh.keygen{ path = "id_deploy", comment = "deploy@ci" }
assert(k.fingerprint == ssh.fingerprint("id_deploy").sha256)
fs.write("authorized_keys", k.public .. "\n")`),
		kit.Fn("fingerprint", "Name a key by its fingerprints. The key is a file, private or public, or a line of authorized_keys.", fingerprint).With(
			`local k = ssh.keygen()
local f = ssh.fingerprint(k.public)
print(f.bits, f.sha256, f.md5, f.type)
print(f.art)`),
		kit.Fn("scan", "Ask a server for its host keys without a login, as ssh-keyscan does. Nothing vouches for them: compare a fingerprint before you trust one.", scan),
	}
}

type keygenArgs struct {
	sshkey.Spec
	Path       string       `lua:"path,arg1" default:"" doc:"File of the private key; the public one gets .pub. Neither may be there."`
	Passphrase secret.Value `lua:"passphrase" default:"" doc:"Locks the private key."`
}

// keyTable is a key that was made.
type keyTable struct {
	Type        string        `lua:"type" doc:"Type of the key, e.g. ssh-ed25519."`
	Public      string        `lua:"public" doc:"Public key as authorized_keys has it."`
	Fingerprint string        `lua:"fingerprint" doc:"SHA256 fingerprint."`
	Private     *secret.Value `lua:"private" doc:"Private key, when no path was given."`
	Path        string        `lua:"path" doc:"File of the private key."`
}

func keygen(c *kit.Call, a keygenArgs) (keyTable, error) {
	key, err := sshkey.Generate(a.Spec)
	if err != nil {
		return keyTable{}, err
	}
	made := keyTable{
		Type: key.Public.Type(), Public: sshkey.AuthorizedLine(key.Public, key.Comment),
		Fingerprint: xssh.FingerprintSHA256(key.Public), Path: c.Path(a.Path),
	}
	passphrase := []byte(a.Passphrase.Reveal())
	if a.Path != "" {
		return made, key.Write(made.Path, passphrase)
	}
	pem, err := key.PEM(passphrase)
	private := secret.New(string(pem))
	made.Private = &private
	return made, err
}

type keyArgs struct {
	Key string `lua:"key,arg1" doc:"File of a key, or a line of authorized_keys."`
}

type fingerprints struct {
	Type    string `lua:"type" doc:"Type of the key, e.g. ssh-ed25519."`
	Bits    int    `lua:"bits" doc:"Size of the key."`
	SHA256  string `lua:"sha256" doc:"SHA256:..., as ssh-keygen -l prints it."`
	MD5     string `lua:"md5" doc:"MD5:aa:bb:..., the old form."`
	Art     string `lua:"art" doc:"Picture of the key, as ssh-keygen -lv draws it."`
	Comment string `lua:"comment" doc:"Comment behind the key."`
}

func fingerprint(c *kit.Call, a keyArgs) (fingerprints, error) {
	public, err := publicOf(c, a.Key)
	if err != nil {
		return fingerprints{}, err
	}
	return fingerprints{
		Type: public.Key.Type(), Bits: sshkey.Bits(public.Key), SHA256: xssh.FingerprintSHA256(public.Key),
		MD5: sshkey.MD5(public.Key), Art: sshkey.Art(public.Key), Comment: public.Comment,
	}, nil
}

// publicOf reads a public key from a line or a file.
func publicOf(c *kit.Call, key string) (*sshkey.Public, error) {
	if public, err := sshkey.Parse(key); err == nil {
		return public, nil
	}
	return sshkey.LoadPublic(c.Path(key))
}

type scanArgs struct {
	Host    string        `lua:"host,arg1" doc:"Name or address."`
	Port    int           `lua:"port" default:"22" doc:"Port."`
	Types   []string      `lua:"types" default:"" doc:"Kinds of keys to ask for: ed25519, ecdsa, rsa; all when empty."`
	Timeout time.Duration `lua:"timeout" default:"5s" doc:"Limit for all of it."`
}

type scanned struct {
	Type        string `lua:"type" doc:"Type of the key, e.g. ssh-ed25519."`
	Key         string `lua:"key" doc:"Public key as authorized_keys has it."`
	Fingerprint string `lua:"fingerprint" doc:"SHA256 fingerprint."`
}

func scan(c *kit.Call, a scanArgs) ([]scanned, error) {
	if a.Port < 1 || a.Port > 65535 {
		return nil, fault.New(fault.Usage, "port: %d is no port", a.Port)
	}
	kinds := a.Types
	if len(kinds) == 0 {
		kinds = sshkey.ScanKinds
	}
	ctx, cancel := context.WithTimeout(c.Context, a.Timeout)
	defer cancel()
	keys, err := sshkey.Scan(ctx, net.JoinHostPort(a.Host, strconv.Itoa(a.Port)), kinds)
	found := make([]scanned, len(keys))
	for i, key := range keys {
		found[i] = scanned{key.Type(), sshkey.AuthorizedLine(key, ""), xssh.FingerprintSHA256(key)}
	}
	return found, err
}
