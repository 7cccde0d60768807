package main

//go:generate go run . docs ../../docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"gofab/bindings"
	"gofab/internal/docmodel"
	"gofab/internal/fault"
	"gofab/runtime/reference"
	"gofab/runtime/run"
	"gofab/stdlib"
)

// documentation gives the commands that explain: doc and init, and the hidden
// one that writes the committed copies.
func (a *app) documentation() []*cobra.Command {
	return []*cobra.Command{a.docCommand(), a.initCommand(), a.docsCommand()}
}

// library is what this binary documents.
func library() (*docmodel.Library, error) {
	return reference.Library(run.Modules(bindings.Modules()), stdlib.Files)
}

func (a *app) docCommand() *cobra.Command {
	return &cobra.Command{
		Use: "doc [NAME]", Short: "Explain a module or a function, or list them", Args: cobra.MaximumNArgs(1),
		Example: "  gofab doc fs\n  gofab doc fs.write\n  gofab doc host:run\n  gofab doc errors",
		RunE: func(_ *cobra.Command, names []string) error {
			text, err := a.explain(strings.Join(names, ""))
			if err != nil {
				return err
			}
			fmt.Fprint(a.world.Out, text)
			return nil
		},
		ValidArgsFunction: completeName,
	}
}

// explain is what there is to say about a name; without one it lists them.
func (a *app) explain(name string) (string, error) {
	l, err := library()
	if err != nil {
		return "", err
	}
	if name == "" {
		return l.Terminal(a.columns()), nil
	}
	entry, err := l.Lookup(name)
	if err != nil {
		return "", err
	}
	return entry.Terminal(a.columns()), nil
}

// The widest text that reads well, and what a pipe gets.
const (
	widestText = 100
	pipeWidth  = 80
)

func (a *app) columns() int {
	columns, _, ok := a.world.Terminal()
	if !ok || columns == 0 {
		return pipeWidth
	}
	return min(columns, widestText)
}

func completeName(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	l, err := library()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var found []string
	for _, name := range l.Names() {
		if strings.HasPrefix(name, prefix) {
			found = append(found, name)
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// docsCommand writes the committed copies: reference pages and editor
// definitions. A page that is no longer generated is removed.
func (a *app) docsCommand() *cobra.Command {
	return &cobra.Command{
		Use: "docs DIR", Short: "Write the reference and the editor definitions", Args: cobra.ExactArgs(1), Hidden: true,
		RunE: func(_ *cobra.Command, words []string) error {
			l, err := library()
			if err != nil {
				return err
			}
			if err := replaceFiles(filepath.Join(words[0], "reference"), l.Markdown()); err != nil {
				return err
			}
			return replaceFiles(filepath.Join(words[0], "editor"), l.LuaLS())
		},
	}
}

// replaceFiles makes a folder hold exactly these files.
func replaceFiles(dir string, files map[string]string) error {
	old, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return fault.OS(err, "cannot read %s", dir)
	}
	for _, f := range old {
		if _, kept := files[f.Name()]; !kept {
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				return fault.OS(err, "cannot remove an old page")
			}
		}
	}
	for name, text := range files {
		if err := writeFile(filepath.Join(dir, name), text); err != nil {
			return err
		}
	}
	return nil
}

// writeFile writes a text file and makes the folders above it.
func writeFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fault.OS(err, "cannot make the folder %s", filepath.Dir(path))
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return fault.OS(err, "cannot write %s", path)
	}
	return nil
}
