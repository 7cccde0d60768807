-- Release an application to the web tier: build once, upload, unpack, switch a
-- symbolic link, check, and go back with one command.
--
--   gofab scripts/deploy/app.lua deploy --version 1.2
--   gofab scripts/deploy/app.lua rollback
--   gofab --sandbox scripts/deploy/app.lua deploy --version 1.2    (no server needed)
--
-- run: deploy --version 1.2

inventory {
  web = { "web[1-3]" },
  db = { "db1" },
}

local home = "srv/hello" -- below the login user's home folder
local keep = 5           -- releases that stay on a host

local config = [[
# written by gofab, do not edit
name    = hello
version = {{ version }}
host    = {{ host }}
{% for _, peer in ipairs(peers) do %}
peer    = {{ peer }}
{% end %}
]]

local version = { doc = "version to release, such as 1.2", required = true }
local archives = fs.temp()

local function archive(a) return fs.join(archives, "hello-" .. a.version .. ".tgz") end

task("build", { doc = "Pack the application", args = { version = version } }, function(_, a)
  local dir = fs.temp()
  fs.write(fs.join(dir, "bin/hello"), "#!/bin/sh\necho hello from version " .. a.version .. "\n", { mode = "0755" })
  fs.write(fs.join(dir, "VERSION"), a.version .. "\n")
  proc.run({ "tar", "-C", dir, "-czf", archive(a), "." }, { hide = true })
  log.info("built", { archive = fs.basename(archive(a)), sha256 = fs.hash(archive(a)):sub(1, 12) })
end)

task("deploy", {
  doc = "Release one version to the web tier",
  hosts = "@web",
  needs = { "build" },
  post = { "check" },
  args = { version = version },
}, function(h, a)
  local release = fs.join(home, "releases", a.version)
  local upload = release .. ".tgz"
  h:put(archive(a), upload)
  h:run { "mkdir", "-p", release }
  h:run { "tar", "-xzf", upload, "-C", release }
  h:run { "rm", upload }
  h:write(fs.join(release, "app.conf"), template.render(config, {
    version = a.version, host = h.name, peers = hosts("@web").names,
  }, "app.conf"))

  -- the new link is made beside the old one and renamed over it: nobody ever
  -- sees half a release
  local app = h:with { cwd = home }
  app:run { "ln", "-sfn", "releases/" .. a.version, "current.new" }
  app:run { "mv", "-Tf", "current.new", "current" }
  app:run("ls -1t releases | tail -n +" .. keep + 1 .. " | xargs -I{} rm -rf -- releases/{}", { hide = true })
end)

task("check", { doc = "Run what is released and show its version", hosts = "@web" }, function(h)
  local answer = h:run("./current/bin/hello", { cwd = home, retries = 3, delay = "1s" }).stdout
  assert(answer:find("hello from version", 1, true), "unexpected answer: " .. answer)
end)

task("rollback", { doc = "Go back to the release before the current one", hosts = "@web" }, function(h)
  local app = h:with { cwd = home, hide = true }
  local current = fs.basename(app:run({ "readlink", "current" }).stdout:match("%S+"))
  local newer = true -- the list begins with the newest release
  for release in app:run("ls -1t releases").stdout:gmatch("%S+") do
    if not newer then
      app:run { "ln", "-sfn", "releases/" .. release, "current.new" }
      app:run { "mv", "-Tf", "current.new", "current" }
      print("back from " .. current .. " to " .. release)
      return
    end
    newer = release ~= current
  end
  error { kind = "notfound", message = "there is no release before " .. current, hint = "deploy one first" }
end)
