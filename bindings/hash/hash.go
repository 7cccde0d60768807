// Package hash is the Lua module hash: checksums and message authentication.
package hash

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"

	"gofab/bindings/kit"
	"gofab/internal/secret"
)

// Module declares hash.
func Module() *kit.Module {
	return &kit.Module{
		Name: "hash",
		Doc:  "Checksums of strings, in lower-case hexadecimal. For files see fs.hash.",
		Funcs: []kit.Func{
			sum("md5", "MD5 (RFC 1321); only to compare with old lists, not for security.", md5.New, "900150983cd24fb0d6963f7d28e17f72"),
			sum("sha1", "SHA-1 (RFC 3174); only to compare with old lists, not for security.", sha1.New, "a9993e364706816aba3e25717850c26c9cd0d89d"),
			sum("sha256", "SHA-256 (FIPS 180-4).", sha256.New, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
			sum("sha512", "SHA-512 (FIPS 180-4).", sha512.New, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"+
				"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"),
			kit.Fn("hmac", "HMAC (RFC 2104) of a text with a key.", authenticate).With(
				`assert(hash.hmac("what do ya want for nothing?", "Jefe") ==
  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")`),
		},
	}
}

type textArgs struct {
	Text string `lua:"text,arg1" doc:"Any bytes."`
}

func sum(name, doc string, algorithm func() hash.Hash, abc string) kit.Func {
	return kit.Fn(name, doc, func(_ *kit.Call, a textArgs) (string, error) {
		h := algorithm()
		h.Write([]byte(a.Text))
		return hex.EncodeToString(h.Sum(nil)), nil
	}).With(`assert(hash.` + name + `("abc") == "` + abc + `")`)
}

type hmacArgs struct {
	Text      string       `lua:"text,arg1" doc:"Any bytes."`
	Key       secret.Value `lua:"key,arg2" doc:"The shared key."`
	Algorithm string       `lua:"algorithm" default:"sha256" enum:"sha1|sha256|sha512" doc:"Hash function inside."`
}

func authenticate(_ *kit.Call, a hmacArgs) (string, error) {
	algorithm := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}[a.Algorithm]
	h := hmac.New(algorithm, []byte(a.Key.Reveal()))
	h.Write([]byte(a.Text))
	return hex.EncodeToString(h.Sum(nil)), nil
}
