package rdata

// queryTypes are the types that only questions and signatures of messages have.
var queryTypes = map[uint16]string{41: "OPT", 251: "IXFR", 252: "AXFR", 253: "MAILB", 254: "MAILA", 255: "ANY"}

const (
	targetLayout = "target:name"
	dsLayout     = "key_tag:u16 algorithm:u8 digest_type:u8 digest:hex"
	keyLayout    = "flags:u16 protocol:u8 algorithm:u8 key:base64"
	sigLayout    = "type_covered:type algorithm:u8 labels:u8 original_ttl:u32 expiration:time inception:time key_tag:u16 signer:name signature:base64"
	tlsaLayout   = "usage:u8 selector:u8 mtype:u8 cert:hex"
)

// table is every type that is known: its code, its mnemonic, and the fields of
// its data in order, each with its form (forms.go, special.go).
var table = []struct {
	code   uint16
	name   string
	layout string
}{
	{1, "A", "address:ipv4"},
	{2, "NS", targetLayout},
	{3, "MD", targetLayout},
	{4, "MF", targetLayout},
	{5, "CNAME", targetLayout},
	{6, "SOA", "mname:name rname:name serial:u32 refresh:u32 retry:u32 expire:u32 minimum:u32"},
	{7, "MB", targetLayout},
	{8, "MG", targetLayout},
	{9, "MR", targetLayout},
	{10, "NULL", "data:opaque"},
	{11, "WKS", "address:ipv4 protocol:u8 ports:ports"},
	{12, "PTR", targetLayout},
	{13, "HINFO", "cpu:string os:string"},
	{14, "MINFO", "rmailbx:name emailbx:name"},
	{15, "MX", "preference:u16 exchange:name"},
	{16, "TXT", "strings:strings"},
	{17, "RP", "mbox:name txt:name"},
	{18, "AFSDB", "subtype:u16 hostname:name"},
	{19, "X25", "address:string"},
	{20, "ISDN", "address:string subaddress:optional"},
	{21, "RT", "preference:u16 exchange:name"},
	{22, "NSAP", "address:nsap"},
	{23, "NSAP-PTR", targetLayout},
	{24, "SIG", sigLayout},
	{25, "KEY", keyLayout},
	{26, "PX", "preference:u16 map822:name mapx400:name"},
	{27, "GPOS", "latitude:string longitude:string altitude:string"},
	{28, "AAAA", "address:ipv6"},
	{29, "LOC", ":loc"},
	{30, "NXT", "next:name types:bits"},
	{31, "EID", "data:hex"},
	{32, "NIMLOC", "data:hex"},
	{33, "SRV", "priority:u16 weight:u16 port:u16 target:name"},
	{34, "ATMA", "address:atma"},
	{35, "NAPTR", "order:u16 preference:u16 flags:string service:string regexp:string replacement:name"},
	{36, "KX", "preference:u16 exchange:name"},
	{37, "CERT", "certificate_type:certtype key_tag:u16 algorithm:secalg certificate:base64"},
	{38, "A6", "address:a6"},
	{39, "DNAME", targetLayout},
	{40, "SINK", "meaning:u8 coding:u8 subcoding:u8 data:base64"},
	{42, "APL", "items:apl"},
	{43, "DS", dsLayout},
	{44, "SSHFP", "algorithm:u8 fp_type:u8 fingerprint:hex"},
	{45, "IPSECKEY", "precedence:u8 :ipseckey key:base64"},
	{46, "RRSIG", sigLayout},
	{47, "NSEC", "next:name types:types"},
	{48, "DNSKEY", keyLayout},
	{49, "DHCID", "data:base64"},
	{50, "NSEC3", "algorithm:u8 flags:u8 iterations:u16 salt:salt next:hash types:types"},
	{51, "NSEC3PARAM", "algorithm:u8 flags:u8 iterations:u16 salt:salt"},
	{52, "TLSA", tlsaLayout},
	{53, "SMIMEA", tlsaLayout},
	{55, "HIP", ":hip"},
	{56, "NINFO", "strings:strings"},
	{57, "RKEY", keyLayout},
	{58, "TALINK", "previous:name next:name"},
	{59, "CDS", dsLayout},
	{60, "CDNSKEY", keyLayout},
	{61, "OPENPGPKEY", "key:base64"},
	{62, "CSYNC", "serial:u32 flags:u16 types:types"},
	{63, "ZONEMD", "serial:u32 scheme:u8 hash_algorithm:u8 digest:hex"},
	{64, "SVCB", "priority:u16 target:name params:params"},
	{65, "HTTPS", "priority:u16 target:name params:params"},
	{99, "SPF", "strings:strings"},
	{100, "UINFO", "data:opaque"},
	{101, "UID", "data:opaque"},
	{102, "GID", "data:opaque"},
	{103, "UNSPEC", "data:opaque"},
	{104, "NID", "preference:u16 nodeid:node"},
	{105, "L32", "preference:u16 locator32:ipv4"},
	{106, "L64", "preference:u16 locator64:node"},
	{107, "LP", "preference:u16 fqdn:name"},
	{108, "EUI48", "eui:eui48"},
	{109, "EUI64", "eui:eui64"},
	{128, "NXNAME", "data:opaque"},
	{249, "TKEY", "algorithm:name inception:u32 expiration:u32 mode:u16 error:u16 key:sized other:sized"},
	{250, "TSIG", "algorithm:name time_signed:u48 fudge:u16 mac:sized original_id:u16 error:u16 other:sized"},
	{256, "URI", "priority:u16 weight:u16 target:quoted"},
	{257, "CAA", "flags:u8 tag:word value:quoted"},
	{258, "AVC", "strings:strings"},
	{259, "DOA", "enterprise:u32 doa_type:u32 location:u8 media_type:string data:content"},
	{260, "AMTRELAY", "precedence:u8 :amtrelay"},
	{261, "RESINFO", "strings:strings"},
	{32768, "TA", dsLayout},
	{32769, "DLV", dsLayout},
}
