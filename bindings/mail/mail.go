// Package mail is the Lua module mail: send, write and read mail, and look
// after mail servers.
package mail

import "gofab/bindings/kit"

// Module declares mail.
func Module() *kit.Module {
	return &kit.Module{
		Name: "mail",
		Doc: "Send, write and read mail, and look after mail servers. Encryption is demanded unless tls says otherwise; one recipient " +
			"that is refused does not stop the others; Bcc is never written; nothing can be smuggled into a header.",
		Funcs: []kit.Func{
			kit.Fn("send", "Send a message. With dry it is written to a file instead.", send).With(
				`local r = mail.send{ server = "mail.example.com", from = "ops@example.com", to = { "team@example.com" },
  subject = "Grüße", text = "all well\n", dry = "out.eml" }
assert(mail.parse(fs.read("out.eml")).subject == "Grüße")`),
			kit.Fn("message", "Write a message, to save it or to look at it.", write).With(
				`local m = mail.message{ from = "Ops <ops@example.com>", to = "team@example.com", subject = "report", text = "see the page",
  html = '<p>see <img src="cid:logo"></p>', images = { logo = { data = "png...", type = "image/png" } },
  files = { { name = "report.csv", data = "a,b\n" } } }
m:save("report.eml")
assert(mail.parse(m:text()).files[2].name == "report.csv")`),
			kit.Fn("connect", "Open a connection for several messages.", connect),
			kit.Fn("check", "Look after a mail server without sending: greeting, features, encryption, certificate, login.", check).With(
				`local h = mail.check{ server = "127.0.0.1", port = 1, timeout = 1 }
assert(not h.ok and h.failures[1]:find("connection refused"))`),
			kit.Fn("parse", "Read a message: header, texts, attachments. What is broken is told in problems.", parse).With(
				`local m = mail.parse("From: Ann <ann@example.com>\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\n\nhello\n")
assert(m.subject == "Grüße" and m.from[1].address == "ann@example.com" and m.text == "hello\n")`),
		},
		Types: []kit.Type{messageType(), sessionType()},
	}
}
