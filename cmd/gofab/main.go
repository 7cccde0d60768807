// Command gofab runs fabfiles: Lua scripts that deploy, check and report over
// one machine or thousands.
package main

import "gofab/runtime/world"

func main() {
	world.Leave(Main(world.Process()))
}
