-- gofab put, get and sync: one task each, which copies one source after the other.

local function copier(method)
  return function(h, a)
    for _, source in ipairs(a.sources) do
      for _, note in ipairs(h[method](h, source, a.target, a.options).notes) do log.warn(note) end
    end
  end
end

task("gofab:put", { hosts = "all", hidden = true }, copier("put"))
task("gofab:get", { hosts = "all", hidden = true }, copier("get"))

task("gofab:sync", { hosts = "all", hidden = true }, function(h, a)
  local r = h:sync(a.sources[1], a.target, a.options)
  print(r.copied .. " copied, " .. r.deleted .. " deleted, " .. r.unchanged .. " unchanged")
end)
