-- Look at how each host speaks SSH: version, host key, key exchange, cipher,
-- and what opened the door. Finds hosts that what is recorded today can be read
-- from later (no post-quantum key exchange), old servers and password logins.
--
--   gofab scripts/ops/ssh_audit.lua audit --targets @all --csv audit.csv
--   gofab scripts/ops/ssh_audit.lua audit --targets @dmz --strict
--
-- run: audit --targets web1,web2
-- run: audit --targets web[1-3] --csv audit.csv

-- findings gives what is not as it should be.
local function findings(i)
  local list = {}
  if not i.post_quantum then list[#list + 1] = "key exchange " .. i.kex .. " is not post-quantum" end
  if i.cipher:find("cbc", 1, true) or i.cipher:find("arcfour", 1, true) then list[#list + 1] = "weak cipher " .. i.cipher end
  if i.host_key_type == "ssh-rsa" then list[#list + 1] = "RSA host key only" end
  if i.auth == "password" or i.auth == "keyboard-interactive" then list[#list + 1] = "login by password" end
  local major = tonumber(i.server_version:match("OpenSSH_(%d+)"))
  if major and major < 8 then list[#list + 1] = "old server " .. i.server_version end
  return list
end

task("audit", {
  doc = "Tell how hosts speak SSH",
  default = true,
  args = {
    targets = { doc = "hosts to look at", default = "all" },
    csv = { doc = "file for a table of all hosts", default = "" },
    strict = { doc = "end with an error when something is found", default = false },
  },
}, function(_, a)
  local rows, found = {}, 0
  hosts(a.targets):each(function(h)
    local s = ssh.connect(h.name, { timeout = "20s" })
    local i = s:info()
    s:close()
    local bad = findings(i)
    found = found + #bad
    print(string.format("%-20s %s %s %s", h.name, i.server_version, i.kex, i.host_key_fingerprint))
    for _, text in ipairs(bad) do print(string.format("%-20s ! %s", h.name, text)) end
    rows[#rows + 1] = {
      host = h.name, address = i.address, version = i.server_version, kex = i.kex, cipher = i.cipher,
      key = i.host_key_type, fingerprint = i.host_key_fingerprint, auth = i.auth, findings = table.concat(bad, "; "),
    }
  end)
  table.sort(rows, function(x, y) return x.host < y.host end)
  if a.csv ~= "" then
    local columns = { "host", "address", "version", "kex", "cipher", "key", "fingerprint", "auth", "findings" }
    fs.write(a.csv, csv.encode(rows, { columns = columns }))
  end
  print(string.format("%d hosts, %d findings", #rows, found))
  if a.strict and found > 0 then error(found .. " findings") end
end)
