// Package base64 is the Lua module base64 (RFC 4648).
package base64

import (
	"encoding/base64"
	"strings"

	"gofab/bindings/kit"
	"gofab/internal/fault"
)

// Module declares base64.
func Module() *kit.Module {
	return &kit.Module{
		Name: "base64",
		Doc:  "Bytes as text (RFC 4648).",
		Funcs: []kit.Func{
			kit.Fn("encode", "Write bytes as Base64.", encode).With(
				`assert(base64.encode("gofab") == "Z29mYWI=")`,
				`assert(base64.encode("\255\255", { url = true }) == "__8")`),
			kit.Fn("decode", "Read Base64, with or without padding and line breaks, in either alphabet.", decode).With(
				`assert(base64.decode("Z29mYWI=") == "gofab")`),
		},
	}
}

type encodeArgs struct {
	Text string `lua:"text,arg1" doc:"Any bytes."`
	URL  bool   `lua:"url" default:"false" doc:"Use the alphabet for URLs and file names, without padding."`
}

func encode(_ *kit.Call, a encodeArgs) (string, error) {
	if a.URL {
		return base64.RawURLEncoding.EncodeToString([]byte(a.Text)), nil
	}
	return base64.StdEncoding.EncodeToString([]byte(a.Text)), nil
}

type decodeArgs struct {
	Text string `lua:"text,arg1" doc:"Base64 text."`
}

// standard makes one form of all that is accepted.
var standard = strings.NewReplacer("-", "+", "_", "/", "\n", "", "\r", "", " ", "", "\t", "")

func decode(_ *kit.Call, a decodeArgs) ([]byte, error) {
	text := strings.TrimRight(standard.Replace(a.Text), "=")
	data, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, fault.Wrap(fault.Parse, err, "not Base64")
	}
	return data, nil
}
