package sysinfo

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// Temperature is a sensor's reading in degrees Celsius.
type Temperature struct {
	Chip     string   `lua:"chip" doc:"What has the sensor, e.g. coretemp."`
	Label    string   `lua:"label" doc:"Which of its sensors, when it has a name."`
	Current  float64  `lua:"current" doc:"Degrees Celsius."`
	High     *float64 `lua:"high" doc:"What is too hot; missing when unknown."`
	Critical *float64 `lua:"critical" doc:"What does damage; missing when unknown."`
}

// Fan is a fan's speed.
type Fan struct {
	Chip    string `lua:"chip" doc:"What has the fan."`
	Label   string `lua:"label" doc:"Which of its fans, when it has a name."`
	Current int64  `lua:"current" doc:"Turns a minute."`
}

// sensor is one input of a chip: the folder and temp1, fan2 and so on.
type sensor struct{ dir, name string }

// sensors finds the inputs of a kind.
func (s *System) sensors(kind string) (found []sensor) {
	seen := map[sensor]bool{}
	for _, chip := range s.numbered("/sys/class/hwmon", "hwmon") {
		for _, dir := range []string{chip, chip + "/device"} {
			names, _ := s.files.list(dir)
			for _, name := range names {
				base, _, ok := strings.Cut(name, "_")
				if x := (sensor{dir, base}); ok && strings.HasPrefix(base, kind) && !seen[x] {
					seen[x] = true
					found = append(found, x)
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b sensor) int { return strings.Compare(a.dir+"/"+a.name, b.dir+"/"+b.name) })
	return found
}

// Temperatures reads the sensors of hwmon, or the thermal zones where there
// are none.
func (s *System) Temperatures() (list []Temperature) {
	for _, x := range s.sensors("temp") {
		file := path.Join(x.dir, x.name)
		chip := s.text(x.dir + "/name")
		current := s.degrees(file + "_input")
		if current == nil || chip == "" {
			continue
		}
		list = append(list, Temperature{chip, s.text(file + "_label"), *current, s.degrees(file + "_max"), s.degrees(file + "_crit")})
	}
	if list == nil {
		return s.thermalZones()
	}
	return list
}

func (s *System) thermalZones() (list []Temperature) {
	for _, dir := range s.numbered("/sys/class/thermal", "thermal_zone") {
		current := s.degrees(dir + "/temp")
		if current == nil {
			continue
		}
		t := Temperature{Chip: s.text(dir + "/type"), Current: *current}
		names, _ := s.files.list(dir)
		for _, name := range names {
			if point, ok := strings.CutSuffix(name, "_type"); ok && strings.HasPrefix(point, "trip_point_") {
				switch limit := s.degrees(dir + "/" + point + "_temp"); s.text(dir + "/" + name) {
				case "critical":
					t.Critical = limit
				case "high":
					t.High = limit
				}
			}
		}
		list = append(list, t)
	}
	return list
}

// degrees reads thousandths.
func (s *System) degrees(file string) *float64 {
	n, err := strconv.ParseFloat(s.text(file), 64)
	if err != nil {
		return nil
	}
	return ptr(n / 1000)
}

// Fans reads the fans of hwmon.
func (s *System) Fans() (list []Fan) {
	for _, x := range s.sensors("fan") {
		file := path.Join(x.dir, x.name)
		if current := s.number(file + "_input"); current != nil {
			list = append(list, Fan{s.text(x.dir + "/name"), s.text(file + "_label"), *current})
		}
	}
	return list
}

// Battery is the first battery.
type Battery struct {
	Percent float64 `lua:"percent" doc:"How full it is, 0 to 100."`
	Left    *int64  `lua:"seconds_left" doc:"Until it is empty; missing when charging or unknown."`
	Plugged *bool   `lua:"power_plugged" doc:"Whether there is power from outside; missing when unknown."`
}

// Battery reads the battery; nil when there is none.
func (s *System) Battery() *Battery {
	supplies, _ := s.files.list("/sys/class/power_supply")
	at := slices.IndexFunc(supplies, func(n string) bool {
		return strings.HasPrefix(n, "BAT") || strings.Contains(strings.ToLower(n), "battery")
	})
	if at < 0 {
		return nil
	}
	dir := "/sys/class/power_supply/" + supplies[at]
	now, full := s.first(dir, "energy_now", "charge_now"), s.first(dir, "energy_full", "charge_full")
	power := s.first(dir, "power_now", "current_now")
	b := Battery{}
	switch {
	case full != nil && now != nil && *full > 0:
		b.Percent = 100 * float64(*now) / float64(*full)
	case s.number(dir+"/capacity") != nil:
		b.Percent = float64(*s.number(dir + "/capacity"))
	default:
		return nil
	}
	b.Plugged = s.plugged(dir)
	charging := b.Plugged != nil && *b.Plugged
	switch minutes := s.number(dir + "/time_to_empty_now"); {
	case charging:
	case now != nil && power != nil && *power > 0:
		b.Left = ptr(int64(float64(*now) / float64(*power) * 3600))
	case minutes != nil && *minutes >= 0:
		b.Left = ptr(*minutes * 60)
	}
	return &b
}

func (s *System) first(dir string, names ...string) *int64 {
	for _, name := range names {
		if n := s.number(dir + "/" + name); n != nil {
			return n
		}
	}
	return nil
}

// plugged asks the power supply, and the battery where that says nothing.
func (s *System) plugged(battery string) *bool {
	for _, name := range []string{"AC0", "AC"} {
		if n := s.number("/sys/class/power_supply/" + name + "/online"); n != nil {
			return ptr(*n == 1)
		}
	}
	switch strings.ToLower(s.text(battery + "/status")) {
	case "discharging":
		return ptr(false)
	case "charging", "full":
		return ptr(true)
	}
	return nil
}
