package filecmp

import (
	"gofab/bindings/kit"
	"gofab/internal/fault"
	"gofab/internal/filecmp"
)

func in(s filecmp.State) func(*filecmp.Result) []string {
	return func(r *filecmp.Result) []string { return r.In(s) }
}

func resultType() kit.Type {
	return kit.TypeOf[*filecmp.Result]("dircmp", "A comparison of two folders. Lists hold paths below both.",
		kit.Method("report", "Write the comparison: for people, as Python's filecmp does, or as a page.", report).With(
			`fs.write("l/a", "1") fs.write("r/a", "2")
assert(filecmp.dirs("l", "r"):report():find("! a", 1, true))`),
		kit.Method("sync_plan", "List what makes the right side equal to the left: files to copy, links to make, and with delete what has to go. "+
			"h:sync does it.", plan).With(
			`fs.write("l/a", "1") fs.write("r/old", "2")
local steps = filecmp.dirs("l", "r"):sync_plan{ delete = true }
assert(steps[1].op == "copy" and steps[1].path == "a" and steps[2].op == "delete")`),
	).Fields(
		kit.Field("left", "What the left side is called.", func(r *filecmp.Result) string { return r.Left }),
		kit.Field("right", "What the right side is called.", func(r *filecmp.Result) string { return r.Right }),
		kit.Field("equal", "Whether nothing differs.", (*filecmp.Result).Equal),
		kit.Field("same", "Files and links that are the same.", in(filecmp.Same)),
		kit.Field("different", "What differs.", in(filecmp.Different)),
		kit.Field("left_only", "What only the left side has; a folder stands for all that is in it.", in(filecmp.LeftOnly)),
		kit.Field("right_only", "What only the right side has.", in(filecmp.RightOnly)),
		kit.Field("funny", "What is of different kinds, or neither file, folder nor link.", in(filecmp.Funny)),
		kit.Field("errors", "What could not be compared.", in(filecmp.Trouble)),
		kit.Field("common_dirs", "Folders that both have.", in(filecmp.Common)),
		kit.Field("items", "Every path with its state, in order.", func(r *filecmp.Result) []filecmp.Item { return r.Items }),
	).Length(func(self any) int { return len(self.(*filecmp.Result).Items) })
}

type reportArgs struct {
	Style     string `lua:"style" default:"plain" enum:"plain|python|html" doc:"For people, byte for byte as Python's dircmp, or a page of its own."`
	Recursive bool   `lua:"recursive" default:"true" doc:"For python: report_full_closure, else report."`
	Title     string `lua:"title" default:"Comparison" doc:"Title of the page."`
}

func report(_ *kit.Call, r *filecmp.Result, a reportArgs) (string, error) {
	switch a.Style {
	case "python":
		return r.Python(a.Recursive), nil
	case "html":
		return r.HTML(a.Title), nil
	default:
		return r.Plain(), nil
	}
}

type planArgs struct {
	From   string `lua:"from" default:"left" enum:"left|right" doc:"The side that is right; the other one is changed."`
	Delete bool   `lua:"delete" default:"false" doc:"Also delete what the other side has too much, and what is of another kind there."`
}

func plan(_ *kit.Call, r *filecmp.Result, a planArgs) ([]filecmp.Step, error) {
	if len(r.In(filecmp.Trouble)) > 0 && a.Delete {
		return nil, fault.New(fault.Failed, "%d paths could not be compared: nothing is deleted by such a plan", len(r.In(filecmp.Trouble))).
			WithHint("errors lists them")
	}
	return r.Plan(a.From == "right", a.Delete), nil
}
