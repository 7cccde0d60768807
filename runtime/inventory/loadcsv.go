package inventory

import (
	"strconv"
	"strings"

	"gofab/internal/datafile"
)

// loadCSV reads a row for each host: name, settings, groups, and variables.
func (inv *Inventory) loadCSV(path string, text []byte) error {
	root, err := datafile.Read(datafile.CSV, path, text)
	if err != nil {
		return err
	}
	s := inv.fileSource(path)
	g := &groups{}
	for _, row := range root.Items {
		if err := s.row(g, row); err != nil {
			return err
		}
	}
	if len(root.Items) == 0 {
		return s.bad(1, "no hosts in it: want a row with the names of the columns, then a row for each host")
	}
	return s.failed(inv.Declare(g.names, g.specs))
}

// row reads one host. Its groups are separated by blanks, semicolons or bars.
func (s *source) row(g *groups, row *datafile.Node) error {
	table := &datafile.Node{Kind: datafile.Map, Line: row.Line}
	vars := &datafile.Node{Kind: datafile.Map, Line: row.Line}
	in := []string{All}
	for _, f := range row.Fields {
		switch {
		case f.Name == "groups" || f.Name == "group":
			in = strings.FieldsFunc(f.Value.Value.(string), func(r rune) bool { return strings.ContainsRune(" ;|,", r) })
		case f.Name == "name" || settings[f.Name] != nil && f.Name != "options" && f.Name != "password":
			f.Value = &datafile.Node{Line: f.Line, Value: csvValue(f.Name, f.Value.Value.(string))}
			table.Fields = append(table.Fields, f)
		default:
			vars.Fields = append(vars.Fields, f)
		}
	}
	table.Fields = append(table.Fields, datafile.Field{Name: "vars", Line: row.Line, Value: vars})
	list := &datafile.Node{Kind: datafile.List, Items: []*datafile.Node{table}}
	for _, group := range in {
		if err := s.hosts(g.get(group), list); err != nil {
			return err
		}
	}
	return nil
}

// csvValue makes of a text what a setting wants.
func csvValue(name, text string) any {
	switch name {
	case "port":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	case "local":
		if text == "true" || text == "yes" || text == "1" {
			return true
		} else if text == "false" || text == "no" || text == "0" {
			return false
		}
	}
	return text
}
