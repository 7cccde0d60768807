-- The tasks of migrate.lua on hosts that answer from a recorded run, and on one
-- that fails where no real host would.

require "migrate"

test.case("the recorded run", function()
  test.replay("testdata/migrate.jsonl")
  run_task("demo")
  test.all_ran()
end)

test.case("a migration that fails is not moved away, and ends the run", function()
  local folder = fs.temp()
  fs.write(fs.join(folder, "001-users.sh"), "create users\n")
  test.hosts {
    ["*"] = {
      ["mkdir -p srv/schema/done"] = true,
      ["ls srv/schema/done"] = "",
      ["sh -e 001-users.sh"] = { stderr = "table users exists\n", code = 1 },
    },
  }
  local err = test.raises(run_task, "migrate", { folder = folder })
  test.contains(err.message, "table users exists")
  test.eq(#test.ran("db1"), 3)
  test.eq(#test.ran("db2"), 0, "one after the other")
end)

test.case("what is there is left alone", function()
  local folder = fs.temp()
  fs.write(fs.join(folder, "001-users.sh"), "")
  test.hosts { ["*"] = { ["mkdir -p srv/schema/done"] = true, ["ls srv/schema/done"] = "001-users.sh\n" } }
  test.eq(run_task("migrate", { folder = folder }).values, { db1 = 0, db2 = 0 })
end)
