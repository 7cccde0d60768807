package sshclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh"

	"gofab/internal/sshkey"
	"gofab/internal/termsafe"
)

// keyFileLimit bounds what is read of a key file, in bytes.
const keyFileLimit = 1 << 20

// keyFile is an IdentityFile (ssh_config(5)): a private key, which may be
// locked by a passphrase, or a public key whose private half an agent holds.
type keyFile struct {
	path   string
	public ssh.PublicKey // nil when only the passphrase can tell
	pem    []byte        // of a locked key
	bad    error         // why the file is of no use

	unlocking chan struct{} // holds a token while the passphrase is asked
	signer    ssh.Signer    // nil while locked; guarded by unlocking
	private   any           // the same for an agent; does not change once signer is there
	added     []string      // agents that have got it; guarded by unlocking
	failed    error         // why it stays locked; guarded by unlocking
}

// keyFiles reads each file once in a run.
type keyFiles struct {
	mu    sync.Mutex
	files map[string]*keyFile
}

// get gives a key file; nil if there is none at path.
func (k *keyFiles) get(path string) *keyFile {
	k.mu.Lock()
	defer k.mu.Unlock()
	if f, known := k.files[path]; known {
		return f
	}
	if k.files == nil {
		k.files = map[string]*keyFile{}
	}
	k.files[path] = readKeyFile(path)
	return k.files[path]
}

// readKeyFile reads path and, for what it does not tell, path.pub.
func readKeyFile(path string) *keyFile {
	f := &keyFile{path: path, unlocking: make(chan struct{}, 1)}
	data, err := readSmallFile(path)
	public, _ := readSmallFile(path + ".pub")
	if errors.Is(err, os.ErrNotExist) && public == nil {
		return nil
	}
	if parsed, _, _, _, err := ssh.ParseAuthorizedKey(public); err == nil {
		f.public = parsed
	}
	switch {
	case err == nil:
		if f.bad = privacy(path); f.bad == nil {
			f.bad = f.parse(data)
		}
	case errors.Is(err, os.ErrNotExist):
		f.bad = errPublicOnly
	default:
		f.bad = errors.New(sysReason(err))
	}
	return f
}

var errPublicOnly = errors.New("only its public key is here, and no agent holds the other half")

func (f *keyFile) parse(data []byte) error {
	private, err := ssh.ParseRawPrivateKey(data)
	var locked *ssh.PassphraseMissingError
	switch {
	case err == nil:
		if err := f.hold(private); err != nil {
			return err
		}
		f.public = f.signer.PublicKey()
	case errors.As(err, &locked):
		f.pem = data
		if locked.PublicKey != nil {
			f.public = locked.PublicKey
		}
	case sshkey.IsLockedPKCS8(data):
		f.pem = data
	case bytes.HasPrefix(data, []byte("PuTTY-User-Key-File")):
		return errors.New("a PuTTY key, puttygen -O private-openssh rewrites it")
	default:
		public, _, _, _, notPublic := ssh.ParseAuthorizedKey(data)
		if notPublic != nil {
			return errors.New(termsafe.Line(strings.TrimPrefix(err.Error(), "ssh: ")))
		}
		f.public = public
		return errPublicOnly
	}
	return nil
}

// hold keeps a private key that is not locked any more.
func (f *keyFile) hold(private any) error {
	signer, err := ssh.NewSignerFromKey(private)
	if err == nil {
		f.signer, f.private = signer, private
	}
	return err
}

// privacy refuses a key that others can read, as ssh(1) does. A public key
// alone needs none.
func privacy(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if strings.HasSuffix(path, ".pub") || !ok || int(stat.Uid) != os.Getuid() || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return fmt.Errorf("others can read it (mode %04o), chmod 600 makes it private", info.Mode().Perm())
}

// holds tells whether the file is about the key in an agent's blob.
func (f *keyFile) holds(blob []byte) bool {
	return f.public != nil && bytes.Equal(f.public.Marshal(), blob)
}

// keyFiles are the identities of the login that exist.
func (a *authenticator) keyFiles() []*keyFile {
	var files []*keyFile
	for _, path := range a.o.identityFiles {
		if f := a.dialer.keys.get(path); f != nil {
			files = append(files, f)
		} else if a.o.identityGiven {
			a.note(a.short(path) + ": there is no such file")
		}
	}
	return files
}

// short shows a path below the home directory with ~.
func (a *authenticator) short(path string) string {
	if rest, below := strings.CutPrefix(path, a.dialer.deps.Home+"/"); below && a.dialer.deps.Home != "" {
		return "~/" + rest
	}
	return path
}

func readSmallFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, keyFileLimit))
}
