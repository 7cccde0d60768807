package portforward

import (
	"fmt"
	"math"
	"strconv"
)

// Place is where a forward listens: host:port, a port on loopback, or the path
// of a Unix socket.
type Place string

// LuaType names what FromLua takes.
func (p *Place) LuaType() string { return "string|integer" }

// FromLua takes a text, or a port as a number.
func (p *Place) FromLua(value any) error {
	switch value := value.(type) {
	case string:
		*p = Place(value)
		return nil
	case float64:
		if value >= 0 && value <= math.MaxUint16 && value == math.Trunc(value) {
			*p = Place(strconv.Itoa(int(value)))
			return nil
		}
		return fmt.Errorf("a port is a whole number from 0 to 65535, not %v", value)
	default:
		return fmt.Errorf("want host:port, a port or the path of a socket, got %v", value)
	}
}
