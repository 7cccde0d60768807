--- Write tests in Lua. `gofab test` finds the files that end in `_test.lua`, runs each in a fresh
--- interpreter and reaches every host in the sandbox.
local test = { cases = {} }

local stage -- what answers for hosts where a case says nothing: what the file itself has set up
local in_case = false

local function staged()
  if not in_case then stage = replay.current() end
end

local function show(value)
  if type(value) == "string" then return string.format("%q", value) end
  if type(value) ~= "table" then return tostring(value) end
  local ok, text = pcall(json.encode, value)
  return ok and text or tostring(value)
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for k, v in pairs(a) do
    if not same(v, b[k]) then return false end
  end
  for k in pairs(b) do
    if a[k] == nil then return false end
  end
  return true
end

--- A failure points at the line of the test, not into this file.
local function fail(message, note)
  if note then message = note .. ": " .. message end
  error { message = message }
end

--- Declare one test case. A case fails when its function raises.
---
--- ```lua
--- test.case("addition", function()
---   test.eq(1 + 1, 2)
--- end)
--- ```
---@param name string What the case shows.
---@param body function The case.
function test.case(name, body)
  if type(name) ~= "string" or type(body) ~= "function" then
    error("test.case(name, function() ... end)", 2)
  end
  test.cases[#test.cases + 1] = { name = name, body = function()
    in_case = true
    replay.use(stage)
    return body()
  end }
end

--- Want two values to be equal; tables are compared by content.
---
--- ```lua
--- test.eq({ 1, { a = 2 } }, { 1, { a = 2 } })
--- ```
---@param got any The value.
---@param want any What it should be.
---@param note? string Goes in front of the message.
function test.eq(got, want, note)
  if not same(got, want) then fail("got " .. show(got) .. ", want " .. show(want), note) end
end

--- Want two values to differ.
---
--- ```lua
--- test.ne("a", "b")
--- ```
---@param got any The value.
---@param other any What it should not be.
---@param note? string Goes in front of the message.
function test.ne(got, other, note)
  if same(got, other) then fail("got " .. show(got) .. ", want anything else", note) end
end

--- Want a value that is neither nil nor false.
---
--- ```lua
--- test.ok(#"text" == 4)
--- ```
---@param value any The value.
---@param note? string Goes in front of the message.
---@return any value The value itself.
function test.ok(value, note)
  if not value then fail("got " .. show(value) .. ", want something true", note) end
  return value
end

--- Want a text to hold another one, as it is.
---
--- ```lua
--- test.contains("connection refused", "refused")
--- ```
---@param text string The text.
---@param part string What it should hold.
---@param note? string Goes in front of the message.
function test.contains(text, part, note)
  if not tostring(text):find(part, 1, true) then
    fail("got " .. show(text) .. ", want it to contain " .. show(part), note)
  end
end

--- Want a text to match an RE2 pattern.
---
--- ```lua
--- test.match("web12", "^web\\d+$")
--- ```
---@param text string The text.
---@param pattern string Regular expression.
---@param note? string Goes in front of the message.
function test.match(text, pattern, note)
  if not re.test(tostring(text), pattern) then
    fail("got " .. show(text) .. ", want a match of " .. show(pattern), note)
  end
end

--- Want a function to raise, and give the error object.
---
--- ```lua
--- local e = test.raises(error, "boom")
--- test.contains(e.message, "boom")
--- ```
---@param body function What should raise.
---@param ... any Its arguments.
---@return error err The error object.
function test.raises(body, ...)
  local results = { pcall(body, ...) }
  if results[1] then fail("nothing was raised") end
  local _, err = try(error, results[2], 0)
  return err
end

--- Have hosts answer as a table says, by name of the host ("*" is any other) and by command; nothing is run.
--- A command is the text that the script gives to `h:run`, or `~` and a regular expression. An answer is a
--- text (standard output), an exit code, `true`, a table with any of `stdout`, `stderr`, `code`, `signal`, `timed_out` and
--- `error`, a function that gives one of these, or a list of them for one run after the other. The table under
--- `files` has contents by path, and what is written on such a host can be read there. A command without an answer
--- is an error. It holds to the end of the case; outside of one, for all cases of the file.
---
--- ```lua
--- test.hosts{
---   web1 = {
---     ["uname -s"] = "Linux\n",
---     ["systemctl is-active nginx"] = { code = 3, stdout = "inactive\n" },
---     ["~^rm "] = true,
---     files = { ["/etc/motd"] = "hello\n" },
---   },
--- }
--- local h = host("web1")
--- test.eq(h:run("uname -s").stdout, "Linux\n")
--- test.eq(h:run("systemctl is-active nginx", { check = false }).code, 3)
--- h:run("rm -rf /srv/old")
--- test.eq(test.ran("web1")[3], "rm -rf /srv/old")
--- ```
---@param answers table Tables of commands and their answers, by name of the host.
function test.hosts(answers)
  replay.answers(answers)
  staged()
end

--- Have hosts answer from a record, which `gofab --record FILE` writes: the same command on the same host gives
--- what it gave then, in the order in which it was run. What is not in the record is an error.
---
--- ```lua
--- test.raises(test.replay, "no-such-record.jsonl")
--- ```
---@param file string The record.
---@param options? table ignore: regular expressions of texts that may differ, such as times and random names.
function test.replay(file, options)
  replay.load(file, options or {})
  staged()
end

--- List the commands that a host was given, in their order.
---
--- ```lua
--- test.hosts{ web1 = { ["~."] = true } }
--- host("web1"):run("true")
--- test.eq(test.ran("web1"), { "true" })
--- ```
---@param host? string Name of the host; all of them when left out.
---@return string[] commands The commands. `replay.ran` has their options as well.
function test.ran(host)
  local commands = {}
  for i, one in ipairs(replay.ran(host)) do commands[i] = one.command end
  return commands
end

--- Want everything to have been run that was recorded or that has an answer.
---
--- ```lua
--- test.hosts{ web1 = { ["true"] = true } }
--- host("web1"):run("true")
--- test.all_ran()
--- ```
function test.all_ran()
  local missing = {}
  for name, commands in pairs(replay.left()) do
    for _, command in ipairs(commands) do
      if #command > 80 then command = command:sub(1, 77) .. "..." end
      missing[#missing + 1] = name .. ": " .. command
    end
  end
  table.sort(missing)
  if #missing > 0 then fail("not run: " .. table.concat(missing, "; ")) end
end

return test
