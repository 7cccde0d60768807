// Package http is the Lua module http: ask web servers, download, measure, and
// serve files and webhooks.
package http

import "gofab/bindings/kit"

// Module declares http.
func Module() *kit.Module {
	return &kit.Module{
		Name: "http",
		Doc: "Ask web servers, download files, measure every step of a request, and serve files and webhooks. " +
			"Certificates are checked; what proves who is asking is never sent on to another server.",
		Funcs: []kit.Func{
			kit.Fn("get", "Ask for a page. A status of 400 and more raises, unless check = false.", get).With(
				`local s = http.serve{ routes = { ["/api"] = function(q) return { json = { name = q.query.name } } end } }
local r = http.get(s.url .. "/api", { params = { name = "web1" } })
assert(r.status == 200 and r:json().name == "web1")
s:close()`),
			kit.Fn("head", "Ask for the head of a page alone.", head),
			kit.Fn("post", "Send something: json, form, files or a body.", post).With(
				`local s = http.serve{ routes = { ["/hook"] = function(q) return "got " .. q.method .. " " .. q.body end } }
assert(http.post(s.url .. "/hook", { body = "hello" }).body == "got POST hello")
s:close()`),
			kit.Fn("put", "Put something under a URL.", put),
			kit.Fn("patch", "Change something under a URL.", patch),
			kit.Fn("delete", "Delete what is under a URL.", remove),
			kit.Fn("request", "Ask with any method.", request).With(
				`local s = http.serve{ routes = { ["/"] = function(q) return q.method end } }
assert(http.request("PURGE", s.url).body == "PURGE")
s:close()`),
			kit.Fn("session", "Make a session: requests that share connections, cookies and settings.", session).With(
				`local srv = http.serve{ routes = { ["/"] = function(q) return q.headers["x-team"] end } }
local s = http.session{ base = srv.url, headers = { ["X-Team"] = "ops" } }
assert(s:get("/").body == "ops")
s:close() srv:close()`),
			kit.Fn("download", "Get a file to disk, whole or not at all.", download).With(
				`fs.write("www/app.tar", "content")
local s = http.serve{ dir = "www" }
local r = http.download(s.url .. "/app.tar", "app.tar", { sha256 = hash.sha256("content") })
assert(fs.read("app.tar") == "content" and r.bytes == 7)
s:close()`),
			kit.Fn("probe", "Measure a request: what each step took, sizes, TLS details, and whether everything is as expected. "+
				"tcp://host:port and tls://host:port measure a connection alone. What goes wrong is in the result.", probe).With(
				`local s = http.serve{ routes = { ["/"] = function() return "all well" end } }
local p = http.probe(s.url, { expect = { status = 200, body = "well", max_total = 5 } })
assert(p.ok and p.time.total > 0 and p.size.decoded == 8)
s:close()`,
				`local p = http.probe("http://127.0.0.1:1/")
assert(not p.ok and p.failure == "refused" and p.curl == 7)`,
				`http.probe("http://127.0.0.1:1/", { picture = "waterfall.svg" })`),
			kit.Fn("probe_many", "Probe many URLs, several at a time and each several times, and sum them up.", probeMany).With(
				`local s = http.serve{ routes = { ["/{$}"] = function() return "x" end } }
local sums = http.probe_many({ s.url, s.url .. "/none" }, { count = 3, expect = { status = 200 } })
assert(sums[1].ok == 3 and sums[1].p95 >= sums[1].min and sums[2].ok == 0)
s:close()`),
			kit.Fn("serve", "Serve a folder and functions on a port of this machine, until it is closed or the run ends.", serve).With(
				`local s = http.serve{ routes = { ["/hello"] = function(q) return { status = 201, body = "hi " .. q.path } end } }
assert(http.get(s.url .. "/hello").status == 201)
s:close()`),
		},
		Types: []kit.Type{responseType(), sessionType(), serverType()},
	}
}
