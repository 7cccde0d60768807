-- Verify a backup: compare a folder with its copy, here or on another host, by
-- content. Ends with 1 when something is missing or differs; --report writes a
-- page, --json prints the outcome for a monitor.
--
--   gofab scripts/check/backup_verify.lua verify --source /srv/data --backup /backup/data
--   gofab scripts/check/backup_verify.lua verify --source web1:/srv/data --backup store1:/backup/web1 --report verify.html
--
-- run: verify --demo
-- run: verify --demo --json --report verify.html

local function side(text)
  local name, path = text:match("^([^/:]+):(.+)$")
  if name then return { path = path, on = host(name) } end
  return text
end

-- A folder, and a backup of it on another host.
local function plant()
  fs.write("demo/data/a.txt", "alpha\n")
  fs.write("demo/data/sub/b.txt", "beta\n")
  host("web1"):put("demo", "backup/")
  return "demo", "web1:backup/demo"
end

task("verify", {
  doc = "Compare a folder with its backup",
  default = true,
  args = {
    source = { doc = "folder, or host:folder", default = "" },
    backup = { doc = "its copy, or host:copy", default = "" },
    ignore = { doc = "names and patterns to leave out, separated by commas", default = "" },
    extra = { doc = "complain also about what only the backup has", default = false },
    report = { doc = "write a page that shows the differences", default = "" },
    json = { doc = "print JSON", default = false },
    demo = { doc = "verify a folder of our own", default = false },
  },
}, function(_, a)
  local source, backup = a.source, a.backup
  if a.demo then source, backup = plant() end
  if source == "" or backup == "" then error("--source and --backup are needed") end
  local ignore = {}
  for pattern in a.ignore:gmatch("[^,]+") do ignore[#ignore + 1] = pattern end

  local began = time.now()
  local r = filecmp.dirs(side(source), side(backup), { ignore = ignore })
  local bad = #r.different + #r.left_only + #r.funny + #r.errors + (a.extra and #r.right_only or 0)
  if a.report ~= "" then fs.write(a.report, r:report{ style = "html", title = "Backup of " .. source }) end
  if a.json then
    print(json.encode{
      source = source, backup = backup, ok = bad == 0, seconds = time.now() - began, same = #r.same,
      missing = r.left_only, different = r.different, extra = r.right_only, trouble = r.errors,
    })
  else
    print(r:report())
  end
  if bad > 0 then error(("the backup of %s is not right: %d paths"):format(source, bad)) end
end)
