-- gofab shell: one prompt, many hosts.

local scopes = {}     -- host name -> the host with its working directory and exports
local live, sudo = false, false
local last            -- results of the last line
local worst = 0       -- for the exit code, where no person looks on
local group           -- the hosts of the prompt

local function use(names)
  group = hosts(table.concat(names, ","))
  for _, h in ipairs(group:list()) do scopes[h.name] = scopes[h.name] or h end
end

-- answers puts the hosts together that gave the same, the largest part first.
local function answers(r)
  local list, known = {}, {}
  for _, name in ipairs(group.names) do
    local value, state = r.values[name], r.states[name]
    local output = value and value.stdout .. value.stderr or r.errors[name] and tostring(r.errors[name]) or ""
    local key = state .. " " .. tostring(value and value.code) .. " " .. output
    if not known[key] then
      known[key] = { names = {}, state = state, code = value and value.code, output = (output:gsub("%s+$", "")) }
      list[#list + 1] = known[key]
    end
    table.insert(known[key].names, name)
  end
  for _, one in ipairs(list) do one.hosts = tostring(hosts(table.concat(one.names, ","))) end
  table.sort(list, function(a, b)
    if #a.names ~= #b.names then return #a.names > #b.names end
    return a.hosts < b.hosts
  end)
  return list
end

-- fold shows equal answers once.
local function fold(r)
  for _, one in ipairs(answers(r)) do
    local note = one.code == nil and " (" .. one.state .. ")" or one.code ~= 0 and " (exit " .. one.code .. ")" or ""
    if one.output ~= "" or note ~= "" then
      if #group > 1 or note ~= "" then print("-- " .. one.hosts .. note) end
      if one.output ~= "" then print(one.output) end
    end
  end
end

-- drop leaves out the hosts that cannot be reached any more.
local function drop(r)
  local gone = {}
  for name, state in pairs(r.states) do
    if state == "unreachable" or state == "unknown" then gone[#gone + 1] = name end
  end
  if #gone == 0 then return end
  table.sort(gone)
  print("-- gone: " .. table.concat(gone, ", "))
  local left = {}
  for _, name in ipairs(group.names) do
    if r.states[name] ~= "unreachable" and r.states[name] ~= "unknown" then left[#left + 1] = name end
  end
  if #left == 0 then os.exit(3) end
  use(left)
end

-- note remembers a line's results, and how bad they were.
local function note(r)
  last = r
  local well = 0
  for _, name in ipairs(group.names) do
    if r.values[name] and r.values[name].ok then well = well + 1 end
  end
  if well < #group then worst = (well == 0 or worst == 1) and 1 or 4 end
end

-- on calls fn with each host in its scope, many at a time.
local function on(fn)
  return group:each({ all = true }, function(h)
    local scoped = scopes[h.name]
    if sudo then scoped = scoped:with{ sudo = true } end
    return fn(scoped, h)
  end)
end

local function run(line)
  local r = on(function(h) return h:run(line, { check = false, hide = not live }) end)
  if not live then fold(r) end
  note(r)
  drop(r)
end

-- keep runs a line that changes the shell's own state, and keeps that change on
-- the hosts where it worked.
local function keep(line, scope)
  local r = on(function(h, plain)
    local result = h:run(line, { check = false, hide = true })
    if result.ok then
      scopes[plain.name] = scopes[plain.name]:with(scope(result))
      result.stdout = "" -- nobody asked for it
    end
    return result
  end)
  fold(r)
  note(r)
  drop(r)
end

local function cd(dir)
  keep("cd " .. (dir == "" and "~" or dir) .. " && pwd", function(result) return { cwd = (result.stdout:gsub("\n$", "")) } end)
end

local commands, help = {}, {}

local function command(name, doc, fn)
  commands[name] = fn
  help[#help + 1] = string.format("  :%-16s %s", doc[1], doc[2])
end

command("help", { "help", "this list" }, function() print(table.concat(help, "\n") .. "\n  !line             run a line on this machine") end)
command("hosts", { "hosts", "the hosts of the prompt" }, function() print(table.concat(group.names, "\n")) end)
command("use", { "use TARGETS", "go on with these hosts: :use web1,web2" }, function(rest) use(hosts(rest).names) end)
command("live", { "live", "show output line by line, as it comes" }, function() live = true end)
command("fold", { "fold", "show equal answers once, at the end" }, function() live = false end)
command("sudo", { "sudo on|off", "run lines as root" }, function(rest) sudo = rest ~= "off" end)
command("last", { "last", "exit codes of the last line" }, function()
  for _, name in ipairs(group.names) do
    local value = last and last.values[name]
    print(name .. "  " .. (value and "exit " .. value.code or last and last.states[name] or "nothing yet"))
  end
end)
command("diff", { "diff", "what differs from the answer of most hosts" }, function()
  if not last then return end
  local parts = answers(last)
  print("-- " .. parts[1].hosts)
  print(parts[1].output)
  for i = 2, #parts do
    print(diff.unified(parts[1].output .. "\n", parts[i].output .. "\n", { from = parts[1].hosts, to = parts[i].hosts }))
  end
end)
command("put", { "put SRC DEST", "copy a file or folder to the hosts" }, function(rest)
  local source, target = rest:match("^(%S+)%s+(%S+)$")
  if not source then error("put SRC DEST", 0) end
  on(function(h) return h:put(source, target) end):raise()
end)
command("get", { "get SRC DEST", "copy a file or folder from the hosts, a folder for each" }, function(rest)
  local source, target = rest:match("^(%S+)%s*(%S*)$")
  if not source then error("get SRC DEST", 0) end
  on(function(h) return h:get(source, (target == "" and "." or target) .. "/{host}/") end):raise()
end)
command("quit", { "quit", "leave, as Ctrl-D does" }, function() os.exit(console.interactive() and 0 or worst) end)

local function obey(line)
  local name, rest = line:match("^:(%S*)%s*(.-)%s*$")
  if name then
    if not commands[name] then error("no command :" .. name .. " (:help lists them)", 0) end
    commands[name](rest)
  elseif line:match("^%s*!") then
    proc.run(line:match("!(.*)$"), { check = false })
  elseif line:match("^%s*cd%s*$") or line:match("^%s*cd%s+[^;&|]+$") then
    cd(line:match("cd%s*(.-)%s*$"))
  elseif line:match("^%s*export%s") or line:match("^%s*umask%s") or line:match("^%s*unset%s") or line:match("^%s*%.%s") then
    keep(line, function() return { prefix = { line } } end)
  elseif line:match("%S") then
    run(line)
  end
end

-- complete asks the first host what a word may become: a program at the
-- beginning of a line, else a path.
local function complete(before)
  local colon = before:match("^:(%w*)$")
  local found = {}
  if colon then
    for name in pairs(commands) do
      if name:sub(1, #colon) == colon then found[#found + 1] = ":" .. name end
    end
    table.sort(found)
    return found
  end
  local word = before:match("[^%s;|&(<>'\"]*$")
  local quoted = word:sub(1, 2) == "~/" and "~/" .. sh.quote(word:sub(3)) or sh.quote(word)
  local look = "for f in " .. quoted .. "*; do [ -d \"$f\" ] && printf '%s/\\n' \"$f\" || { [ -e \"$f\" ] && printf '%s\\n' \"$f\"; }; done"
  if word == before:match("^%s*(.*)$") and not word:find("/") then
    look = "IFS=:; for d in $PATH; do for f in \"$d\"/" .. sh.quote(word) .. "*; do [ -x \"$f\" ] && printf '%s\\n' \"${f##*/}\"; done; done | sort -u"
  end
  local first = scopes[group.names[1]]
  for line in first:run(look, { hide = true, check = false, timeout = "2s" }).stdout:gmatch("[^\n]+") do found[#found + 1] = line end
  return found
end

local function prompt()
  local names = tostring(group)
  if #names > 40 then names = #group .. " hosts" end
  return names .. (sudo and "# " or "> ")
end

use(console.targets())
while true do
  local line = console.read(prompt(), complete)
  if not line then break end
  local whole = console.guard(function()
    local _, e = try(obey, line)
    if e then log.error(e.message .. (e.hint and e.hint ~= "" and "\n  hint: " .. e.hint or "")) end
  end)
  if not whole then print("-- interrupted") end
end
commands.quit()
