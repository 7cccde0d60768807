local t = require "test"

local temp = fs.temp()

local function at(name) return fs.join(temp, name) end

local function serving(routes, body, options)
  local o = { routes = routes }
  for k, v in pairs(options or {}) do o[k] = v end
  local s = http.serve(o)
  local ok, err = pcall(body, s)
  s:close()
  if not ok then error(err, 0) end
end

local function echo(q) return { json = q } end

t.case("what is asked arrives", function()
  serving({ ["/"] = echo }, function(s)
    local q = http.get(s.url .. "/a?x=1", { params = { y = { 2, true }, z = "ä b" }, headers = { ["X-One"] = "1" }, cookies = { c = "v" } }):json()
    t.eq(q.method, "GET")
    t.eq(q.query, { x = "1", y = "2", z = "ä b" })
    t.eq(q.headers["x-one"], "1")
    t.eq(q.headers.cookie, "c=v")
    t.eq(q.headers["user-agent"], "gofab")
    q = http.post(s.url, { form = { a = "1 2", b = { "x", "y" } } }):json()
    t.eq(q.body, "a=1+2&b=x&b=y")
    t.eq(q.headers["content-type"], "application/x-www-form-urlencoded")
    q = http.put(s.url, { json = { list = { 1, 2 }, none = json.null } }):json()
    t.eq(json.decode(q.body), { list = { 1, 2 } })
    t.eq(http.patch(s.url, { json = false }):json().body, "false")
    t.eq(http.delete(s.url):json().method, "DELETE")
    t.eq(http.head(s.url).body, "")
    fs.write(at "upload.bin", "content\0of file")
    t.eq(http.post(s.url, { file = at "upload.bin" }):json().body, "content\0of file")
    local parts = http.post(s.url, { form = { title = "report" }, files = { one = at "upload.bin", two = { data = "<b>", name = "x.html", type = "text/html" } } }):json().body
    t.contains(parts, 'name="one"; filename="upload.bin"')
    t.contains(parts, 'name="two"; filename="x.html"\r\nContent-Type: text/html\r\n\r\n<b>')
    t.contains(parts, 'name="title"\r\n\r\nreport')
  end)
end)

t.case("an answer is what it is", function()
  serving({
    ["/teapot"] = function() return { status = 418, body = "short", headers = { ["X-A"] = "b", ["Set-Cookie"] = "k=v; Path=/" } } end,
    ["/none"] = function() end,
    ["/bad"] = function() error("oops") end,
    ["/worse"] = function() return { stauts = 1 } end,
  }, function(s)
    local r = http.get(s.url .. "/teapot", { check = false })
    t.eq({ r.status, r.reason, r.ok, r.body, r:header("x-a"), r.headers["x-a"], r.cookies.k }, { 418, "I'm a teapot", false, "short", "b", "b", "v" })
    t.eq(r:header("nope"), nil)
    t.eq(http.get(s.url .. "/none").status, 204)
    t.eq(http.get(s.url .. "/bad", { check = false }).status, 500)
    t.eq(http.get(s.url .. "/worse", { check = false }).status, 500)
    r:save(at "saved")
    t.eq(fs.read(at "saved"), "short")
    local e = t.raises(http.get, s.url .. "/teapot")
    t.eq(e.kind, "failed")
    t.eq(e.result.status, 418)
    t.eq(t.raises(http.get, s.url .. "/missing").kind, "notfound")
  end)
end)

t.case("redirects are followed, credentials are not", function()
  serving({ ["/"] = echo }, function(other)
    serving({
      ["/away"] = function() return { status = 302, headers = { Location = other.url .. "/there" } } end,
      ["/loop"] = function() return { status = 301, headers = { Location = "/loop" } } end,
    }, function(s)
      local r = http.get(s.url .. "/away", { user = "ann", password = "secret" })
      t.eq(r.url, other.url .. "/there")
      t.eq(#r.history, 1)
      t.eq(r:json().headers.authorization, nil)
      t.contains(t.raises(http.get, s.url .. "/loop", { max_redirects = 4 }).message, "more than 4 redirects")
      t.eq(http.get(s.url .. "/loop", { follow = false }).status, 301)
    end)
  end)
end)

t.case("a session keeps cookies and headers, and its token stays at home", function()
  serving({ ["/"] = echo }, function(other)
    serving({
      ["/in"] = function() return { headers = { ["Set-Cookie"] = "sid=42; Path=/; HttpOnly" }, body = "in" } end,
      ["/"] = echo,
    }, function(s)
      local web = http.session(s.url .. "/", { headers = { ["X-Team"] = "ops" }, bearer = "token-of-ours" })
      web:get("/in")
      t.eq(web:cookies().sid, "42")
      local q = web:get("who"):json()
      t.eq({ q.headers.cookie, q.headers["x-team"], q.headers.authorization }, { "sid=42", "ops", "Bearer token-of-ours" })
      t.eq(web:get(other.url):json().headers.authorization, nil)
      web:close()
    end)
  end)
end)

t.case("a secret is never shown", function()
  local token = secret.new("hunter2hunter2")
  serving({ ["/"] = function() return { status = 500 } end }, function(s)
    local e = t.raises(http.get, s.url:gsub("://", "://ann:hunter2hunter2@"), { headers = { ["X-Key"] = token } })
    t.ok(not tostring(e):find("hunter2", 1, true), tostring(e))
  end)
end)

t.case("a download is whole or not there", function()
  fs.write(at "www/file", ("0123456789"):rep(1000))
  fs.write(at "got", "")
  local before = #fs.list(temp)
  serving(nil, function(s)
    local told
    local r = http.download(s.url .. "/file", at "got", { progress = function(done, total) told = { done, total } end })
    t.eq({ r.bytes, r.status, fs.read(at "got") == fs.read(at "www/file") }, { 10000, 200, true })
    t.eq(told, { 10000, 10000 })
    fs.write(at "got", "old")
    t.contains(t.raises(http.download, s.url .. "/file", at "got", { sha256 = ("0"):rep(64) }).message, "the file has the SHA-256")
    t.eq(t.raises(http.download, s.url .. "/none", at "got").kind, "notfound")
    t.raises(http.download, s.url .. "/file", at "got", { progress = function() error("stop") end })
    t.eq(fs.read(at "got"), "old")
    t.eq(#fs.list(temp), before)
  end, { dir = at "www" })
end)

t.case("a server gives nothing outside of its folder", function()
  fs.write(at "www/in", "in")
  fs.write(at "outside", "secret")
  proc.run{ "ln", "-sf", "../outside", at "www/link" }
  serving(nil, function(s)
    t.eq(http.get(s.url .. "/in").body, "in")
    for _, path in ipairs { "/../outside", "/%2e%2e/outside", "/link", "/..%2foutside" } do
      local r = http.get(s.url .. path, { check = false })
      t.ok(r.status >= 400 and not r.body:find("secret"), path .. " gave " .. r.status)
    end
  end, { dir = at "www" })
end)

t.case("a guarded server asks who is there", function()
  serving({ ["/"] = function() return "in" end }, function(s)
    t.eq(http.get(s.url, { check = false }).status, 401)
    t.eq(t.raises(http.get, s.url, { user = "ann", password = "wrong" }).kind, "auth")
    t.eq(http.get(s.url, { user = "ann", password = "right" }).body, "in")
  end, { user = "ann", password = "right" })
end)

t.case("a webhook is waited for", function()
  serving({ ["POST /hook"] = function() return "thanks" end }, function(s)
    t.eq(t.raises(function() s:wait{ timeout = 0.05 } end).kind, "timeout")
    http.post(s.url .. "/hook", { body = "one" })
    http.get(s.url .. "/hook", { check = false })
    local seen = s:wait{ count = 2 }
    t.eq({ seen[1].method, seen[1].body, seen[1].status, seen[2].status }, { "POST", "one", 200, 405 })
  end)
end)

t.case("a probe tells what is not as expected", function()
  serving({ ["/{$}"] = function() return { body = "status: green", headers = { ["X-Version"] = "7" } } end }, function(s)
    local p = http.probe(s.url, { expect = { status = { 200, 204 }, body = "green", not_body = "red", header = { ["X-Version"] = "^7$" }, max_total = 30 }, keep_body = 6 })
    t.eq({ p.ok, p.failures, p.status, p.body }, { true, {}, 200, "status" })
    p = http.probe(s.url, { expect = { status = 204, body = "blue", not_body = "green", header = { ["X-Version"] = "8", ["X-None"] = "." }, max_total = 1e-9, tls_days = 1 } })
    t.eq({ p.ok, #p.failures }, { false, 7 })
    t.eq(http.probe(s.url .. "/none").ok, false)
    local open = http.probe("tcp://127.0.0.1:" .. s.port)
    t.ok(open.ok and open.time.connect > 0)
    local tls = http.probe("tls://127.0.0.1:" .. s.port)
    t.eq({ tls.ok, tls.failure, tls.stage }, { false, "tls", "tls" })
    t.eq(t.raises(http.probe, s.url, { expect = { body = "(" } }).kind, "usage")
  end)
end)

t.case("many probes are summed up", function()
  serving({ ["/{$}"] = function() return "x" end }, function(s)
    local sums = http.probe_many({ s.url, "http://127.0.0.1:1" }, { count = 4, interval = 0.001 })
    t.eq({ sums[1].count, sums[1].ok, sums[2].ok, sums[2].max, #sums[1].probes }, { 4, 4, 0, 0, 4 })
    t.ok(sums[1].min <= sums[1].p50 and sums[1].p50 <= sums[1].p95 and sums[1].p95 <= sums[1].max)
  end)
end)

t.case("mistakes are named", function()
  for want, call in pairs {
    ["not a URL"] = function() http.get("http://[::1") end,
    ["only http and https"] = function() http.get("gopher://x") end,
    ['did you mean "timeout"'] = function() http.get("http://x", { timout = 1 }) end,
    ["more than one of json, form, body and file"] = function() http.post("http://x", { json = 1, body = "2" }) end,
    ["has a line break"] = function() http.get("http://x", { headers = { ["X-A"] = "b\r\nX-C: d" } }) end,
    ["neither dir nor routes"] = function() http.serve{} end,
    ['routes: "nope nope"'] = function() http.serve{ routes = { ["nope nope"] = print } } end,
    ["cannot serve nowhere"] = function() http.serve{ dir = "nowhere" } end,
    ["cannot read ca_file nowhere.pem"] = function() http.get("https://x", { ca_file = "nowhere.pem" }) end,
    ["neither in .svg nor in .png"] = function() http.probe("http://127.0.0.1:1", { picture = "x.gif" }) end,
    ["the answer of"] = function()
      serving({ ["/"] = function() return "<html>" end }, function(s) http.get(s.url):json() end)
    end,
  } do
    t.contains(t.raises(call).message, want)
  end
end)
