package dns

import (
	"slices"

	"gofab/bindings/kit"
	"gofab/internal/dnsclient"
)

type nameArgs struct {
	Name string `lua:"name,arg1" doc:"Domain name."`
}

func reverseName(_ *kit.Call, a host) (string, error) { return dnsclient.ReverseName(a.Address) }

func reverseAddress(_ *kit.Call, a nameArgs) (string, error) { return dnsclient.ReverseAddress(a.Name) }

type numberArgs struct {
	Number string `lua:"number,arg1" doc:"Telephone number, with the code of the country."`
}

func enumName(_ *kit.Call, a numberArgs) (string, error) { return dnsclient.ENUMName(a.Number) }

func absolute(_ *kit.Call, a nameArgs) (string, error) { return dnsclient.Absolute(a.Name) }

func toASCII(_ *kit.Call, a nameArgs) (string, error) { return dnsclient.ToASCII(a.Name) }

func toUnicode(_ *kit.Call, a nameArgs) (string, error) { return dnsclient.ToUnicode(a.Name), nil }

func labels(_ *kit.Call, a nameArgs) ([]string, error) {
	name, err := dnsclient.Absolute(a.Name)
	return dnsclient.Labels(name), err
}

func parent(_ *kit.Call, a nameArgs) (string, error) {
	name, err := dnsclient.Absolute(a.Name)
	return dnsclient.Parent(name), err
}

type withinArgs struct {
	Name  string `lua:"name,arg1" doc:"Domain name."`
	Above string `lua:"above,arg2" doc:"The name that it may be below."`
}

func within(_ *kit.Call, a withinArgs) (bool, error) {
	name, err := dnsclient.Absolute(a.Name)
	if err != nil {
		return false, err
	}
	above, err := dnsclient.Absolute(a.Above)
	return dnsclient.Within(name, above), err
}

func types(*kit.Call, struct{}) ([]string, error) {
	names := dnsclient.TypeNames()
	slices.Sort(names)
	return names, nil
}

type dsArgs struct {
	Key    string `lua:"key,arg1" doc:"The DNSKEY, as a line of a zone file."`
	Digest int    `lua:"digest" default:"2" doc:"1 is SHA-1, 2 SHA-256, 4 SHA-384."`
}

func makeDS(_ *kit.Call, a dsArgs) (row, error) {
	key, err := dnsclient.ParseRecord(a.Key, ".", 0)
	if err != nil {
		return nil, err
	}
	ds, err := dnsclient.DS(key, a.Digest)
	if err != nil {
		return nil, err
	}
	return rowOf(ds), nil
}

type hashArgs struct {
	Name       string `lua:"name,arg1" doc:"Domain name."`
	Salt       string `lua:"salt" default:"" doc:"Hexadecimal digits."`
	Iterations uint16 `lua:"iterations" doc:"How often it is hashed again."`
}

func nsec3Hash(_ *kit.Call, a hashArgs) (string, error) {
	return dnsclient.NSEC3Hash(a.Name, a.Salt, int(a.Iterations))
}

type zoneOfArgs struct {
	nameArgs
	settings
}

func zoneOf(c *kit.Call, a zoneOfArgs) (string, error) {
	engine, err := a.open(c)
	if err != nil {
		return "", err
	}
	return engine.ZoneOf(c.Context, a.Name)
}
