package httpclient

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Layout of a waterfall picture, in pixels.
const (
	rowHeight  = 24
	labelWidth = 320
	barWidth   = 560
	margin     = 12
)

// bar is one coloured part of a row.
type bar struct {
	phase      string
	start, end time.Duration
}

var phaseColours = map[string]color.RGBA{
	"redirect": {0x9e, 0x9e, 0x9e, 0xff}, "dns": {0x1f, 0x9e, 0x89, 0xff}, "connect": {0xe8, 0x8c, 0x30, 0xff},
	"tls": {0x9b, 0x5f, 0xc0, 0xff}, "request": {0x6c, 0x75, 0x7d, 0xff}, "wait": {0x3c, 0xa5, 0x55, 0xff}, "transfer": {0x3b, 0x7d, 0xd8, 0xff},
}

var phaseOrder = []string{"redirect", "dns", "connect", "tls", "request", "wait", "transfer"}

// bars lays out the steps of a probe one behind the other.
func (r Report) bars() []bar {
	t := r.Time
	var out []bar
	at := time.Duration(0)
	for i, d := range []time.Duration{t.Redirect, t.DNS, t.Connect, t.TLS, t.Request, t.FirstByte, t.Transfer} {
		if d > 0 {
			out = append(out, bar{phaseOrder[i], at, at + d})
		}
		at += d
	}
	return out
}

// scale is the time that the whole width stands for.
func scale(reports []Report) time.Duration {
	longest := time.Millisecond
	for _, r := range reports {
		longest = max(longest, r.Time.Total)
	}
	return longest
}

func x(d, whole time.Duration) int {
	return margin + labelWidth + int(float64(barWidth)*float64(d)/float64(whole))
}

func size(reports []Report) (width, height int) {
	return 2*margin + labelWidth + barWidth + 80, 2*margin + rowHeight*(len(reports)+1)
}

func label(r Report) string {
	text := fmt.Sprintf("%d %s", r.Status, r.URL)
	if r.Failure != "" {
		text = r.Failure + " " + r.URL
	}
	if runes := []rune(text); len(runes) > 44 {
		text = string(runes[:43]) + "…"
	}
	return text
}

// WaterfallSVG draws probes as a picture: a row each, a colour for each step.
func WaterfallSVG(reports []Report) []byte {
	var w strings.Builder
	width, height := size(reports)
	whole := scale(reports)
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="monospace" font-size="12">`+"\n", width, height, width, height)
	fmt.Fprintf(&w, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", width, height)
	for i, phase := range phaseOrder {
		at := margin + labelWidth + i*80
		fmt.Fprintf(&w, `<rect x="%d" y="%d" width="10" height="10" fill="%s"/><text x="%d" y="%d">%s</text>`+"\n", at, margin, css(phase), at+14, margin+10, phase)
	}
	for i, r := range reports {
		y := margin + rowHeight*(i+1)
		fmt.Fprintf(&w, `<text x="%d" y="%d">%s</text>`+"\n", margin, y+14, html.EscapeString(label(r)))
		for _, b := range r.bars() {
			fmt.Fprintf(&w, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"><title>%s %.1f ms</title></rect>`+"\n",
				x(b.start, whole), y+3, max(x(b.end, whole)-x(b.start, whole), 1), rowHeight-8, css(b.phase), b.phase, (b.end-b.start).Seconds()*1000)
		}
		fmt.Fprintf(&w, `<text x="%d" y="%d">%.0f ms</text>`+"\n", x(r.Time.Total, whole)+6, y+14, r.Time.Total.Seconds()*1000)
	}
	w.WriteString("</svg>\n")
	return []byte(w.String())
}

func css(phase string) string {
	c := phaseColours[phase]
	return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B)
}

// WaterfallPNG draws the same picture as pixels.
func WaterfallPNG(reports []Report) ([]byte, error) {
	width, height := size(reports)
	whole := scale(reports)
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	for i, phase := range phaseOrder {
		at := margin + labelWidth + i*80
		fill(picture, at, margin, 10, 10, phaseColours[phase])
		write(picture, at+14, margin+10, phase)
	}
	for i, r := range reports {
		y := margin + rowHeight*(i+1)
		write(picture, margin, y+14, label(r))
		for _, b := range r.bars() {
			fill(picture, x(b.start, whole), y+3, max(x(b.end, whole)-x(b.start, whole), 1), rowHeight-8, phaseColours[b.phase])
		}
		write(picture, x(r.Time.Total, whole)+6, y+14, fmt.Sprintf("%.0f ms", r.Time.Total.Seconds()*1000))
	}
	var out bytes.Buffer
	err := png.Encode(&out, picture)
	return out.Bytes(), err
}

func fill(picture draw.Image, x, y, width, height int, c color.Color) {
	draw.Draw(picture, image.Rect(x, y, x+width, y+height), image.NewUniform(c), image.Point{}, draw.Src)
}

func write(picture draw.Image, x, y int, text string) {
	drawer := font.Drawer{Dst: picture, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
	drawer.DrawString(text)
}
