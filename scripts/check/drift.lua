-- Find hosts whose copy of a file is not the one it should be. Without a
-- reference file the copy that most hosts have is taken as right. Ends with 1
-- when a host has drifted; --pages writes a page for each kind of drift, and
-- --mail-to sends the pages to the team.
--
--   gofab scripts/check/drift.lua check --targets @web --file /etc/ssh/sshd_config
--   gofab scripts/check/drift.lua check --targets @web --file /etc/motd --reference motd --pages drift
--   gofab scripts/check/drift.lua check --targets @web --file /etc/motd --mail-to team@example.com --mail-server mail.example.com
--
-- run: check --targets web1,web2 --file /etc/passwd
-- run: check --targets web1,web2,web3 --file /etc/passwd --reference /etc/passwd --pages drift

task("check", {
  doc = "Compare a file over hosts",
  default = true,
  args = {
    targets = { doc = "hosts to look at", default = "local" },
    file = { doc = "path of the file on the hosts" },
    reference = { doc = "file here that holds what is right", default = "" },
    pages = { doc = "folder for pages that show the differences", default = "" },
    mail_to = { doc = "who gets the pages by mail", default = "" },
    mail_from = { doc = "who sends them", default = "gofab@localhost" },
    mail_server = { doc = "mail server", default = "localhost" },
    mail_dry = { doc = "write the mail to this file instead of sending it", default = "" },
  },
}, function(_, a)
  local answers = hosts(a.targets):read(a.file, { all = true })
  local copies = answers:fold() -- the most common first
  local right = a.reference ~= "" and fs.read(a.reference) or answers.values[copies[1].hosts[1]]
  if not right then error("no host has " .. a.file) end

  local drifted, pages = {}, {}
  for _, copy in ipairs(copies) do
    local found = answers.values[copy.hosts[1]]
    if not found then
      print(copy.names .. ": " .. copy.output)
    elseif found ~= right then
      local names = { from = "right", to = copy.names .. ":" .. a.file, context = 3 }
      print(diff.unified(right, found, names))
      pages[#pages + 1] = { name = copy.hosts[1] .. ".html", data = diff.html(right, found, names), type = "text/html" }
    end
    if found ~= right then drifted[#drifted + 1] = copy.names end
  end

  for _, page in ipairs(a.pages ~= "" and pages or {}) do fs.write(a.pages .. "/" .. page.name, page.data) end
  if a.mail_to ~= "" and #drifted > 0 then
    mail.send{
      server = a.mail_server, from = a.mail_from, to = a.mail_to, dry = a.mail_dry, files = pages,
      subject = a.file .. " has drifted on " .. table.concat(drifted, ", "),
      text = "The pages show how. Right is " .. (a.reference ~= "" and a.reference or "what most hosts have") .. ".\n",
    }
  end
  if #drifted > 0 then error("drifted: " .. table.concat(drifted, ", ")) end
end)
