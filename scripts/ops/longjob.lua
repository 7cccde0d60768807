-- Start a long command on hosts, let it run without a connection, and collect
-- what came of it later: from another run, on another day.
--
--   gofab longjob.lua start --command "tar czf /backup/srv.tgz /srv"
--   gofab longjob.lua collect
--
-- run: start --command hostname
-- run: start --command hostname collect --wait

inventory { store = { "store[1-2]" } }

-- What was started is noted here, one file for each host.
local function note(h) return "jobs/" .. h.name end

task("start", {
  doc = "Start the command where none is running",
  hosts = "@store",
  args = { command = { doc = "what to run" } },
}, function(h, a)
  local p = h:start(a.command, { detach = true, hide = true })
  fs.write(note(h), p.id)
  print("started " .. p.id)
end)

task("collect", {
  doc = "Show what has ended; with --wait all of it",
  hosts = "@store",
  args = { wait = { doc = "wait for the end", default = false } },
}, function(h, a)
  local p = h:job(fs.read(note(h)))
  if not a.wait and not p:poll() then
    local last = p:tail(1)[1] or "no output yet"
    print("still running: " .. last)
    return
  end
  local r = p:wait()
  print("code " .. r.code .. " after " .. r.duration .. " s: " .. (r.lines[#r.lines] or "no output"))
  p:close()
end)
