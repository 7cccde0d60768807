-- gofab ping: connect, log in, run `true`, tell what each step took.

local function knock(h)
  h:close() -- each question takes the whole way
  local steps, began = h:link(), time.now()
  h:run("true", { hide = true, dry = false })
  local text = string.format("command %6.1f ms", (time.now() - began) * 1000)
  if not steps then return text end -- not over SSH
  local took = steps.took
  return string.format("connect %6.1f ms  host key %6.1f ms  login %6.1f ms  %s  %s",
    took.connect * 1000, took.host_key * 1000, took.login * 1000, text, steps.server_version)
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
