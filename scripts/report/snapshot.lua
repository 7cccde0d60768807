-- Show what a full-screen program shows on each of many hosts: top, htop, iftop,
-- a vendor's menu. The program runs on a terminal that nobody sees, and its
-- screen is printed once it stands still.
--
--   gofab scripts/report/snapshot.lua snapshot --targets @web --program "top -d 1"
--
-- run: snapshot --targets web1,web2 --program sh --rows 1 --wait 0.1
-- run: snapshot --targets web1 --program tty

-- settle waits until nothing has changed for a while, but not for ever: some
-- programs never rest.
local function settle(screen, pause, limit)
  for _ = 1, limit / pause do
    local text = screen:text()
    time.sleep(pause)
    if text ~= "" and text == screen:text() then return end
  end
end

task("snapshot", {
  doc = "Show the screen of a program on each host",
  default = true,
  args = {
    targets = { doc = "hosts to look at", default = "local" },
    program = { doc = "line for the shell that starts it", default = "top -d 1" },
    rows = { doc = "rows that are shown, from the top", default = 12 },
    wait = { doc = "seconds without a change", default = 0.3 },
    limit = { doc = "longest time for one host", default = 10 },
  },
}, function(_, a)
  hosts(a.targets):each(function(h)
    local p = h:spawn(a.program, { term = "xterm", rows = 24, cols = 100, timeout = a.limit })
    local screen = p:screen()
    screen:wait("\\S") -- something is there
    settle(screen, a.wait, a.limit)
    for row = 1, math.min(a.rows, 24) do print(screen:line(row)) end
    p:close() -- and the program with it
  end)
end)
