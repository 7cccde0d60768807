// Package sshconfig reads ssh_config(5) and gives for a name what `ssh -G name`
// prints.
//
// Rules it keeps:
//   - The first value of a keyword wins: overrides, then the files in order.
//     Every line is checked, also in a block that does not apply.
//   - What ssh refuses is an error with file and line. A keyword that ssh knows
//     and gofab has no use for is told through Options.Warn, once per Cache.
//   - A host name, a user name or a jump host that holds for the name is refused
//     with shell characters or a leading '-', wherever it comes from: they end
//     up in commands of ProxyCommand and Match exec.
//   - Nothing is looked up in the DNS and no command is run unless a file asks
//     for it (CanonicalizeHostname, Match exec).
//
// Where it differs from `ssh -G` of OpenSSH 9.2, with which it is compared, it
// follows newer releases or common sense:
//   - Keywords and criteria up to OpenSSH 10 are known (Tag, Match tagged,
//     localnetwork, version, sessiontype, command ...), so are those of Apple.
//   - Words of a Match line are quoted like those of other lines, Include
//     expands tokens, and %C counts the jump host.
//   - mlkem768x25519-sha256 is the first key exchange.
//   - A comment behind ProxyJump is none of its hops.
//   - StreamLocalBindMask and SyslogFacility are taken only from blocks that
//     apply, and LogVerbose with all its words.
//   - A forward to a socket is not listed as a DynamicForward as well.
//   - An IdentityFile that two files name is listed once.
//   - A list of algorithms with a '!' is an error; ssh forgets the list.
//   - A variable that is set to nothing counts as not set.
//   - CanonicalizePermittedCNAMEs alone causes no lookup.
//   - Tokens and variables of IdentityFile, CertificateFile and ProxyCommand,
//     and the names of jump hosts, are checked at once and not only when they
//     are used, unless the settings are only shown (Options.Show).
//   - A Match exec command reads nothing from standard input.
package sshconfig
