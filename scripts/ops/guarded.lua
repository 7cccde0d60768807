-- Rules for a whole team in one file, to be included by each fabfile: no changes
-- while there is a freeze, nobody reboots by a plain command, each failed host is
-- written to a file at the end, and who did what is in a log.
--
--   include("guarded.lua", { only = "status" })
--   gofab scripts/ops/guarded.lua status --targets @web
--   GOFAB_VARS_FREEZE="until Monday" gofab scripts/ops/guarded.lua status
--
-- run: status --targets web1,web2
-- run: status

local log_file = config.get("vars.log", "guarded.log")
local failures = {}

before("run", function(r)
  local freeze = config.get("vars.freeze")
  if freeze then
    error{ kind = "denied", message = "there is a freeze: " .. freeze, hint = "set vars.freeze to nothing when it is over" }
  end
end)

before("command", [[^\s*(reboot|shutdown|halt|poweroff)\b]], function(c)
  error{ kind = "denied", message = c.command .. " is not run by hand", hint = "h:reboot() waits until the host is back" }
end)

after("task", function(visit)
  local line = ("%s %s on %s: %s in %.1f s\n"):format(os.date("!%Y-%m-%dT%H:%M:%SZ"), visit.task, visit.host.name, visit.state, visit.duration)
  fs.append(log_file, line)
end)

on("host_state", function(e)
  if e.state ~= "ok" then failures[#failures + 1] = { host = e.host, state = e.state, reason = e.error and e.error.message } end
end)

on("run_end", function()
  if #failures > 0 then fs.write("failures.json", json.encode(failures)) end
end)

task("status", { doc = "Say how hosts are", args = { targets = "local" } }, function(_, a)
  hosts(a.targets):run("uptime || true", { fold = true })
end)
