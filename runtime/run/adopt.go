package run

// Adopt takes over those options of a run that a script may change before its
// tasks begin: the targets, the way through the hosts, and what holds for all
// commands.
func (r *Run) Adopt(o Options) {
	r.options.Target, r.options.Forks, r.options.Fan, r.options.Commands = o.Target, o.Forks, o.Fan, o.Commands
	r.services.Forks, r.services.Fan = o.Forks, o.Fan.Fan
	r.Env.Commands().Defaults, r.services.Commands.Defaults = o.Commands.Scope, o.Commands.Scope
}
