package host

import (
	"cmp"

	"slices"

	"gofab/bindings/kit"
)

// Module declares hosts, groups and their methods.
func Module() *kit.Module {
	return &kit.Module{
		Name: "host", Global: true,
		Doc: "Managed hosts: run commands and move files, on one or on many at once.",
		Funcs: []kit.Func{
			kit.Fn("host", "Give one host by name.", one).With(
				`local h = host("web1")
print(h:run("echo hello from $(basename $HOME)").stdout)`),
			kit.Fn("dry_run", "Tell whether this run was started with --dry: commands of hosts and of this machine are shown and not run, files of "+
				"hosts stay as they are. Other modules know nothing of it, so ask before fs.write, http.post and the like.", dryRun).With(
				`if not dry_run() then fs.write("deployed", "1.2") end`),
			kit.Fn("hosts", "Give the group of hosts that a target expression means: \"@web\", \"web*\", \"web[1-9]\", "+
				"\"@web & !web3\", \"all\".", many).With(
				`local g = hosts("web1, web2")
local r = g:run("true")
assert(#r.ok == 2)`),
			kit.Fn("targets", "Give the hosts that the run is about: those that -H names, else those of the expression; of them what "+
				"--limit, --exclude and --sample leave. For scripts without tasks.", targets).With(
				`for _, h in ipairs(targets("web1, web2"):list()) do print(h.name) end`),
		},
		Types: []kit.Type{hostType(), jobType(), groupType(), resultsType()},
	}
}

func hostType() kit.Type {
	methods := slices.Concat(runMethods(), fileMethods(), talkMethods(), hostMethods(), scopeMethods())
	return kit.TypeOf[*Handle]("host", "A managed host. Its connection opens at first use and stays for the run.", methods...).Fields(
		kit.Field("name", "Name in the inventory.", func(h *Handle) string { return h.Name }),
		kit.Field("address", "Address that was declared, or the name.", func(h *Handle) string {
			return cmp.Or(h.settled().Address, h.Name)
		}),
		kit.Field("connected", "Whether its connection is open.", connected),
		kit.Field("groups", "Groups it is in.", func(h *Handle) []string { return h.settled().Groups }),
		kit.Field("vars", "Variables of the host and its groups.", func(h *Handle) map[string]any { return h.settled().Vars }),
	).Intern()
}
