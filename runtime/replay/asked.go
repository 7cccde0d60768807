package replay

import (
	"cmp"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gofab/internal/command"
	"gofab/internal/shell"
)

// telling are the options that tell a command from another one: where and as
// whom it runs. How long it may take, what becomes of its output and what it is
// given on standard input do not.
var telling = []string{
	"cwd", "env", "replace_env", "umask", "prefix", "sudo", "user", "become", "group", "shell", "login", "pty", "detach",
}

// asked gives what was asked of a host: the command as the script gave it, and
// the options that say where and as whom it runs.
func asked(req command.Exec) (text string, options map[string]any) {
	if req.Request == nil {
		return req.Line, nil
	}
	text, err := shell.Command{Line: req.Request.Line, Args: req.Request.Args}.Text()
	if err != nil {
		text = req.Line
	}
	return text, optionsOf(req.Request.Options)
}

// optionsOf lists the telling options that are not the usual ones, by the names
// that scripts know.
func optionsOf(o command.Options) map[string]any {
	given, usual := reflect.ValueOf(o), reflect.ValueOf(command.Defaults())
	list := map[string]any{}
	for _, field := range reflect.VisibleFields(given.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("lua"), ",")
		if !slices.Contains(telling, name) {
			continue
		}
		value := given.FieldByIndex(field.Index)
		none := value.IsZero() || (value.Kind() == reflect.Map || value.Kind() == reflect.Slice) && value.Len() == 0
		if !none && !reflect.DeepEqual(value.Interface(), usual.FieldByIndex(field.Index).Interface()) {
			list[name] = plain(value.Interface())
		}
	}
	return list
}

// plain is a value as JSON has it, so that what was read back is equal.
func plain(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var out any
	_ = json.Unmarshal(text, &out)
	return out
}

// keyOf tells the commands of a host apart.
func keyOf(text string, options map[string]any) string {
	if len(options) == 0 {
		return text
	}
	encoded, _ := json.Marshal(options) // names are sorted
	return text + "\x00" + string(encoded)
}

// marks are the words by which sudo and the like tell that they want a password
// and that they have let the command through, and by which a command in the
// background tells its process number. They begin with another text each time.
var marks = regexp.MustCompile(`\b[A-Z2-7]{26}-(?:password|ready|pid-([0-9]+))-`)

var (
	readyMark = regexp.MustCompile(`\b([A-Z2-7]{26})-ready-`)
	pidMark   = regexp.MustCompile(`\b([A-Z2-7]{26})-pid-`)
)

// unmarked takes the marks out of what a command said, and gives the process
// number that it told.
func unmarked(text []byte) (rest []byte, pid string) {
	for _, found := range marks.FindAllSubmatch(text, -1) {
		pid += string(found[1])
	}
	return marks.ReplaceAll(text, nil), pid
}

// somePID is the process number of a command that has none.
const somePID = "99999"

// spoken is what a line makes a host say before its command begins: that it was
// let through, and its process number.
func spoken(line, pid string) string {
	text := ""
	if found := readyMark.FindStringSubmatch(line); found != nil {
		text += shell.Ready(found[1])
	}
	if found := pidMark.FindStringSubmatch(line); found != nil {
		text += found[1] + "-pid-" + cmp.Or(pid, somePID) + "-"
	}
	return text
}
