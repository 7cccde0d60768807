-- Write one line of facts per host to a CSV file: a plain script without
-- tasks, run from top to bottom.
--
--   gofab scripts/report/facts.lua web1,web2 facts.csv
--
-- run: web1,web2 facts.csv

local targets = arg[1] or "local"
local file = arg[2] or "facts.csv"

local questions = {
  kernel = "uname -sr",
  machine = "uname -m",
  processors = "getconf _NPROCESSORS_ONLN",
  memory_mb = "awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo",
}

local answers = hosts(targets):each(function(h)
  local facts = { host = h.name }
  for name, command in pairs(questions) do
    facts[name] = h:run(command, { hide = true }).stdout:match("^(.-)%s*$")
  end
  return facts
end)

local rows = {}
for _, name in ipairs(answers.ok) do rows[#rows + 1] = answers.values[name] end
fs.write(file, csv.encode(rows, { columns = { "host", "kernel", "machine", "processors", "memory_mb" } }))
print(#rows .. " hosts written to " .. file)
