package ip

import (
	"fmt"
	"math/big"
	"strings"

	"gofab/internal/ipaddr"
)

// number is a number for Lua: exact, as a string where a number is not.
func number(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64() // kit writes large ones as strings
	}
	return n.String()
}

// integer is a whole number that may be larger than Lua's.
type integer struct{ *big.Int }

// LuaType names what FromLua takes.
func (n *integer) LuaType() string { return "integer|string" }

// FromLua reads a whole number, or its digits.
func (n *integer) FromLua(value any) error {
	switch v := value.(type) {
	case float64:
		if v == float64(int64(v)) && v < 1<<53 && v > -(1<<53) {
			n.Int = big.NewInt(int64(v))
			return nil
		}
	case string:
		if i, ok := new(big.Int).SetString(v, 0); ok {
			n.Int = i
			return nil
		}
	}
	return fmt.Errorf("want a whole number, or its digits in a string")
}

// anyAddress is an address as a script gives it.
type anyAddress struct{ ipaddr.Address }

// LuaType names what FromLua takes.
func (a *anyAddress) LuaType() string { return "string|ip_address|ip_interface" }

// FromLua reads a text or an object.
func (a *anyAddress) FromLua(value any) (err error) {
	switch v := value.(type) {
	case string:
		a.Address, err = ipaddr.ParseAddress(v)
	case ipaddr.Address:
		a.Address = v
	case ipaddr.Interface:
		a.Address = ipaddr.Address{Addr: v.Addr()}
	default:
		err = fmt.Errorf("want an address")
	}
	return err
}

// anyNetwork is a network as a script gives it.
type anyNetwork struct{ ipaddr.Network }

// LuaType names what FromLua takes.
func (n *anyNetwork) LuaType() string { return "string|ip_network|ip_interface|ip_address" }

// FromLua reads a text or an object.
func (n *anyNetwork) FromLua(value any) error {
	b := block{}
	if err := b.FromLua(value); err != nil {
		return err
	}
	network, ok := b.Network()
	if !ok {
		return fmt.Errorf("%s is not one network", b.Range)
	}
	n.Network = network
	return nil
}

// block is anything that holds addresses next to each other: an address, a
// network, a range, as text or object.
type block struct {
	ipaddr.Range
	value any // as an object
}

// LuaType names what FromLua takes.
func (b *block) LuaType() string { return "string|ip_address|ip_network|ip_range|ip_interface" }

// FromLua reads a text or an object.
func (b *block) FromLua(value any) (err error) {
	switch v := value.(type) {
	case string:
		return b.read(v)
	case ipaddr.Address:
		b.Range, b.value = ipaddr.Range{From: v, To: v}, v
	case ipaddr.Network:
		b.Range, b.value = v.Range(), v
	case ipaddr.Interface:
		b.Range, b.value = v.Network().Range(), v.Network()
	case ipaddr.Range:
		b.Range, b.value = v, v
	default:
		err = fmt.Errorf("want an address, a network or a range")
	}
	return err
}

func (b *block) read(text string) (err error) {
	if b.Range, err = ipaddr.ParseRange(text); err != nil {
		return err
	}
	switch {
	case strings.Contains(text, "-"):
		b.value = b.Range
	case strings.Contains(text, "/"):
		n, _ := b.Network() // it was read as one
		b.value = n
	default:
		b.value = b.From
	}
	return nil
}

func ranges(blocks []block) []ipaddr.Range {
	out := make([]ipaddr.Range, len(blocks))
	for i, b := range blocks {
		out[i] = b.Range
	}
	return out
}
