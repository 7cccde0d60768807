package ssh

import (
	"time"

	xssh "golang.org/x/crypto/ssh"

	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/secret"
	"gofab/internal/sshagent"
	"gofab/internal/sshkey"
)

type agentArgs struct {
	Socket string `lua:"socket,arg1" default:"" doc:"Path of its socket; that of SSH_AUTH_SOCK when empty."`
}

func openAgent(c *kit.Call, a agentArgs) (*sshagent.Agent, error) {
	socket := c.Path(a.Socket)
	if socket == "" {
		socket, _ = c.World.Getenv("SSH_AUTH_SOCK")
	}
	if socket == "" {
		return nil, fault.New(fault.NotFound, "there is no SSH agent").WithHint("start one: eval $(ssh-agent), or give its socket")
	}
	return &sshagent.Agent{Socket: socket}, nil
}

func agentType() kit.Type {
	return kit.TypeOf[*sshagent.Agent]("ssh_agent", "An SSH agent. A key is named by its fingerprint, its comment, its public key or a file.",
		kit.Method("list", "List its keys; none while it is locked.", agentList),
		kit.Method("add", "Give it the private key in a file.", agentAdd),
		kit.Method("remove", "Take a key out.", agentRemove),
		kit.Method("remove_all", "Take all keys out.", agentRemoveAll),
		kit.Method("sign", "Have a key sign data. An RSA key uses SHA-512.", agentSign),
		kit.Method("lock", "Hide the keys until unlock is given the same password.", agentLock),
		kit.Method("unlock", "Show the keys again.", agentUnlock),
	)
}

type agentKey struct {
	Type        string `lua:"type" doc:"Type of the key, e.g. ssh-ed25519."`
	Bits        int    `lua:"bits" doc:"Size of the key."`
	Fingerprint string `lua:"fingerprint" doc:"SHA256 fingerprint."`
	Public      string `lua:"public" doc:"Public key as authorized_keys has it."`
	Comment     string `lua:"comment" doc:"Comment, often the file it came from."`
}

func agentList(c *kit.Call, a *sshagent.Agent, _ none) ([]agentKey, error) {
	keys, err := a.List(c.Context)
	list := make([]agentKey, len(keys))
	for i, k := range keys {
		list[i] = agentKey{
			k.Key.Type(), sshkey.Bits(k.Key), xssh.FingerprintSHA256(k.Key), sshkey.AuthorizedLine(k.Key, k.Comment), k.Comment,
		}
	}
	return list, err
}

type agentAddArgs struct {
	Path       string        `lua:"path,arg1" doc:"File of a private key."`
	Passphrase secret.Value  `lua:"passphrase" default:"" doc:"Passphrase of the file."`
	Lifetime   time.Duration `lua:"lifetime" default:"0s" doc:"How long the agent keeps it; 0 is for ever."`
	Confirm    bool          `lua:"confirm" default:"false" doc:"Ask the person at the agent before each use."`
	Comment    string        `lua:"comment" default:"" doc:"Comment; that of the key, or the path."`
}

func agentAdd(c *kit.Call, a *sshagent.Agent, args agentAddArgs) (kit.None, error) {
	path := c.Path(args.Path)
	key, err := sshkey.Load(path, []byte(args.Passphrase.Reveal()))
	if err != nil {
		return kit.None{}, err
	}
	switch {
	case args.Comment != "":
		key.Comment = args.Comment
	case key.Comment == "":
		key.Comment = path
	}
	return kit.None{}, a.Add(c.Context, key, sshagent.Constraints{Lifetime: args.Lifetime, Confirm: args.Confirm})
}

type agentKeyArgs struct {
	Key string `lua:"key,arg1" doc:"Fingerprint, comment, public key, or file."`
}

func agentRemove(c *kit.Call, a *sshagent.Agent, args agentKeyArgs) (kit.None, error) {
	key, err := a.Find(c.Context, args.Key)
	if err != nil {
		return kit.None{}, err
	}
	return kit.None{}, a.Remove(c.Context, key)
}

func agentRemoveAll(c *kit.Call, a *sshagent.Agent, _ none) (kit.None, error) {
	return kit.None{}, a.RemoveAll(c.Context)
}

type signArgs struct {
	Key  string `lua:"key,arg1" doc:"Fingerprint, comment, public key, or file."`
	Data []byte `lua:"data,arg2" doc:"What to sign."`
}

type signature struct {
	Format string `lua:"format" doc:"Algorithm, e.g. rsa-sha2-512."`
	Blob   []byte `lua:"blob" doc:"Signature, as bytes."`
}

func agentSign(c *kit.Call, a *sshagent.Agent, args signArgs) (signature, error) {
	key, err := a.Find(c.Context, args.Key)
	if err != nil {
		return signature{}, err
	}
	s, err := a.Sign(c.Context, key, args.Data)
	if err != nil {
		return signature{}, err
	}
	return signature{s.Format, s.Blob}, nil
}

type lockArgs struct {
	Password secret.Value `lua:"password,arg1" doc:"Password."`
}

func agentLock(c *kit.Call, a *sshagent.Agent, args lockArgs) (kit.None, error) {
	return kit.None{}, a.Lock(c.Context, []byte(args.Password.Reveal()))
}

func agentUnlock(c *kit.Call, a *sshagent.Agent, args lockArgs) (kit.None, error) {
	return kit.None{}, a.Unlock(c.Context, []byte(args.Password.Reveal()))
}
