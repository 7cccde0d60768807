package main

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// firstFabfile is what gofab init writes.
//
//go:embed first/fabfile.lua
var firstFabfile string

// editorFolder holds the definitions that .luarc.json points at.
const editorFolder = ".gofab/editor"

const luarc = `{
  "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
  "runtime.version": "Lua 5.1",
  "workspace.library": ["` + editorFolder + `"],
  "workspace.checkThirdParty": false
}
`

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use: "init", Short: "Write a first fabfile and the setting for editors", Args: cobra.NoArgs,
		Long: `Write into this folder: fabfile.lua, an example to change; .luarc.json and
` + editorFolder + `, which let editors with the Lua language server complete and
check gofab's own functions. A file that is there stays as it is: remove
` + editorFolder + ` to have the definitions of a newer gofab.`,
		RunE: func(*cobra.Command, []string) error { return a.writeProject(a.world.Dir()) },
	}
}

func (a *app) writeProject(dir string) error {
	l, err := library()
	if err != nil {
		return err
	}
	for _, f := range []struct{ name, text string }{{Fabfile, firstFabfile}, {".luarc.json", luarc}} {
		wrote, err := writeNew(filepath.Join(dir, f.name), f.text)
		if err != nil {
			return err
		}
		a.tell(wrote, f.name)
	}
	count := 0
	for name, text := range l.LuaLS() {
		wrote, err := writeNew(filepath.Join(dir, editorFolder, name), text)
		if err != nil {
			return err
		}
		if wrote {
			count++
		}
	}
	a.tell(count > 0, editorFolder)
	fmt.Fprint(a.world.Out, "\nNext:\n  gofab list\n  gofab --sandbox "+Fabfile+"\n  gofab doc\n\nSettings go into gofab.toml here: gofab config --all lists them.\n")
	return nil
}

func (a *app) tell(wrote bool, name string) {
	word := "kept "
	if wrote {
		word = "wrote"
	}
	fmt.Fprintf(a.world.Out, "%s  %s\n", word, name)
}

// writeNew writes a file, unless there is one. Half a file would be kept by the
// next init, so none is left behind.
func writeNew(path, text string) (wrote bool, err error) {
	if _, err := os.Lstat(path); err == nil {
		return false, nil
	}
	if err := writeFile(path, text); err != nil {
		_ = os.Remove(path)
		return false, err
	}
	return true, nil
}
