package vm

import (
	"fmt"

	"github.com/yuin/gopher-lua/ast"
)

// gopher-lua computes the values of `a, b = b, a` right into the variables, so
// that the second one sees the first one's new value, and both become b. Lua
// computes all of them before it assigns any. So such an assignment becomes
//
//	do local (1), (2) = b, a; b = (2); a = (1) end
//
// with the tables and keys of t[i] computed first as well. The names cannot be
// written in a script.

// inSteps rewrites an assignment to several variables. One call on the right
// gives its values before any is assigned: it stays as it is.
func inSteps(s *ast.AssignStmt) ast.Stmt {
	if len(s.Lhs) < 2 || len(s.Rhs) == 1 && manyValues(s.Rhs[0]) || !assignsVariable(s) {
		return s
	}
	values := &ast.LocalAssignStmt{Exprs: s.Rhs}
	places := &ast.LocalAssignStmt{}
	assigns := make([]ast.Stmt, len(s.Lhs))
	for i, target := range s.Lhs {
		name := fmt.Sprintf("(%d)", i+1)
		values.Names = append(values.Names, name)
		if place, ok := target.(*ast.AttrGetExpr); ok {
			place.Object = kept(places, place.Object, fmt.Sprintf("(t%d)", i+1))
			place.Key = kept(places, place.Key, fmt.Sprintf("(k%d)", i+1))
		}
		one := &ast.AssignStmt{Lhs: []ast.Expr{target}, Rhs: []ast.Expr{variable(name, s)}}
		at(one, s)
		assigns[len(s.Lhs)-1-i] = one // the last one first, as Lua does
	}
	block := &ast.DoBlockStmt{}
	if len(places.Names) > 0 {
		block.Stmts = append(block.Stmts, places)
	}
	block.Stmts = append(append(block.Stmts, values), assigns...)
	for _, node := range []ast.PositionHolder{block, places, values} {
		at(node, s)
	}
	return block
}

// kept computes an expression into a local before anything is assigned; a
// constant needs none.
func kept(into *ast.LocalAssignStmt, e ast.Expr, name string) ast.Expr {
	switch e.(type) {
	case *ast.StringExpr, *ast.NumberExpr:
		return e
	}
	into.Names, into.Exprs = append(into.Names, name), append(into.Exprs, oneValue(e))
	return variable(name, e)
}

// variable reads a local that a script cannot name.
func variable(name string, place ast.PositionHolder) ast.Expr {
	e := &ast.IdentExpr{Value: name}
	at(e, place)
	return e
}

func manyValues(e ast.Expr) bool {
	switch e.(type) {
	case *ast.FuncCallExpr, *ast.Comma3Expr:
		return true
	}
	return false
}

func assignsVariable(s *ast.AssignStmt) bool {
	for _, target := range s.Lhs {
		if _, ok := target.(*ast.IdentExpr); ok {
			return true
		}
	}
	return false
}
