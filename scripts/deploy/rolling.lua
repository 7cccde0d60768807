-- Release a version step by step: one host first, then a tenth of them, then
-- half by half. After each batch its hosts are asked how they are. When they are
-- not well, the batch goes back to the version before and nobody else gets the
-- new one.
--
--   gofab scripts/deploy/rolling.lua release --version 1.2
--   gofab scripts/deploy/rolling.lua release --version 1.2 --max-errors 5
--   gofab --sandbox scripts/deploy/rolling.lua release --version 1.2    (no server needed)
--
-- run: release --version 1.2 --watch 0

inventory { web = { "web[01-12]" } }

local home = "srv/shop" -- below the login user's home folder

-- errors gives how many errors a host has logged since it got the version. A
-- real shop would be asked over HTTP: http.get(...).json().errors
local function errors(h)
  local log = h:with { cwd = home, hide = true }
  return tonumber(log:run("cat current/errors 2>/dev/null || echo 0").stdout)
end

local max_errors, watch

-- healthy is the gate after each batch.
local function healthy(batch)
  time.sleep(watch)
  local worst, most = nil, max_errors
  for _, a in ipairs(batch.hosts:each(errors):list()) do
    if a.value > most then worst, most = a.name, a.value end
  end
  if worst then return false, string.format("%s has %d errors, more than %d", worst, most, max_errors) end
  log.info("healthy", { batch = batch.number, left = batch.left })
end

local function link(h, release)
  h:run({ "ln", "-sfn", release, "current.new" }, { cwd = home, hide = true })
  h:run({ "mv", "-Tf", "current.new", "current" }, { cwd = home, hide = true })
end

-- back gives the hosts of a batch the version that they had.
local function back(batch, reason)
  log.warn("rolling back", { hosts = tostring(batch.hosts), reason = reason })
  batch.hosts:each(function(h)
    local app = h:with { cwd = home, hide = true }
    if app:exists("previous") then link(h, app:run("cat previous").stdout:match("%S+")) end
  end)
end

-- The load balancer takes one change at a time.
local function balance(h, state)
  lock("balancer", function() h:write(fs.join(home, "balancer"), state .. "\n") end)
end

task("drain", { doc = "Take a host out of the load balancer", hosts = "@web", hidden = true }, function(h) balance(h, "out") end)
task("undrain", { doc = "Put a host back", hosts = "@web", hidden = true }, function(h) balance(h, "in") end)

task("release", {
  doc = "Release a version to one host, a tenth, then half by half",
  hosts = "@web",
  needs = { "drain" },
  post = { "undrain" },
  rolling = { 1, "10%", "50%" },
  max_fail = "10%",
  gate = healthy,
  rollback = back,
  args = {
    version = { doc = "version to release, such as 1.2", required = true },
    max_errors = { doc = "errors that a host may log", default = 0 },
    watch = { doc = "how long a batch is watched before it is judged", type = "duration", default = "30s" },
  },
}, function(h, a)
  max_errors, watch = a.max_errors, a.watch
  local app = h:with { cwd = home, hide = true }
  if app:exists("current") then app:write("previous", app:run("readlink current").stdout) end
  app:write(fs.join("releases", a.version, "VERSION"), a.version .. "\n")
  link(h, "releases/" .. a.version)
  -- right after its start a service may need a moment
  retry({ times = 5, delay = "1s", backoff = 2, max_delay = "10s" }, function()
    assert(app:read("current/VERSION") == a.version .. "\n", "the new version does not answer")
  end)
end)
