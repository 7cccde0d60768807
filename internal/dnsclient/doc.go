// Package dnsclient asks name servers and works with zones: questions over
// UDP, TCP, TLS and HTTPS, validation, transfers, updates, zone files.
//
// Rules: what a server says is data, and a Status tells what it comes to; only
// misuse and the end of the context are errors of Query. An answer counts only
// when its ID, its question and its sender are those that were asked; others
// are ignored, and the wait goes on. Messages are read here, strictly: counts
// must be true and every record must be what its type promises. Nothing waits
// longer than its context. Names are absolute, with the dot at the end, as BIND
// writes them. The library miekg/dns is behind this package alone.
package dnsclient
