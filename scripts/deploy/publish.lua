-- Publish a folder to many web servers: show what would change, then copy only
-- what differs, and check that all servers have the same.
--
--   gofab scripts/deploy/publish.lua preview
--   gofab scripts/deploy/publish.lua publish
--   gofab --sandbox scripts/deploy/publish.lua publish    (no server needed)
--
-- run: preview publish publish

inventory { web = { "web1", "web2", "web3" } }

local from = "site"
if not fs.exists(from) then -- something to show on a first try
  fs.write(from .. "/index.html", "<h1>hello</h1>\n")
  fs.write(from .. "/css/main.css", "h1 { color: teal }\n")
end

local exclude = { "*.map", ".git/" } -- neither copied nor deleted

task("preview", { hosts = "@web", doc = "Show what publish would do." }, function(h)
  local plan = h:sync(from, "www", { delete = true, exclude = exclude, dry = true })
  for _, e in ipairs(plan.entries) do print(e.action, e.path, e.bytes) end
  print(("%d to copy (%d bytes), %d to delete, %d equal"):format(plan.copied, plan.bytes, plan.deleted, plan.unchanged))
end)

task("publish", { hosts = "@web", doc = "Copy what differs and delete what is gone." }, function(h)
  local done = h:sync(from, "www", { delete = true, exclude = exclude })
  print(("%d copied, %d deleted, %d equal, in %.2f s"):format(done.copied, done.deleted, done.unchanged, done.duration))
  local again = h:sync(from, "www", { checksum = true, dry = true, exclude = exclude })
  assert(again.copied == 0, h.name .. " does not have what was published")
end)
