package sysinfo

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// User is somebody who is logged in.
type User struct {
	Name     string    `lua:"name" doc:"Login name."`
	Terminal string    `lua:"terminal" doc:"Terminal, without /dev/."`
	Host     string    `lua:"host" doc:"Where the login came from; empty when from here."`
	Started  time.Time `lua:"started" doc:"When the login was."`
	PID      int       `lua:"pid" doc:"Process of the login."`
}

// A record of utmp(5) has the same form on amd64 and arm64.
const (
	utmpSize    = 384
	userProcess = 7
)

// Users lists who is logged in. A system without utmp, such as Debian 13,
// gives none.
func (s *System) Users() (list []User) {
	data, err := s.files.read("/run/utmp")
	if err != nil {
		data, _ = s.files.read("/var/run/utmp")
	}
	for ; len(data) >= utmpSize; data = data[utmpSize:] {
		r := data[:utmpSize]
		if binary.LittleEndian.Uint16(r) != userProcess {
			continue
		}
		u := User{
			PID: int(int32(binary.LittleEndian.Uint32(r[4:]))), Terminal: cText(r[8:40]), Name: cText(r[44:76]), Host: cText(r[76:332]),
			Started: time.Unix(int64(int32(binary.LittleEndian.Uint32(r[340:]))), int64(binary.LittleEndian.Uint32(r[344:]))%1e6*1000),
		}
		if u.Host == ":0" || u.Host == ":0.0" {
			u.Host = "localhost"
		}
		list = append(list, u)
	}
	return list
}

// cText is a string up to its first NUL.
func cText(b []byte) string {
	text, _, _ := bytes.Cut(b, []byte{0})
	return strings.ToValidUTF8(string(text), "?")
}
