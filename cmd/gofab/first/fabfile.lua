-- Tasks of this project. Try them without a server:
--   gofab --sandbox survey
--   gofab --sandbox release --version 1.2

inventory {
  web = { "web1", "web2" }, -- how to log in comes from your ssh_config
}

task("survey", { doc = "Show what the machines run", hosts = "@web", default = true }, function(h)
  h:run("uname -sr")
end)

task("release", {
  doc = "Put one version in place",
  hosts = "@web",
  args = { version = { doc = "version to release" } },
}, function(h, a)
  h:write("app/VERSION", a.version .. "\n")
  h:run({ "cat", "app/VERSION" })
end)
