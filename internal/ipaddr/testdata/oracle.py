# Answers questions about addresses with ipaddress, netaddr and IPy: JSON a line in, JSON a line out.
import ipaddress, itertools, json, sys
import netaddr, IPy

FLAGS = ["is_private", "is_global", "is_multicast", "is_reserved", "is_loopback", "is_link_local", "is_unspecified"]

def address(text):
    a = ipaddress.ip_address(text)
    out = {f: getattr(a, f) for f in FLAGS}
    out.update(version=a.version, full='%'.join([ipaddress.ip_address(text.split('%')[0]).exploded] + text.split('%')[1:]), int=str(int(a)), reverse=ipaddress.ip_address(text.split('%')[0]).reverse_pointer, site_local=getattr(a, "is_site_local", False))
    if a.version == 6:
        out["mapped"] = str(a.ipv4_mapped or "")
        out["sixtofour"] = str(a.sixtofour or "")
        out["teredo"] = [str(x) for x in a.teredo or []]
    if "%" not in text:
        out["ipy_hex"], out["ipy_bin"] = IPy.IP(text).strHex().lower(), IPy.IP(text).strBin()
    return out

def network(q):
    n = ipaddress.ip_network(q["text"], strict=q["strict"])
    out = {"text": str(n), "first": str(n[0]), "last": str(n[-1]), "netmask": str(n.netmask), "hostmask": str(n.hostmask), "size": str(n.num_addresses),
           "version": n.version}
    hosts = n.hosts()
    out["hosts"] = [str(h) for h in itertools.islice(hosts, 3)]
    d = min(q["diff"], n.max_prefixlen - n.prefixlen)
    out["subnets"] = [str(s) for s in itertools.islice(n.subnets(prefixlen_diff=d), 5)] if d else []
    out["supernet"] = str(n.supernet(prefixlen_diff=min(q["diff"], n.prefixlen)))
    o = ipaddress.ip_network(q["other"], strict=False)
    out["exclude"] = []
    if o.version == n.version and o.subnet_of(n) and o != n: out["exclude"] = [str(x) for x in n.address_exclude(o)]
    out["overlaps"] = n.overlaps(o) if o.version == n.version else False
    return out

def lists(q):
    nets = [ipaddress.ip_network(x, strict=False) for x in q["nets"]]
    v4, v6 = [n for n in nets if n.version == 4], [n for n in nets if n.version == 6]
    a, b = netaddr.IPSet(q["nets"][: len(q["nets"]) // 2]), netaddr.IPSet(q["nets"][len(q["nets"]) // 2 :])
    text = lambda s: [str(c) for c in s.iter_cidrs()]
    one = v4 or v6
    span = one[0]
    while not all(n.subnet_of(span) for n in one): span = span.supernet() # netaddr's own is wrong where networks lie in others
    return {
        "merged": [str(n) for n in list(ipaddress.collapse_addresses(v4)) + list(ipaddress.collapse_addresses(v6))],
        "union": text(a | b), "minus": text(a - b), "both": text(a & b), "either": text(a ^ b), "size": str((a | b).size),
        "span": str(span),
    }

def summary(q):
    return [str(n) for n in ipaddress.summarize_address_range(ipaddress.ip_address(q["from"]), ipaddress.ip_address(q["to"]))]

def glob(q):
    return [str(x) for x in netaddr.glob_to_iprange(q["text"]).cidrs()]

def mac(q):
    e = netaddr.EUI(q["text"])
    return {"unix": str(netaddr.EUI(int(e), dialect=netaddr.mac_unix)), "cisco": str(netaddr.EUI(int(e), dialect=netaddr.mac_cisco)),
            "bare": str(netaddr.EUI(int(e), dialect=netaddr.mac_bare)), "pgsql": str(netaddr.EUI(int(e), dialect=netaddr.mac_pgsql)), "ieee": str(e),
            "eui64": str(e.eui64()), "link_local": str(e.ipv6_link_local()), "int": str(int(e))}

KINDS = {"address": lambda q: address(q["text"]), "network": network, "lists": lists, "summary": summary, "glob": glob, "mac": mac}
for line in sys.stdin:
    q = json.loads(line)
    try:
        print(json.dumps({"ok": KINDS[q["kind"]](q)}), flush=True)
    except (ValueError, netaddr.AddrFormatError) as e:
        print(json.dumps({"error": str(e)}), flush=True)
