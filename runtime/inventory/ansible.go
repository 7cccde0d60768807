package inventory

import (
	"regexp"
	"strconv"
	"strings"

	"gofab/internal/ansibleinv"
	"gofab/internal/fault"
	"gofab/internal/secret"
)

// Ansible says how a host is reached by variables with fixed names. They count
// wherever they stand, and after what is said as a setting.

// ansibleNames are these variables by setting; of several the last counts, as
// in Ansible.
var ansibleNames = map[string][]string{
	"address":  {"ansible_host", "ansible_ssh_host"},
	"port":     {"ansible_port", "ansible_ssh_port"},
	"user":     {"ansible_user", "ansible_ssh_user"},
	"key":      {"ansible_private_key_file", "ansible_ssh_private_key_file"},
	"password": {"ansible_password", "ansible_ssh_pass", "ansible_ssh_password"},
	"local":    {"ansible_connection"},
	"options":  {"ansible_ssh_common_args", "ansible_ssh_extra_args"},
}

// passwordNames are variables that are secrets.
var passwordNames = regexp.MustCompile(`^ansible_(password|ssh_pass|ssh_password|become_pass|become_password|sudo_pass|su_pass)$`)

// hidden makes a secret of a variable that Ansible knows as a password.
func (inv *Inventory) hidden(s Statement) Statement {
	if text, ok := scalarText(s.Value); ok && s.Var && passwordNames.MatchString(s.Name) && s.Value != nil {
		password := secret.New(text)
		if inv.Secret != nil {
			inv.Secret(password)
		}
		s.Value = password
	}
	return s
}

// fromAnsible sets what the variables say of the way to the host.
func (h *Host) fromAnsible(b base) {
	for _, name := range Settings {
		value, variable := lastOf(b.vars, ansibleNames[name])
		if value == nil || b.settings[name] != nil {
			continue
		}
		if err := h.translate(name, value, b.vars); err != nil {
			h.Problem = fault.New(fault.Unsupported, "%s: %v", variable, err).WithHint("%s", fault.From(err).Hint)
		}
	}
}

func lastOf(vars map[string]any, names []string) (value any, name string) {
	for _, one := range names {
		if v, ok := vars[one]; ok && v != nil {
			value, name = v, one
		}
	}
	return value, name
}

func (h *Host) translate(name string, value any, vars map[string]any) error {
	if password, ok := value.(secret.Value); ok {
		h.Password = password
		return nil
	}
	text, ok := scalarText(value)
	if !ok {
		return fault.New(fault.Usage, "unexpected %s", shown(value))
	}
	text, err := expand(text, h, vars, 0)
	if err != nil {
		return err
	}
	switch name {
	case "port":
		port, err := strconv.Atoi(text)
		if err != nil || !setPort(h, port) {
			return fault.New(fault.Usage, "%q is not a port", text)
		}
	case "local":
		return h.connection(text)
	case "options":
		return h.arguments(vars)
	default:
		settings[name](h, text)
	}
	return nil
}

// connection knows Ansible's names of what we have.
func (h *Host) connection(name string) error {
	name = strings.TrimPrefix(name, "ansible.builtin.")
	switch name {
	case "local":
		h.Transport = Local
	case "ssh", "smart", "paramiko", "paramiko_ssh":
	default:
		return fault.New(fault.Unsupported, "%q is not a way that gofab has", name).WithHint("ssh and local are")
	}
	return nil
}

// arguments reads options of the ssh program: -o Keyword=value, -J and -i.
func (h *Host) arguments(vars map[string]any) error {
	h.Options = nil
	for _, name := range ansibleNames["options"] {
		text, _ := scalarText(vars[name])
		text, err := expand(text, h, vars, 0)
		if err != nil {
			return err
		}
		words, err := ansibleinv.Split(text)
		if err != nil {
			return err
		}
		if err := h.argumentList(words); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) argumentList(words []string) error {
	for i := 0; i < len(words); i++ {
		flag, value := words[i], ""
		if len(flag) < 2 || flag[0] != '-' {
			return fault.New(fault.Unsupported, "unexpected %q", flag)
		}
		if strings.Contains("oJFipl", flag[1:2]) {
			if value = flag[2:]; value == "" && i+1 < len(words) {
				i++
				value = words[i]
			}
		}
		if err := h.argument(flag[:2], value); err != nil {
			return err
		}
	}
	return nil
}

// silentFlags of ssh change nothing for us.
const silentFlags = "-A -C -q -T -t -4 -6 -v -a -x"

func (h *Host) argument(flag, value string) error {
	switch {
	case flag == "-J":
		h.Jump = value
	case flag == "-i":
		h.Key = value
	case flag == "-o":
		keyword, rest, ok := strings.Cut(value, "=")
		if !ok {
			keyword, rest, _ = strings.Cut(value, " ")
		}
		keyword, rest = strings.TrimSpace(keyword), strings.TrimSpace(rest)
		switch {
		case strings.EqualFold(keyword, "ProxyJump"):
			h.Jump = rest
		case setOptions(&Host{}, map[string]any{keyword: rest}):
			h.Options = append(h.Options, [2]string{keyword, rest})
		default:
			return fault.New(fault.Unsupported, "%q is no keyword of ssh_config", keyword)
		}
	case strings.Contains(silentFlags, flag):
	default:
		return fault.New(fault.Unsupported, "the option %s of ssh", flag).WithHint("-o and -J are known")
	}
	return nil
}

var template = regexp.MustCompile(`\{\{\s*([A-Za-z_][\w.]*)\s*\}\}`)

// expand puts the values of plain variables into a text; more of Ansible's
// templates is not known.
func expand(text string, h *Host, vars map[string]any, depth int) (string, error) {
	if depth > 10 {
		return "", fault.New(fault.Unsupported, "templates that use each other in a circle")
	}
	var failed error
	text = template.ReplaceAllStringFunc(text, func(whole string) string {
		name := template.FindStringSubmatch(whole)[1]
		switch name {
		case "inventory_hostname":
			return h.Name
		case "inventory_hostname_short":
			short, _, _ := strings.Cut(h.Name, ".")
			return short
		}
		value, _ := Var(vars, name)
		inner, ok := scalarText(value)
		if !ok {
			return whole
		}
		inner, err := expand(inner, h, vars, depth+1)
		if err != nil {
			failed = err
		}
		return inner
	})
	if failed == nil && (strings.Contains(text, "{{") || strings.Contains(text, "{%")) {
		failed = fault.New(fault.Unsupported, "%q is a template that gofab does not know", text).
			WithHint("{{ name }} of a plain variable is known")
	}
	return text, failed
}
