local t = require "test"

local temp = fs.temp()
local function at(name) return fs.join(temp, name) end

local function rehearse(message)
  message.from = message.from or "Ops <ops@example.com>"
  message.to = message.to or "team@example.com"
  message.dry = at "out.eml"
  local r = mail.send(message)
  return mail.parse{ file = at "out.eml" }, fs.read(at "out.eml"), r
end

t.case("what is written is read", function()
  fs.write(at "report.csv", "a,b\n1,2\n")
  local m, text, r = rehearse{
    to = { "Ann Müller <ann@example.com>", "b@example.com, c@example.com" }, cc = "d@example.com", bcc = "secret@example.com",
    reply_to = "team@example.com", subject = "Grüße & more", text = "plain ä\n", html = '<p>rich <img src="cid:logo"></p>',
    images = { logo = { data = "\137PNG", type = "image/png" } }, files = { at "report.csv", { name = "Übersicht.txt", data = "x" } },
    headers = { ["X-Job"] = "42" }, date = 1e9, message_id = "7@example.com",
  }
  t.eq({ m.subject, m.text, m.html, m.date, m.message_id }, { "Grüße & more", "plain ä\n", '<p>rich <img src="cid:logo"></p>', 1e9, "7@example.com" })
  t.eq(m.to, { { name = "Ann Müller", address = "ann@example.com" }, { name = "", address = "b@example.com" }, { name = "", address = "c@example.com" } })
  t.eq({ m.cc[1].address, m.reply_to[1].address, m.headers["x-job"][1] }, { "d@example.com", "team@example.com", "42" })
  t.eq({ m.files[1].cid, m.files[1].inline, m.files[2].name, m.files[2].data, m.files[3].name }, { "logo", true, "report.csv", "a,b\n1,2\n", "Übersicht.txt" })
  t.ok(not text:find("secret@example.com", 1, true), "Bcc is written")
  t.eq({ r.message_id, #r.accepted, #m.problems }, { "7@example.com", 0, 0 })
  t.eq(fs.stat(at "out.eml").mode, "0600")
end)

t.case("domains of any script become ASCII", function()
  local _, text = rehearse{ to = "post@müller.example" }
  t.contains(text, "To: post@xn--mller-kva.example")
end)

t.case("a message can be kept", function()
  local m = mail.message{ from = "ops@example.com", to = { "a@example.com", "A <a@example.com>" }, bcc = "b@example.com", subject = "s" }
  t.eq(m.recipients, { "a@example.com", "b@example.com" })
  m:save(at "kept.eml")
  t.eq(fs.read(at "kept.eml"), m:text())
end)

t.case("broken mail is read as far as it goes", function()
  local m = mail.parse("Subject: x\nFrom: not an address <\nDate: soon\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=klingon\n\nhi\n--b\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"../../etc/passwd\"\n\n!!aGk=\n")
  t.eq({ m.subject, m.text, m.files[1].name, m.files[1].data, #m.from, m.date }, { "x", "hi", "passwd", "hi", 0, nil })
  t.ok(#m.problems >= 3, json.encode(m.problems))
  t.eq(t.raises(mail.parse, "").kind, "parse")
end)

t.case("mistakes are named", function()
  for want, message in pairs {
    ['missing argument "from"'] = { from = false },
    ['to: "nobody" is not an address'] = { to = "nobody" },
    ["the message has no recipient"] = { to = {} },
    ["from: 2 addresses, one is wanted"] = { from = "a@example.com, b@example.com" },
    ["the header field Subject has a line break"] = { subject = "a\nBcc: x@example.com" },
    ["to: an address has a line break"] = { to = "a@example.com\r\nBcc: x@example.com" },
    ["From is written by the message itself"] = { headers = { From = "x@example.com" } },
    ["images are shown by html"] = { images = { a = { data = "x", type = "image/png" } } },
    ["its type is missing"] = { html = "x", images = { a = { data = "x" , name = "a" } } },
    ["cannot read nowhere.pdf"] = { files = { "nowhere.pdf" } },
    ["one of path and data is needed"] = { files = { { name = "x" } } },
    ["one of key_file and key is needed"] = { dkim = { domain = "example.com", selector = "a" } },
    ["the DKIM key is not in PEM"] = { dkim = { domain = "example.com", selector = "a", key = "x" } },
    ['did you mean "subject"'] = { subjekt = "x" },
  } do
    local m = { from = "ops@example.com", to = "team@example.com", dry = at "out.eml" }
    for k, v in pairs(message) do m[k] = v or nil end
    t.contains(t.raises(mail.send, m).message, want)
  end
end)

t.case("no server is an error that says so", function()
  local e = t.raises(mail.send, { server = "127.0.0.1", port = 1, from = "a@example.com", to = "b@example.com" })
  t.eq(e.kind, "unreachable")
  t.contains(e.message, "127.0.0.1:1")
  t.eq(t.raises(mail.connect, { server = "127.0.0.1", port = 1 }).kind, "unreachable")
  t.eq(mail.check({ server = "127.0.0.1", port = 1 }).ok, false)
end)

t.case("a message can be signed", function()
  local key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n" -- of RFC 8410
  local _, text = rehearse{ dkim = { domain = "example.com", selector = "mail", key = secret.new(key) } }
  t.contains(text, "DKIM-Signature: ")
  t.contains(text, "d=example.com")
end)
