// Package stdlib is the Lua that ships inside the binary: one folder per
// module, its init.lua and its tests side by side.
package stdlib

import "embed"

// Files holds <module>/init.lua. The tests are not part of the binary.
//
//go:embed */init.lua
var Files embed.FS
