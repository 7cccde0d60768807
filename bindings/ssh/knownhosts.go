package ssh

import (
	"path/filepath"

	xssh "golang.org/x/crypto/ssh"

	"gofab/bindings/kit"
	"gofab/internal/knownhosts"
	"gofab/internal/sshkey"
)

// hostKeys is a known_hosts file, which is read anew at each call.
type hostKeys struct{ path string }

func (k *hostKeys) String() string { return k.path }

type knownHostsArgs struct {
	Path string `lua:"path,arg1" default:"" doc:"File; ~/.ssh/known_hosts when empty. It need not be there yet."`
}

func openKnownHosts(c *kit.Call, a knownHostsArgs) (*hostKeys, error) {
	if a.Path == "" {
		return &hostKeys{filepath.Join(c.World.Home(), ".ssh", "known_hosts")}, nil
	}
	return &hostKeys{c.Path(a.Path)}, nil
}

func knownHostsType() kit.Type {
	return kit.TypeOf[*hostKeys]("ssh_known_hosts", "A known_hosts file. Comments and lines that make no sense stay; additions by others at the same time are not lost.",
		kit.Method("lookup", "Give the entries for a host, patterns and hashed names included.", lookupHost).With(
			`local known = ssh.known_hosts("known_hosts")
known:add("web1", ssh.keygen().public, { port = 2222 })
assert(#known:lookup("web1", { port = 2222 }) == 1 and #known:lookup("web1") == 0)`),
		kit.Method("add", "Remember a key for a host. The key that is there already is not written twice.", addHost),
		kit.Method("remove", "Forget the keys of a host and tell how many (ssh-keygen -R). Authorities and revoked keys stay.", removeHost).With(
			`local known = ssh.known_hosts("known_hosts")
known:add("web1", ssh.keygen().public, { hashed = true })
assert(known:remove("web1") == 1)`),
		kit.Method("list", "Give all entries in their order.", listHosts),
		kit.Method("hash", "Hide all names, and tell how many (ssh-keygen -H).", hashHosts),
		kit.Method("warnings", "Give the lines that make no sense, as file:line: reason.", warnings),
	).Fields(kit.Field("path", "Path of the file.", func(k *hostKeys) string { return k.path }))
}

type hostArgs struct {
	Host string `lua:"host,arg1" doc:"Name or address."`
	Port int    `lua:"port" default:"22" doc:"Port of its sshd."`
}

// known is one entry.
type known struct {
	Hosts       string `lua:"hosts" doc:"Names, patterns or a hash."`
	Marker      string `lua:"marker" doc:"cert-authority, revoked, or empty."`
	Type        string `lua:"type" doc:"Type of the key."`
	Key         string `lua:"key" doc:"Public key as authorized_keys has it."`
	Fingerprint string `lua:"fingerprint" doc:"SHA256 fingerprint."`
	Line        int    `lua:"line" doc:"Line in the file, from 1."`
}

func knownOf(entries []knownhosts.Entry) []known {
	list := make([]known, len(entries))
	for i, e := range entries {
		list[i] = known{e.Hosts, e.Marker, e.Key.Type(), sshkey.AuthorizedLine(e.Key, ""), xssh.FingerprintSHA256(e.Key), e.Line}
	}
	return list
}

func lookupHost(_ *kit.Call, k *hostKeys, a hostArgs) ([]known, error) {
	db, err := knownhosts.Load(k.path)
	if err != nil {
		return nil, err
	}
	return knownOf(db.Lookup(a.Host, a.Port)), nil
}

type addHostArgs struct {
	Host   string `lua:"host,arg1" doc:"Name or address."`
	Key    string `lua:"key,arg2" doc:"Public key: a line of authorized_keys, or a file."`
	Port   int    `lua:"port" default:"22" doc:"Port of its sshd."`
	Hashed bool   `lua:"hashed" default:"false" doc:"Hide the name."`
}

func addHost(c *kit.Call, k *hostKeys, a addHostArgs) (bool, error) {
	public, err := publicOf(c, a.Key)
	if err != nil {
		return false, err
	}
	db, err := knownhosts.Load(k.path)
	if err != nil {
		return false, err
	}
	for _, e := range db.Lookup(a.Host, a.Port) {
		if e.Marker == "" && string(e.Key.Marshal()) == string(public.Key.Marshal()) {
			return false, nil
		}
	}
	return true, knownhosts.Add(k.path, a.Host, a.Port, public.Key, a.Hashed)
}

func removeHost(_ *kit.Call, k *hostKeys, a hostArgs) (int, error) {
	return knownhosts.RemoveCounted(k.path, a.Host, a.Port)
}

func listHosts(_ *kit.Call, k *hostKeys, _ none) ([]known, error) {
	db, err := knownhosts.Load(k.path)
	if err != nil {
		return nil, err
	}
	return knownOf(db.Entries()), nil
}

func hashHosts(_ *kit.Call, k *hostKeys, _ none) (int, error) { return knownhosts.HashAll(k.path) }

func warnings(_ *kit.Call, k *hostKeys, _ none) ([]string, error) {
	db, err := knownhosts.Load(k.path)
	if err != nil {
		return nil, err
	}
	return append([]string{}, db.Warnings()...), nil
}
