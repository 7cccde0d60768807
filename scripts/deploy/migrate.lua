-- Apply the numbered migrations of a folder to database hosts, each one once and
-- in their order. When one fails, the run stops there; repaired, it goes on with
-- that one:
--
--   gofab scripts/deploy/migrate.lua migrate migrations
--   gofab resume
--   gofab --sandbox scripts/deploy/migrate.lua demo    (no server needed)
--
-- The test beside this file runs on a recorded run: gofab --sandbox --record
-- scripts/deploy/testdata/migrate.jsonl scripts/deploy/migrate.lua demo
--
-- run: demo

inventory { db = { "db[1-2]" } }

local state = "srv/schema" -- below the login user's home folder; one file for each migration that is done

local function migrations(folder)
  local list = {}
  for _, name in ipairs(fs.list(folder)) do
    if name:match("^%d+.*%.sh$") then list[#list + 1] = name end
  end
  table.sort(list)
  assert(#list > 0, "no migrations such as 001-users.sh in " .. folder)
  return list
end

-- A migration is a shell script that runs in a folder of its own on the host.
local function apply(h, folder, name)
  local app = h:with { cwd = state }
  app:write(name, fs.read(fs.join(folder, name)))
  app:run({ "sh", "-e", name })
  app:run("mv " .. sh.quote(name) .. " done/")
end

task("migrate", {
  doc = "Apply what is missing", hosts = "@db", serial = true,
  args = { folder = { doc = "folder of the migrations", positional = 1 } },
}, function(h, a)
  local before = step("look", function()
    h:run("mkdir -p " .. state .. "/done")
    return h:run("ls " .. state .. "/done", { hide = true }).lines
  end)
  local is_done = {}
  for _, name in ipairs(before) do is_done[name] = true end
  local count = 0
  for _, name in ipairs(migrations(a.folder)) do
    if not is_done[name] then
      step("migration " .. name, function() apply(h, a.folder, name) end)
      count = count + 1
    end
  end
  print(count .. " applied, " .. #before .. " were there")
  return count
end)

task("demo", { doc = "Apply two migrations, then a third one" }, function()
  local folder = fs.temp()
  fs.write(fs.join(folder, "001-users.sh"), "echo id name > users\n")
  fs.write(fs.join(folder, "002-roles.sh"), "echo id role > roles\n")
  local first = run_task("migrate", { folder = folder })
  assert(first.values.db1 == 2 and first.values.db2 == 2)
  fs.write(fs.join(folder, "003-mail.sh"), "sed -i '1s/$/ mail/' users; cat users\n")
  assert(run_task("migrate", { folder = folder }).values.db2 == 1)
  assert(host("db2"):read(state .. "/users") == "id name mail\n")
end)
