-- gofab ping: connect, run `true`, tell how long each took.

local function knock(h)
  local began = time.now()
  h:open()
  local opened = time.now()
  h:run("true", { hide = true, dry = false })
  return string.format("connected in %.0f ms, answered in %.0f ms", (opened - began) * 1000, (time.now() - opened) * 1000)
end

task("gofab:ping", { hosts = "all", hidden = true }, function(h, a)
  local deadline = time.now() + a.wait
  for n = 1, a.count do
    if n > 1 then time.sleep(a.interval) end
    local text, e = try(knock, h)
    while e and time.now() < deadline do
      time.sleep(1)
      text, e = try(knock, h)
    end
    if e then error(e) end
    print(text)
  end
end)
