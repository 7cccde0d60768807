local t = require "test"

t.case("durations", function()
  t.eq(time.duration("1h30m"), 5400)
  t.eq(time.duration("250ms"), 0.25)
  t.eq(time.duration("2d"), 172800)
  t.eq(time.duration(0.5), 0.5)
  for _, bad in ipairs { "", "5 parsecs", "m", "1h-" } do t.raises(time.duration, bad) end
end)

t.case("a time written is read back", function()
  local now = math.floor(time.now())
  t.eq(time.parse(time.format(now)), now)
end)

t.case("zones and summer time", function()
  local winter = time.parse("2026-01-15 12:00", { layout = "%Y-%m-%d %H:%M", zone = "Europe/Berlin" })
  local summer = time.parse("2026-07-15 12:00", { layout = "%Y-%m-%d %H:%M", zone = "Europe/Berlin" })
  t.eq(time.format(winter, { layout = "%H:%M", zone = "UTC" }), "11:00")
  t.eq(time.format(summer, { layout = "%H:%M", zone = "UTC" }), "10:00")
  t.raises(time.format, 0, { zone = "Mars/Olympus" })
end)

t.case("before 1970 and leap days", function()
  t.eq(time.format(-1, { layout = "%Y-%m-%d %H:%M:%S", zone = "UTC" }), "1969-12-31 23:59:59")
  t.eq(time.parse("2024-02-29", { layout = "%Y-%m-%d", zone = "UTC" }), 1709164800)
end)

t.case("what is no time", function()
  t.eq(t.raises(time.parse, "yesterday").kind, "parse")
  t.eq(t.raises(time.parse, "2026-02-30", { layout = "%Y-%m-%d" }).kind, "parse")
end)

t.case("sleeping refuses what is no duration", function()
  time.sleep(0)
  t.raises(time.sleep, "soon")
end)
