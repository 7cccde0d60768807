// Package bindings is the list of modules that Go gives to Lua, and nothing
// else. A new module is one folder and one line here.
package bindings

import (
	"gofab/bindings/ask"
	"gofab/bindings/base64"
	"gofab/bindings/csv"
	"gofab/bindings/diff"
	"gofab/bindings/dns"
	"gofab/bindings/env"
	"gofab/bindings/expect"
	"gofab/bindings/filecmp"
	"gofab/bindings/fs"
	"gofab/bindings/hash"
	"gofab/bindings/http"
	"gofab/bindings/ip"
	"gofab/bindings/json"
	"gofab/bindings/kit"
	"gofab/bindings/log"
	"gofab/bindings/mail"
	"gofab/bindings/proc"
	"gofab/bindings/re"
	"gofab/bindings/secret"
	"gofab/bindings/sh"
	"gofab/bindings/ssh"
	"gofab/bindings/sys"
	"gofab/bindings/time"
	"gofab/bindings/toml"
	"gofab/bindings/yaml"
)

// Modules makes the declarations of all modules, in the order of their names.
func Modules() []*kit.Module {
	return []*kit.Module{
		ask.Module(),
		base64.Module(),
		csv.Module(),
		diff.Module(),
		dns.Module(),
		env.Module(),
		expect.Module(),
		filecmp.Module(),
		fs.Module(),
		hash.Module(),
		http.Module(),
		ip.Module(),
		json.Module(),
		log.Module(),
		mail.Module(),
		proc.Module(),
		re.Module(),
		secret.Module(),
		sh.Module(),
		ssh.Module(),
		sys.Module(),
		time.Module(),
		toml.Module(),
		yaml.Module(),
	}
}
