-- Watch the quality of web pages: each is probed several times and must answer
-- with 200, fast enough, and with a certificate that lasts. Appends to a CSV
-- history when asked, prints JSON for a monitor, and ends with 1 when a page is
-- not good enough.
--
--   gofab scripts/check/web_quality.lua check --urls https://example.com,https://example.org
--   gofab scripts/check/web_quality.lua check --urls https://example.com --max-total 0.5 --history quality.csv --json
--
-- run: check --demo
-- run: check --demo --count 2 --history history.csv --picture fall.svg --json

task("check", {
  doc = "Probe pages and judge them",
  default = true,
  args = {
    urls = { doc = "pages, separated by commas", default = "" },
    count = { doc = "how often each is probed", type = "integer", default = 3 },
    max_total = { doc = "most seconds that 95 % of the probes may take", type = "number", default = 2 },
    tls_days = { doc = "days that a certificate must still be valid", type = "integer", default = 14 },
    history = { doc = "CSV file to add the results to", default = "" },
    picture = { doc = "draw the probes into this file, .svg or .png", default = "" },
    json = { doc = "print JSON", default = false },
    demo = { doc = "probe a page of our own", default = false },
  },
}, function(_, a)
  local urls = {}
  for url in a.urls:gmatch("[^,%s]+") do urls[#urls + 1] = url end
  local demo = a.demo and http.serve{ routes = { ["/"] = function() return "a page" end } }
  if demo then urls[#urls + 1] = demo.url end
  if #urls == 0 then error("no pages: --urls https://example.com") end

  local expect = { status = 200 }
  local sums = http.probe_many(urls, { count = a.count, expect = expect, picture = a.picture })
  local rows, bad = {}, 0
  for _, s in ipairs(sums) do
    local last = s.probes[#s.probes]
    local days = last.tls and last.tls.days_left
    local why = table.concat(last.failures, "; ")
    if s.ok == s.count and s.p95 > a.max_total then why = "too slow" end
    if days and days < a.tls_days then why = "certificate expires" end
    if s.ok < s.count or why ~= "" then bad = bad + 1 end
    rows[#rows + 1] = {
      time = os.date("!%Y-%m-%dT%H:%M:%SZ"), url = s.url, ok = s.ok, count = s.count,
      avg_ms = math.floor(s.avg * 1000 + 0.5), p95_ms = math.floor(s.p95 * 1000 + 0.5), days_left = days or "", why = why,
    }
  end
  if demo then demo:close() end

  if a.history ~= "" then
    local columns = { "time", "url", "ok", "count", "avg_ms", "p95_ms", "days_left", "why" }
    local fresh = csv.encode(rows, { columns = columns })
    if fs.exists(a.history) then fresh = fresh:gsub("^[^\n]*\n", "") end -- its first line names the columns
    fs.append(a.history, fresh)
  end
  if a.json then
    print(json.encode(rows))
  else
    for _, r in ipairs(rows) do
      print(("%d/%d  avg %d ms  p95 %d ms  %s  %s"):format(r.ok, r.count, r.avg_ms, r.p95_ms, r.url, r.why))
    end
  end
  if bad > 0 then error(("%d of %d pages are not good enough"):format(bad, #rows)) end
end)
