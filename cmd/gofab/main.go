// Command gofab runs fabfiles: Lua scripts that deploy, check and report over
// one machine or thousands.
package main

import (
	"os"

	"gofab/internal/heaproom"
	"gofab/runtime/world"
)

func main() {
	if os.Getenv("GOGC") == "" {
		heaproom.Keep(48 << 20)
	}
	world.Leave(Main(world.Process()))
}
