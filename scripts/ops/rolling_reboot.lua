-- Reboot hosts one after the other, and stop at the first that does not come
-- back as it should. Without --force only those are rebooted that ask for it.
--
--   gofab scripts/ops/rolling_reboot.lua reboot --targets @web --check "systemctl is-system-running --wait"
--
-- run: reboot --targets web1,web2 --force
-- run: reboot --targets web1

task("reboot", {
  doc = "Reboot hosts one by one and wait for each",
  default = true,
  args = {
    targets = { doc = "hosts to reboot", default = "local" },
    force = { doc = "also hosts that do not ask for it", default = false },
    check = { doc = "line that must succeed on a host before the next one's turn", default = "true" },
    limit = { doc = "longest time for one host", default = "10m" },
  },
}, function(_, a)
  hosts(a.targets):each({ serial = true }, function(h)
    -- Debian's sign that an update wants a reboot
    if not a.force and not h:exists("/var/run/reboot-required") then
      print(h.name .. ": no reboot needed")
      return
    end
    local r = h:reboot { timeout = a.limit, check = a.check }
    print(string.format("%s: gone for %.1f s, %.1f s in all", h.name, r.up, r.duration))
  end)
end)
