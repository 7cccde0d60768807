package sshconfig

import (
	"maps"
	"slices"
	"strings"

	"gofab/internal/fault"
)

// finish fills in what depends on other settings, expands tokens, checks the
// names, and makes the settings.
func (r *resolution) finish() (*Settings, error) {
	r.fillDefaults()
	for _, step := range []func() error{r.checkNames, r.expandAll, r.assembleLists} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	r.tellWithoutEffect()
	return r.settings()
}

// fillDefaults sets what is not a constant, and clears what is "none".
func (r *resolution) fillDefaults() {
	r.values["host"] = []string{r.asked}
	r.values["user"] = []string{r.remoteUser()}
	for _, key := range names("localcommand remotecommand proxycommand controlpath revokedhostkeys pkcs11provider knownhostscommand versionaddendum") {
		if isNone(r.first(key)) {
			delete(r.values, key)
		}
	}
	if isNone(r.first("securitykeyprovider")) {
		r.values["securitykeyprovider"] = []string{}
	}
	if r.first("proxyjump") == "none" {
		delete(r.values, "proxyjump")
	}
	if r.has("proxyjump") {
		r.values["proxyusefdpass"] = []string{"no"}
	}
	if r.first("clearallforwardings") == "yes" {
		for _, key := range names("dynamicforward localforward remoteforward tunnel") {
			delete(r.values, key)
		}
	}
	if alias := r.first("hostkeyalias"); alias != "" {
		r.values["hostkeyalias"] = []string{strings.ToLower(alias)}
	}
	if r.first("batchmode") == "yes" && !r.has("serveraliveinterval") {
		r.values["serveraliveinterval"] = []string{"300"} // Debian's default, for runs without a person
	}
	r.fillUpdateHostKeys()
	r.fillFiles()
}

// fillUpdateHostKeys: new keys of a host are learned unless the DNS or another
// known_hosts file is in charge, and nobody is asked without a terminal.
func (r *resolution) fillUpdateHostKeys() {
	const key = "updatehostkeys"
	if !r.has(key) {
		own := r.values["userknownhostsfile"]
		other := len(own) > 1 || len(own) == 1 && own[0] != "~/.ssh/known_hosts"
		if dns := r.first("verifyhostkeydns"); other || dns != "" && dns != "false" {
			r.values[key] = []string{"false"}
		}
		return
	}
	if r.first(key) != "ask" {
		return
	}
	switch {
	case r.has("controlpath") && r.has("controlpersist") && r.first("controlpersist") != "no",
		r.has("remotecommand"), r.first("requesttty") == "false",
		slices.Contains(names("SILENT FATAL ERROR"), r.first("loglevel")):
		r.values[key] = []string{"false"}
	}
}

// fillFiles sets the files with more than one default.
func (r *resolution) fillFiles() {
	if !r.has("identityfile") {
		for _, name := range names("rsa ecdsa ecdsa_sk ed25519 ed25519_sk xmss dsa") {
			r.values["identityfile"] = append(r.values["identityfile"], "~/.ssh/id_"+name)
		}
	}
	if !r.has("userknownhostsfile") {
		r.values["userknownhostsfile"] = []string{"~/.ssh/known_hosts", "~/.ssh/known_hosts2"}
	}
	for _, key := range []string{"userknownhostsfile", "globalknownhostsfile"} {
		if isNone(r.first(key)) {
			r.values[key] = []string{}
		}
	}
	interval := "0"
	if r.has("rekeyinterval") {
		interval = r.first("rekeyinterval")
	}
	if !r.has("rekeylimit") {
		r.values["rekeylimit"] = []string{"0"}
	}
	r.values["rekeylimit"] = []string{r.first("rekeylimit"), interval}
}

// checkNames refuses names that could do harm, and a host that is its own jump
// host.
func (r *resolution) checkNames() error {
	if err := checkUser("user", r.first("user")); err != nil {
		return r.failed("user", err)
	}
	if alias := r.first("hostkeyalias"); alias != "" {
		if err := checkHost("alias", alias); err != nil {
			return r.failed("hostkeyalias", err)
		}
	}
	if r.first("connectionattempts") == "0" {
		return r.failed("connectionattempts", fault.New(fault.Parse, "0 is not enough"))
	}
	if !r.has("proxyjump") {
		return nil
	}
	last := lastHop(r.first("proxyjump"))
	same := last.host == r.host && portOr(last.port) == r.portNumber() &&
		(last.user == "" || last.user == r.first("user"))
	if same {
		return r.failed("proxyjump", fault.New(fault.Parse, "%s is its own jump host", r.host))
	}
	return nil
}

// failed puts the place where a keyword was set in front of an error.
func (r *resolution) failed(key string, err error) error {
	e := *fault.From(err)
	if r.where[key] != "" {
		e.Message = r.where[key] + ": " + key + ": " + e.Message
	}
	return &e
}

func (r *resolution) portNumber() int {
	n, _ := parsePort(r.first("port"))
	return portOr(n)
}

func portOr(port int) int {
	if port == 0 {
		return 22
	}
	return port
}

// assembleLists turns lists of algorithms with + - ^ into the resulting ones.
func (r *resolution) assembleLists() error {
	for key, f := range families {
		list, err := f.assemble(r.first(key))
		if err != nil {
			return r.failed(key, err)
		}
		r.values[key] = []string{strings.Join(list, ",")}
	}
	return nil
}

func (r *resolution) tellWithoutEffect() {
	if r.has("rekeyinterval") && r.first("rekeyinterval") != "0" {
		r.warn(r.where["rekeyinterval"] + ": the time of rekeylimit has no effect in gofab")
	}
	for _, key := range slices.Sorted(maps.Keys(withoutEffect)) {
		nothing := withoutEffect[key]
		if r.where[key] != "" && r.has(key) && !strings.EqualFold(r.first(key), nothing) {
			r.warn(r.where[key] + ": " + key + " has no effect in gofab")
		}
	}
}

// settings makes the lines of ssh -G.
func (r *resolution) settings() (*Settings, error) {
	s := &Settings{given: map[string]string{}}
	for key, place := range r.where {
		s.given[key] = place
	}
	for _, k := range keywords {
		for _, value := range k.printed(r.values[k.name]) {
			s.lines = append(s.lines, line{k.name, value})
		}
	}
	if r.o.Show {
		return s, nil
	}
	paths, err := r.paths()
	s.paths = paths
	return s, err
}

// printed are the values on the lines of ssh -G. A value that was set to
// nothing is not nil.
func (k *keyword) printed(values []string) []string {
	switch {
	case k.form == hidden:
		return nil
	case k.form == inLine && len(values) > 0:
		return []string{strings.Join(values, " ")}
	case k.form == inLine && (values != nil || k.initial == ""):
		return []string{"none"}
	case k.form == one && len(values) > 0:
		return []string{strings.Join(values, " ")}
	case values == nil && k.initial != "":
		return []string{k.initial}
	default:
		return values
	}
}
