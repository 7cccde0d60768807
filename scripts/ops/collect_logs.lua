-- Bring the lines of a log that match a pattern from many hosts into one
-- folder, one file per host, and say how many there are. The hosts search, so
-- that a large log stays where it is.
--
--   gofab scripts/ops/collect_logs.lua collect --targets web1,web2 --file /var/log/syslog --pattern error
--
-- run: collect --targets web1,web2 --file /etc/passwd --pattern root --into found
-- run: collect --targets web1,web2 --file /etc/passwd --pattern nobody-is-called-so

task("collect", {
  doc = "Bring matching lines of a log of many hosts here",
  default = true,
  args = {
    targets = { doc = "hosts to search", default = "local" },
    file = { doc = "path of the log" },
    pattern = { doc = "extended regular expression, see grep(1)" },
    into = { doc = "folder for the files", default = "logs" },
    last = { doc = "at most so many lines of each host, the last ones", default = 1000 },
  },
}, function(_, a)
  local search = sh.join { "grep", "-E", "-e", a.pattern, "--", a.file }
  -- 1 of grep is "no such line"; tail would hide the 2 of "no such file"
  local command = "found=$(" .. search .. "); code=$?; printf '%s\\n' \"$found\" | tail -n " .. a.last .. "; exit $code"
  local answers = hosts(a.targets):run(command, { hide = true, all = true, ok_codes = { 1 } })

  local total = 0
  for _, name in ipairs(answers.ok) do
    local answer = answers.values[name]
    local lines = answer.stdout
    if answer.truncated then log.warn(name .. ": more than fits, lines in the middle are left out") end
    if answer.code == 0 then
      local _, count = lines:gsub("\n", "")
      fs.write(fs.join(a.into, name .. ".log"), lines)
      print(string.format("%-12s %5d lines", name, count))
      total = total + count
    end
  end
  print(total .. " lines in " .. a.into)

  for name, e in pairs(answers.errors) do log.error(name .. ": " .. e.message) end
  if next(answers.errors) then error { message = "not all hosts could be searched" } end
end)
