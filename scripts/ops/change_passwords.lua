-- Give an account a new password on many hosts, by talking with passwd as a
-- person would. Each host gets a password of its own; they are written to a
-- file that only you can read, before anything is changed, and shown nowhere
-- else. Hosts where passwd refuses are named, and the others go on.
--
--   gofab scripts/ops/change_passwords.lua change --targets @web --user deploy --into passwords.csv
--   gofab scripts/ops/change_passwords.lua change --targets web1 --command "sudo passwd deploy" --into new.csv
--
-- run: change --targets web1,web2,web3 --rehearse --into new.csv

-- what passwd asks and says, in the words of Linux, the BSDs and busybox
local questions = "(?i)(new|retype( new)?|repeat( new)?|re-enter new)[^\n]*password[^\n]*: ?$"
local accepted = "(?i)(updated successfully|password changed|tokens updated|changed by|passwd: done)"
local refused = "(?im)^(passwd: )?(bad password.*|.*too (short|simple|weak).*|.*do not match.*|.*failure.*|.*not found.*|.*does not exist.*)$"

-- a stand-in for --rehearse: asks as passwd does, changes nothing
local rehearsal = [[stty -echo
printf 'New password: '; read a; echo
printf 'Retype new password: '; read b; echo
[ "$a" = "$b" ] && echo 'passwd: password updated successfully']]

local function fresh_password()
  local letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
  local random = assert(io.open("/dev/urandom", "rb"))
  local out = {}
  while #out < 20 do
    local byte = random:read(1):byte()
    if byte < 256 - 256 % #letters then -- so that all letters are equally likely
      out[#out + 1] = letters:sub(byte % #letters + 1, byte % #letters + 1)
    end
  end
  random:close()
  return secret.new(table.concat(out))
end

task("change", {
  doc = "Set a new password on many hosts",
  default = true,
  args = {
    targets = { doc = "hosts to change", default = "local" },
    user = { doc = "account whose password is changed", default = "root" },
    command = { doc = "what asks for it; passwd and the account by default", default = "" },
    into = { doc = "file for the new passwords", default = "passwords.csv" },
    rehearse = { doc = "talk with a stand-in that changes nothing", default = false },
  },
}, function(_, a)
  if fs.exists(a.into) then error(a.into .. " is there already: it may hold passwords that are in use") end
  local command = a.command ~= "" and a.command or sh.join { "passwd", a.user }
  if a.rehearse then command = rehearsal end

  local all, new, state = hosts(a.targets), {}, {}
  for _, h in ipairs(all:list()) do new[h.name], state[h.name] = fresh_password(), "not tried" end
  local function save()
    local lines = { "host,user,password,state\n" }
    for _, h in ipairs(all:list()) do
      lines[#lines + 1] = table.concat({ h.name, a.user, new[h.name]:reveal(), state[h.name] }, ",") .. "\n"
    end
    fs.write(a.into, table.concat(lines), { mode = "0600" })
  end
  save()

  local answers = all:each({ all = true }, function(h)
    state[h.name] = "unknown" -- until passwd has said something
    local p = h:spawn(command, { timeout = 20 })
    local turns = p:dialog {
      { questions, new[h.name], max = 2 },
      { refused, done = true },
      { accepted, done = true },
    }
    local last = turns[#turns]
    if last.index == 3 and p:wait().ok then
      state[h.name] = "changed"
    else
      state[h.name] = "refused"
      error("passwd says: " .. (last.match or last.before))
    end
  end)
  save()

  print(#answers.ok .. " changed, in " .. a.into)
  for name, why in pairs(answers.errors) do print(name .. ": " .. why.message) end
  if next(answers.errors) then error("some hosts kept their password, see " .. a.into) end
end)
