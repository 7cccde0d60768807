package sshconfig

import "strings"

// form is how ssh -G prints the values of a keyword.
type form int

const (
	one    form = iota // one value
	each               // a line for each value
	inLine             // all values on one line, "none" if there are none
	hidden             // not at all
)

// keyword is a setting of ssh_config(5).
type keyword struct {
	name    string
	read    reader
	form    form
	initial string // printed when it is not set; nothing if empty
}

// keywords are all settings, in the order of ssh -G. Host, Match and Include
// are not among them.
var keywords = []keyword{
	{"host", nil, one, ""},
	{"user", text, one, ""},
	{"hostname", text, one, ""},
	{"port", port, one, "22"},

	{"addressfamily", oneOf("inet", "inet6", "any"), one, "any"},
	{"batchmode", flag, one, "no"},
	{"canonicalizefallbacklocal", flag, one, "yes"},
	{"canonicalizehostname", oneOf("true", "false", "yes=true", "no=false", "always"), one, "false"},
	{"checkhostip", flag, one, "no"},
	{"compression", oneOf("yes", "no"), one, "no"},
	{"controlmaster", oneOf("true", "yes=true", "false", "no=false", "auto", "ask", "autoask"), one, "false"},
	{"enablesshkeysign", flag, one, "no"},
	{"clearallforwardings", flag, one, "no"},
	{"exitonforwardfailure", flag, one, "no"},
	{"fingerprinthash", oneOf("MD5", "SHA1", "SHA256", "SHA384", "SHA512"), one, "SHA256"},
	{"forwardx11", flag, one, "no"},
	{"forwardx11trusted", flag, one, "yes"},
	{"gatewayports", flag, one, "no"},
	{"gssapiauthentication", flag, one, "no"},
	{"gssapikeyexchange", flag, one, "no"},
	{"gssapidelegatecredentials", flag, one, "no"},
	{"gssapitrustdns", flag, one, "no"},
	{"gssapirenewalforcesrekey", flag, one, "no"},
	{"gssapiclientidentity", text, one, ""},
	{"gssapiserveridentity", text, one, ""},
	{"gssapikexalgorithms", text, one, "gss-group14-sha256-,gss-group16-sha512-,gss-nistp256-sha256-," +
		"gss-curve25519-sha256-,gss-group14-sha1-,gss-gex-sha1-"},
	{"hashknownhosts", flag, one, "no"},
	{"hostbasedauthentication", flag, one, "no"},
	{"identitiesonly", flag, one, "no"},
	{"kbdinteractiveauthentication", flag, one, "yes"},
	{"nohostauthenticationforlocalhost", flag, one, "no"},
	{"passwordauthentication", flag, one, "yes"},
	{"permitlocalcommand", flag, one, "no"},
	{"proxyusefdpass", flag, one, "no"},
	{"pubkeyauthentication", oneOf("true", "false", "yes=true", "no=false", "unbound", "host-bound"), one, "true"},
	{"requesttty", oneOf("true", "yes=true", "false", "no=false", "force", "auto"), one, "auto"},
	{"sessiontype", oneOf("none", "subsystem", "default"), one, "default"},
	{"stdinnull", flag, one, "no"},
	{"forkafterauthentication", flag, one, "no"},
	{"streamlocalbindunlink", flag, one, "no"},
	{"stricthostkeychecking", oneOf("true", "false", "yes=true", "no=false", "ask", "off=false", "accept-new"), one, "ask"},
	{"tcpkeepalive", flag, one, "yes"},
	{"tunnel", oneOf("ethernet", "point-to-point", "true=point-to-point", "yes=point-to-point", "false", "no=false"), one, "false"},
	{"verifyhostkeydns", yesNoAsk, one, "false"},
	{"visualhostkey", flag, one, "no"},
	{"updatehostkeys", yesNoAsk, one, "true"},
	{"enableescapecommandline", flag, one, "no"},
	{"warnweakcrypto", oneOf("true=yes", "false=no", "yes", "no", "no-pq-kex=no"), one, ""},

	{"canonicalizemaxdots", integer, one, "1"},
	{"connectionattempts", integer, one, "1"},
	{"forwardx11timeout", seconds, one, "1200"},
	{"numberofpasswordprompts", integer, one, "3"},
	{"serveralivecountmax", integer, one, "3"},
	{"serveraliveinterval", seconds, one, "0"},
	{"requiredrsasize", integer, one, "1024"},
	{"obscurekeystroketiming", texts(1), one, ""},

	{"bindaddress", text, one, ""},
	{"bindinterface", text, one, ""},
	{"ciphers", algorithms, one, ""},
	{"controlpath", text, one, ""},
	{"hostkeyalgorithms", algorithms, one, ""},
	{"hostkeyalias", text, one, ""},
	{"hostbasedacceptedalgorithms", algorithms, one, ""},
	{"identityagent", identityAgent, one, ""},
	{"ignoreunknown", text, one, ""},
	{"kbdinteractivedevices", text, one, ""},
	{"kexalgorithms", algorithms, one, ""},
	{"casignaturealgorithms", algorithms, one, ""},
	{"localcommand", command, one, ""},
	{"remotecommand", command, one, ""},
	{"loglevel", oneOf(names("SILENT QUIET=SILENT FATAL ERROR INFO VERBOSE DEBUG DEBUG1=DEBUG DEBUG2 DEBUG3")...), one, "INFO"},
	{"macs", algorithms, one, ""},
	{"pkcs11provider", text, one, ""},
	{"securitykeyprovider", text, one, "internal"},
	{"preferredauthentications", text, one, ""},
	{"pubkeyacceptedalgorithms", algorithms, one, ""},
	{"revokedhostkeys", texts(64), each, ""},
	{"xauthlocation", text, one, "/usr/bin/xauth"},
	{"knownhostscommand", command, one, ""},
	{"tag", text, one, ""},
	{"versionaddendum", command, one, ""},

	{"dynamicforward", forward, each, ""},
	{"localforward", forward, each, ""},
	{"remoteforward", forward, each, ""},

	{"identityfile", file(100), each, ""},
	{"canonicaldomains", canonicalDomains, inLine, ""},
	{"certificatefile", file(100), each, ""},
	{"globalknownhostsfile", texts(32), inLine, "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"},
	{"userknownhostsfile", texts(32), inLine, ""},
	{"sendenv", environment, each, ""},
	{"setenv", variables, each, ""},
	{"logverbose", texts(1 << 20), inLine, ""},
	{"channeltimeout", texts(1 << 20), one, ""},

	{"permitremoteopen", permitRemoteOpen, inLine, "any"},
	{"addkeystoagent", addKeysToAgent, one, "false"},
	{"forwardagent", forwardAgent, one, "no"},
	{"connecttimeout", seconds, one, "none"},
	{"tunneldevice", tunnelDevice, one, "any:any"},
	{"canonicalizepermittedcnames", permittedCNAMEs, inLine, ""},
	{"controlpersist", controlPersist, one, "no"},
	{"escapechar", escapeChar, one, "~"},
	{"ipqos", ipqos, inLine, "lowdelay throughput"},
	{"rekeylimit", rekeyLimit, inLine, "0"},
	{"streamlocalbindmask", bindMask, one, "0177"},
	{"syslogfacility", oneOf(names("DAEMON USER AUTH AUTHPRIV LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7")...), one, "USER"},
	{"proxycommand", proxyCommand, one, ""},
	{"proxyjump", proxyJump, one, ""},

	{"refuseconnection", refuse, hidden, ""},
}

// aliases are other names of keywords, old ones and those of distributions.
var aliases = map[string]string{
	"challengeresponseauthentication": "kbdinteractiveauthentication",
	"skeyauthentication":              "kbdinteractiveauthentication",
	"tisauthentication":               "kbdinteractiveauthentication",
	"dsaauthentication":               "pubkeyauthentication",
	"hostbasedkeytypes":               "hostbasedacceptedalgorithms",
	"identityfile2":                   "identityfile",
	"keepalive":                       "tcpkeepalive",
	"protocolkeepalives":              "serveraliveinterval",
	"pubkeyacceptedkeytypes":          "pubkeyacceptedalgorithms",
	"rsaminsize":                      "requiredrsasize",
	"setuptimeout":                    "serveraliveinterval",
	"smartcarddevice":                 "pkcs11provider",
}

// silent are keywords that have no effect any more in ssh either, and one of
// Apple's about its key store.
var silent = wordSet(`protocol cipher fallbacktorsh globalknownhostsfile2 rhostsauthentication
	userknownhostsfile2 useroaming usersh useprivilegedport usekeychain useblacklistedkeys`)

// dropped are keywords whose loss ssh reports.
var dropped = wordSet(`afstokenpassing kerberosauthentication kerberostgtpassing rsaauthentication
	rhostsrsaauthentication compressionlevel`)

// withoutEffect are settings that change what ssh does and not what gofab
// does, with the value that asks for nothing.
var withoutEffect = map[string]string{
	"bindinterface": "", "checkhostip": "no", "compression": "no", "controlmaster": "false", "controlpath": "none",
	"dynamicforward": "", "forwardx11": "no", "gssapiauthentication": "no", "gssapikeyexchange": "no",
	"hostbasedauthentication": "no", "knownhostscommand": "none", "localforward": "",
	"nohostauthenticationforlocalhost": "no", "permitlocalcommand": "no", "pkcs11provider": "none",
	"proxyusefdpass": "no", "remotecommand": "none", "remoteforward": "", "requesttty": "auto",
	"sessiontype": "default", "tunnel": "false", "verifyhostkeydns": "false", "visualhostkey": "no",
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// byName finds a keyword.
var byName = func() map[string]*keyword {
	found := map[string]*keyword{}
	for i := range keywords {
		found[keywords[i].name] = &keywords[i]
	}
	for alias, name := range aliases {
		found[alias] = found[name]
	}
	delete(found, "host")
	return found
}()

func isNone(word string) bool { return strings.EqualFold(word, "none") }

// IsKeyword says that ssh_config has a keyword of this name, in any case.
func IsKeyword(name string) bool { return byName[strings.ToLower(name)] != nil }
