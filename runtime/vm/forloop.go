package vm

import "github.com/yuin/gopher-lua/ast"

// loopNames cannot be written in a script.
var loopNames = []string{"(loop function)", "(loop state)", "(loop start)"}

// beforeLoop moves what a loop goes over in front of it:
//
//	for k, v in EXPRS do ... end
//	do local f, s, c = EXPRS  for k, v in f, s, c do ... end end
//
// gopher-lua 1.1.2 reserves the registers of the loop before it compiles EXPRS,
// and then loses the result of a call inside: for w in run().stdout:gmatch("%S+")
// looks for gmatch in nil.
func beforeLoop(loop *ast.GenericForStmt) ast.Stmt {
	values := &ast.LocalAssignStmt{Names: loopNames, Exprs: loop.Exprs}
	block := &ast.DoBlockStmt{Stmts: []ast.Stmt{values, loop}}
	loop.Exprs = nil
	for _, name := range loopNames {
		e := &ast.IdentExpr{Value: name}
		at(e, loop)
		loop.Exprs = append(loop.Exprs, e)
	}
	at(values, loop)
	values.SetLastLine(loop.Line())
	at(block, loop)
	return block
}

// at gives a new node the lines of an old one.
func at(node, old ast.PositionHolder) {
	node.SetLine(old.Line())
	node.SetLastLine(old.LastLine())
}
