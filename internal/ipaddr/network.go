package ipaddr

import (
	"fmt"
	"math/big"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"

	"go4.org/netipx"

	"gofab/internal/fault"
)

// Network is a block of addresses with a common prefix; the bits behind it are
// zero.
type Network struct{ netip.Prefix }

// Interface is an address together with its network.
type Interface struct{ netip.Prefix }

// ParseInterface reads address/prefix; the prefix may be a netmask or a
// hostmask. Without one it is the whole address.
func ParseInterface(text string) (Interface, error) {
	host, mask, masked := strings.Cut(text, "/")
	a, err := ParseAddress(host)
	if err != nil {
		return Interface{}, fault.New(fault.Parse, "%q is not an IP network", text).WithHint("%s", networkHint(host, err))
	}
	if a.Zone() != "" {
		return Interface{}, fault.New(fault.Parse, "%q: a network has no zone", text)
	}
	length := a.BitLen()
	if masked {
		if length, err = prefixLength(mask, a); err != nil {
			return Interface{}, fault.New(fault.Parse, "%q is not an IP network: %v", text, err)
		}
	}
	return Interface{netip.PrefixFrom(a.Addr, length)}, nil
}

func networkHint(host string, err error) string {
	if hint := fault.From(err).Hint; hint != "" && !strings.Contains(host, "/") {
		return hint
	}
	return "write it as 192.0.2.0/24, 192.0.2.0/255.255.255.0 or 2001:db8::/32"
}

// prefixLength reads 24, 255.255.255.0 or 0.0.0.255.
func prefixLength(mask string, a Address) (int, error) {
	if n, err := strconv.Atoi(mask); err == nil && mask[0] != '+' && mask[0] != '-' {
		if n > a.BitLen() {
			return 0, fmt.Errorf("a prefix has at most %d bits", a.BitLen())
		}
		return n, nil
	}
	m, err := netip.ParseAddr(mask)
	if err != nil || !m.Is4() || !a.Is4() {
		return 0, fmt.Errorf("%q is neither a prefix length nor a netmask", mask)
	}
	b := m.As4()
	word := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	if ones := bits.LeadingZeros32(^word); word == ^uint32(0)<<(32-ones) {
		return ones, nil
	}
	if zeros := bits.LeadingZeros32(word); word == ^uint32(0)>>zeros {
		return zeros, nil // a hostmask
	}
	return 0, fmt.Errorf("the bits of %s are not in one piece", mask)
}

// ParseNetwork reads a network. Bits behind the prefix are an error, unless
// they are to be cleared.
func ParseNetwork(text string, clear bool) (Network, error) {
	i, err := ParseInterface(text)
	if err != nil {
		return Network{}, err
	}
	n := i.Network()
	if n.Addr() != i.Addr() && !clear {
		return Network{}, fault.New(fault.Parse, "%s has host bits set", text).
			WithHint("the network is %s; strict = false takes it, ip.iface keeps the address", n)
	}
	return n, nil
}

// Network is the block that an interface lies in.
func (i Interface) Network() Network { return Network{i.Masked()} }

// First and Last are the ends of the network.
func (n Network) First() Address { return Address{n.Addr()} }
func (n Network) Last() Address  { return Address{netipx.PrefixLastIP(n.Prefix)} }

// Version is 4 or 6.
func (n Network) Version() int { return n.First().Version() }

// Size is the number of addresses.
func (n Network) Size() *big.Int {
	return new(big.Int).Lsh(big.NewInt(1), uint(n.Addr().BitLen()-n.Bits()))
}

// Netmask and Hostmask are the masks as addresses.
func (n Network) Netmask() Address {
	return Address{netip.PrefixFrom(n.ones(), n.Bits()).Masked().Addr()}
}

func (n Network) Hostmask() Address {
	ones, mask := n.ones().AsSlice(), n.Netmask().AsSlice()
	for i := range ones {
		ones[i] ^= mask[i]
	}
	a, _ := netip.AddrFromSlice(ones)
	return Address{a}
}

// ones is the last address of all.
func (n Network) ones() netip.Addr {
	if n.Addr().Is4() {
		return netip.AddrFrom4([4]byte{255, 255, 255, 255})
	}
	return netip.MustParseAddr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
}

// Holds says that all of a range lies in the network.
func (n Network) Holds(r Range) bool { return n.Contains(r.From.Addr) && n.Contains(r.To.Addr) }

// Range is the network as a range.
func (n Network) Range() Range { return Range{n.First(), n.Last()} }

// Supernet is the network with a shorter prefix that holds this one.
func (n Network) Supernet(length int) (Network, error) {
	if length < 0 || length > n.Bits() {
		return Network{}, fault.New(fault.Usage, "%s lies in no network with a prefix of %d", n, length)
	}
	return Network{netip.PrefixFrom(n.Addr(), length).Masked()}, nil
}

// Subnet gives one of the networks with a longer prefix inside, by number from 0.
func (n Network) Subnet(length int, number *big.Int) (Network, error) {
	if length < n.Bits() || length > n.Addr().BitLen() {
		return Network{}, fault.New(fault.Usage, "%s has no networks with a prefix of %d in it", n, length)
	}
	if number.Sign() < 0 || number.Cmp(n.Subnets(length)) >= 0 {
		return Network{}, fault.New(fault.Usage, "%s has no network %s with a prefix of %d", n, number, length)
	}
	a, err := n.First().Add(new(big.Int).Lsh(number, uint(n.Addr().BitLen()-length)))
	return Network{netip.PrefixFrom(a.Addr, length)}, err
}

// Subnets is how many networks with a longer prefix are inside.
func (n Network) Subnets(length int) *big.Int {
	return new(big.Int).Lsh(big.NewInt(1), uint(length-n.Bits()))
}

// Sibling gives the network of the same size so many further on.
func (n Network) Sibling(by *big.Int) (Network, error) {
	a, err := n.First().Add(new(big.Int).Mul(by, n.Size()))
	if err != nil {
		return Network{}, fault.New(fault.Usage, "there is no network %s from %s", signed(by), n)
	}
	return Network{netip.PrefixFrom(a.Addr, n.Bits())}, nil
}

// Exclude gives what is left without other, the largest networks first.
func (n Network) Exclude(other Network) ([]Network, error) {
	if !n.Holds(other.Range()) || n.Version() != other.Version() {
		return nil, fault.New(fault.Usage, "%s does not lie in %s", other, n)
	}
	out := []Network{}
	for n.Bits() < other.Bits() {
		low, _ := n.Subnet(n.Bits()+1, big.NewInt(0)) // it has two: it is larger than other
		high, _ := n.Subnet(n.Bits()+1, big.NewInt(1))
		if low.Contains(other.Addr()) {
			n, low = low, high
		} else {
			n = high
		}
		out = append(out, low)
	}
	return out, nil
}

// Hosts are the addresses that hosts may have: without network and broadcast
// address (IPv4), or without the subnet-router address (IPv6). The smallest
// networks keep all.
func (n Network) Hosts() Range {
	r := n.Range()
	if n.Addr().BitLen()-n.Bits() < 2 {
		return r
	}
	r.From = Address{r.From.Next()}
	if n.Version() == 4 {
		r.To = Address{r.To.Prev()}
	}
	return r
}

// Reverse are the zones in which PTR records of the network are.
func (n Network) Reverse() []string {
	step := 4
	if n.Version() == 4 {
		step = 8
	}
	length := (n.Bits() + step - 1) / step * step
	names := []string{}
	count := n.Subnets(length)
	for i := big.NewInt(0); i.Cmp(count) < 0; i.Add(i, big.NewInt(1)) {
		sub, _ := n.Subnet(length, i) // at most 128 of them, all inside
		labels := strings.Split(sub.First().Reverse(), ".")
		names = append(names, strings.Join(labels[(sub.Addr().BitLen()-length)/step:], "."))
	}
	return names
}

// Compare orders networks by version, address and length.
func Compare(a, b netip.Prefix) int { return netipx.ComparePrefix(a, b) }
