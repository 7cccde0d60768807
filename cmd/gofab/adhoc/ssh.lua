-- gofab ssh: a login shell, or one command, on the person's own terminal.
local h, words = host(arg[1]), { unpack(arg, 2) }
local r
if #words == 0 then
  r = h:tty()
else
  r = h:run(#words == 1 and words[1] or words, { pty = true, stdin = "terminal", check = false, hide = true })
end
os.exit(r.code)
