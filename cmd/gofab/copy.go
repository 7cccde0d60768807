package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gofab/internal/fault"
)

// copyFlags are the options of put, get and sync: those of h:put, h:get and
// h:sync under the same names.
type copyFlags struct {
	texts map[string]*string
	bools map[string]*bool
	lists map[string]*[]string
	set   *pflag.FlagSet
}

func newCopyFlags(set *pflag.FlagSet) *copyFlags {
	return &copyFlags{texts: map[string]*string{}, bools: map[string]*bool{}, lists: map[string]*[]string{}, set: set}
}

func (f *copyFlags) text(name, doc string) { f.texts[name] = f.set.String(optionFlag(name), "", doc) }
func (f *copyFlags) bool(name, doc string) { f.bools[name] = f.set.Bool(optionFlag(name), false, doc) }
func (f *copyFlags) list(name, doc string) {
	f.lists[name] = f.set.StringSlice(optionFlag(name), nil, doc)
}

// optionFlag gives the flag of an option: those that speak of hosts everywhere
// else have another name.
func optionFlag(option string) string {
	switch option {
	case "limit":
		return "limit-rate"
	case "exclude":
		return "without"
	default:
		return option
	}
}

// options are those that were given, as Lua takes them.
func (f *copyFlags) options() map[string]any {
	o := map[string]any{}
	for name, text := range f.texts {
		if *text != "" {
			o[name] = *text
		}
	}
	for name, on := range f.bools {
		if *on {
			o[name] = true
		}
	}
	for name, list := range f.lists {
		if len(*list) > 0 {
			o[name] = anyList(*list)
		}
	}
	return o
}

func anyList(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}

// tree declares what put and get have in common.
func (f *copyFlags) tree() {
	f.text("mode", "permission bits of files, such as 0640")
	f.bool("preserve", "keep the modification times")
	f.bool("update", "leave files alone that are the same already")
	f.bool("resume", "go on with what arrived the last time")
	f.bool("verify", "read every file back before it takes its place")
	f.text("checksum", "sha256: compare all files on both ends afterwards")
	f.text("symlinks", "keep, follow or skip links of a folder")
	f.text("limit", "most bytes a second for each host, such as 10M")
	f.list("exclude", "patterns of what to leave out of folders")
}

func (a *app) putCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "put -H TARGETS SRC... DEST",
		Short: "Copy files and folders to hosts",
		Long: `Copy files and folders to many hosts at once. A file takes the place of the old
one in one step or not at all.

  gofab put -H @web app.conf /etc/app/          a file into a folder
  gofab put -H @web site/ /var/www/site         what is in a folder
  gofab put -H @web 'certs/{host}.pem' /etc/ssl/app.pem --sudo --mode 0600

The options are those of h:put (gofab doc host:put).`,
		Args: needs(2, "gofab put -H web1,web2 app.conf /etc/app/"),
	}
	f := newCopyFlags(c.Flags())
	f.tree()
	f.text("owner", "user that files and new folders belong to")
	f.text("group", "group that files and new folders belong to")
	c.RunE = func(cmd *cobra.Command, words []string) error {
		return a.adhoc(cmd, "copy.lua", "gofab:put", func(int) map[string]any { return copyValues(words, f.options()) })
	}
	a.runFlags(c.Flags())
	return c
}

func (a *app) getCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "get -H TARGETS SRC... DEST",
		Short: "Copy files and folders from hosts",
		Long: `Copy files and folders from many hosts at once. With more than one host each has
a folder of its own under DEST, unless {host} in it says where.

  gofab get -H web1 /var/log/app.log .          a file
  gofab get -H @web /var/log/app.log logs       logs/web1/app.log, logs/web2/app.log
  gofab get -H @web /etc/hosts 'hosts-{host}'

The options are those of h:get (gofab doc host:get).`,
		Args: needs(2, "gofab get -H web1,web2 /etc/hosts copies"),
	}
	f := newCopyFlags(c.Flags())
	f.tree()
	c.RunE = func(cmd *cobra.Command, words []string) error {
		return a.adhoc(cmd, "copy.lua", "gofab:get", func(hosts int) map[string]any {
			values := copyValues(words, f.options())
			if target := values["target"].(string); hosts > 1 && !strings.Contains(target, "{host}") {
				values["target"] = strings.TrimSuffix(target, "/") + "/{host}/"
			}
			return values
		})
	}
	a.runFlags(c.Flags())
	return c
}

func (a *app) syncCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "sync -H TARGETS SRC DEST",
		Short: "Make a folder of hosts equal to one of this machine",
		Long: `Make a folder on many hosts equal to one of this machine, or the other way with
--direction get: only what differs is copied.

  gofab sync -H @web site /var/www/site --delete --without '*.tmp'

The options are those of h:sync (gofab doc host:sync).`,
		Args: needs(2, "gofab sync -H web1,web2 site /var/www/site"),
	}
	f := newCopyFlags(c.Flags())
	f.text("direction", "get: from the hosts to this machine, {host} in DEST is the name of each")
	f.bool("delete", "remove what is only in the target")
	f.bool("checksum", "compare contents, and not sizes and times")
	f.list("exclude", "patterns of what to leave alone")
	c.RunE = func(cmd *cobra.Command, words []string) error {
		if len(words) > 2 {
			return fault.New(fault.Usage, "one folder at a time").WithHint("gofab sync -H web1,web2 site /var/www/site")
		}
		return a.adhoc(cmd, "copy.lua", "gofab:sync", func(int) map[string]any { return copyValues(words, f.options()) })
	}
	a.runFlags(c.Flags())
	return c
}

// needs wants at least so many words.
func needs(n int, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, words []string) error {
		if len(words) < n {
			return fault.New(fault.Usage, "a source and a target are needed").WithHint("%s", example)
		}
		return nil
	}
}

// copyValues are the arguments of a task that copies: the last word is the
// target.
func copyValues(words []string, options map[string]any) map[string]any {
	last := len(words) - 1
	return map[string]any{"sources": anyList(words[:last]), "target": words[last], "options": options}
}
