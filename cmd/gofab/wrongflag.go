package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gofab/internal/fault"
	"gofab/internal/suggest"
)

// wrongFlag explains what is wrong with an option.
func wrongFlag(cmd *cobra.Command, err error) error {
	e := fault.New(fault.Usage, "%s", err).WithHint("%s --help", cmd.CommandPath())
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" {
		e.Message += nearest(cmd, unknown.GetSpecifiedName())
	}
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		if want := wanted[invalid.GetFlag().Value.Type()]; want != "" {
			e.Message = fmt.Sprintf("--%s %s: want %s", invalid.GetFlag().Name, invalid.GetValue(), want)
		}
	}
	return e
}

// wanted says what values of a type of flag are.
var wanted = map[string]string{"int": "a whole number", "count": "a whole number", "float64": "a number", "bool": "true or false"}

// nearest is the option that was most likely meant.
func nearest(cmd *cobra.Command, name string) string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := suggest.Nearest(name, names); near != "" {
		return fmt.Sprintf(" (did you mean --%s?)", near)
	}
	return ""
}
