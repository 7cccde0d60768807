--- Fill text templates: configuration files, reports, messages.
---
--- `{{ expression }}` puts a value in, `{% statement %}` runs Lua, `{# ... #}` is a comment. A line that
--- holds nothing but a statement or a comment leaves no empty line behind. `-%}` also drops the
--- white space that follows the tag, `{%-` the white space before it.
---
--- A value that is nil and a name that nobody set are errors with the file and line of the template.
local template = {}

-- The compiled chunk keeps the template's line numbers: text is written as %q
-- strings, in which a line break stays one, and dropped line breaks are put
-- back between the statements. So Lua's own error places are the template's.

local closing = { ["{{"] = "}}", ["{%"] = "%}", ["{#"] = "#}" }

local function line_of(text, position)
  local _, breaks = text:sub(1, position - 1):gsub("\n", "\n")
  return breaks + 1
end

local function breaks_in(text)
  return (text:gsub("[^\n]", ""))
end

--- Finds the next tag. An opener is `{` with `{`, `%` or `#` after it.
local function next_tag(text, from)
  local at = text:find("{[{%%#]", from)
  if not at then return nil end
  return at, text:sub(at, at + 1)
end

--- Tells whether a tag has its line to itself: where the line begins, and where the next one does.
local function own_line(text, first, last)
  local before = text:sub(1, first - 1):match("()[ \t]*$")
  if before > 1 and text:sub(before - 1, before - 1) ~= "\n" then return nil end
  local _, after = text:find("^[ \t]*\r?\n", last + 1)
  if not after then
    if not text:find("^[ \t]*$", last + 1) then return nil end
    after = #text
  end
  return before, after
end

local function fail(name, line, message)
  error { kind = "parse", message = name .. ":" .. line .. ": " .. message }
end

--- Turns a template into the source of a Lua chunk with the same line numbers.
local function translate(text, name)
  local out, from = {}, 1
  local function emit(code) out[#out + 1] = code end
  local function emit_text(piece)
    if piece ~= "" then emit("_put(" .. string.format("%q", piece) .. ") ") end
  end
  while true do
    local first, opener = next_tag(text, from)
    if not first then break end
    local closer = closing[opener]
    local close = text:find(closer, first + 2, true)
    if not close then
      fail(name, line_of(text, first), opener .. " without " .. closer)
    end
    local inner = text:sub(first + 2, close - 1)
    local text_end, resume = first - 1, close + 2
    if opener ~= "{{" then
      local line_start, line_end = own_line(text, first, close + 1)
      if line_start then text_end, resume = line_start - 1, line_end + 1 end
    end
    local left, right = inner:match("^(%-?)(.-)$")
    if left == "-" then
      inner = right
      text_end = math.min(text_end, #text:sub(1, first - 1):gsub("%s+$", ""))
    end
    if inner:sub(-1) == "-" then
      inner = inner:sub(1, -2)
      resume = math.max(resume, (select(2, text:find("^%s*", close + 2)) or close + 1) + 1)
    end
    text_end = math.max(text_end, from - 1)
    emit_text(text:sub(from, text_end))
    emit(breaks_in(text:sub(text_end + 1, first - 1)))
    if opener == "{{" then
      emit("_value(" .. inner .. ") ")
    elseif opener == "{%" then
      emit(inner .. " ")
    else
      emit(breaks_in(inner))
    end
    emit(breaks_in(text:sub(close + 2, resume - 1)))
    from = resume
  end
  emit_text(text:sub(from))
  return table.concat(out)
end

--- What a template sees: its variables first, then gofab's own names.
local function scope(vars, put)
  local own = {
    _put = put,
    _value = function(...)
      local value = ...
      if select("#", ...) == 0 or value == nil then error { message = "the value is nil" } end
      put(tostring(value))
    end,
  }
  return setmetatable(own, {
    __index = function(_, name)
      local value = vars[name]
      if value ~= nil then return value end
      local known, global = pcall(function() return _G[name] end)
      if known then return global end
      error { message = "undefined variable \"" .. tostring(name) .. "\"" }
    end,
  })
end

--- Fill a template given as text.
---
--- ```lua
--- local text = template.render("listen {{ port }};\n", { port = 8080 })
--- assert(text == "listen 8080;\n")
--- ```
---@param text string The template.
---@param vars? table Variables by name.
---@param name? string Name in error messages; "template" by default.
---@return string text The filled text.
function template.render(text, vars, name)
  name = name or "template"
  local chunk, message = loadstring(translate(text, name), "=" .. name)
  if not chunk then error { kind = "parse", message = message } end
  local parts = {}
  setfenv(chunk, scope(vars or {}, function(piece) parts[#parts + 1] = piece end))
  chunk()
  return table.concat(parts)
end

--- Fill a template file. Errors name the file and its line.
---
--- ```lua
--- fs.write("motd.tmpl", "Welcome to {{ host }}\n")
--- assert(template.file("motd.tmpl", { host = "web1" }) == "Welcome to web1\n")
--- ```
---@param path string The template file.
---@param vars? table Variables by name.
---@return string text The filled text.
function template.file(path, vars)
  return template.render(fs.read(path), vars, path)
end

return template
