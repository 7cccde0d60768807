package vm

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"

	"gofab/internal/luastr"
)

// gopher-lua's `..` writes 0.1+0.2 as 0.30000000000000004, where PUC Lua
// writes 0.3, and nothing in its interface changes that. So each chain of
// `..` becomes one call of a function of ours: a .. b .. c is
// (concat)(a, b, c). The name cannot be written in a script; it is a local at
// the top of each chunk, so no environment can take it away.
const concatName = "(concat)"

// joinConcats rewrites a chunk. Lines stay as they are.
func joinConcats(chunk []ast.Stmt) []ast.Stmt {
	r := &concatRewriter{}
	r.block(chunk)
	if !r.found {
		return chunk
	}
	stringLibrary := &ast.StringExpr{Value: ""}
	key := &ast.StringExpr{Value: concatName}
	get := &ast.AttrGetExpr{Object: stringLibrary, Key: key}
	local := &ast.LocalAssignStmt{Names: []string{concatName}, Exprs: []ast.Expr{get}}
	for _, node := range []ast.PositionHolder{stringLibrary, key, get, local} {
		node.SetLine(1)
		node.SetLastLine(1)
	}
	return append([]ast.Stmt{local}, chunk...)
}

// concat is (concat)(a, b, ...). Like the operator it works from the right, so
// that __concat sees the same pairs.
func concat(L *lua.LState) int {
	n := L.GetTop()
	total := 0
	for i := 1; i <= n; i++ {
		s, ok := L.Get(i).(lua.LString)
		if !ok {
			return concatMixed(L, n)
		}
		total += len(s)
	}
	var b strings.Builder
	b.Grow(total)
	for i := 1; i <= n; i++ {
		b.WriteString(string(L.Get(i).(lua.LString)))
	}
	L.Push(lua.LString(b.String()))
	return 1
}

// concatMixed joins numbers and objects too.
func concatMixed(L *lua.LState, n int) int {
	right := L.Get(n)
	for i := n - 1; i >= 1; i-- {
		left := L.Get(i)
		l, okL := concatText(left)
		r, okR := concatText(right)
		if okL && okR {
			right = lua.LString(l + r)
			continue
		}
		op := L.GetMetaField(left, "__concat")
		if op == lua.LNil {
			op = L.GetMetaField(right, "__concat")
		}
		if op == lua.LNil {
			bad := left
			if okL {
				bad = right
			}
			L.RaiseError("attempt to concatenate a %s value", bad.Type().String())
		}
		L.Push(op)
		L.Push(left)
		L.Push(right)
		L.Call(2, 1)
		right = L.Get(-1)
		L.Pop(1)
	}
	L.Push(right)
	return 1
}

func concatText(v lua.LValue) (string, bool) {
	switch v := v.(type) {
	case lua.LString:
		return string(v), true
	case lua.LNumber:
		return luastr.NumberText(float64(v)), true
	default:
		return "", false
	}
}

// concatRewriter walks a chunk and replaces the operator.
type concatRewriter struct{ found bool }

func (r *concatRewriter) block(stmts []ast.Stmt) {
	for i, s := range stmts {
		r.stmt(s)
		switch s := s.(type) {
		case *ast.GenericForStmt:
			stmts[i] = beforeLoop(s)
		case *ast.AssignStmt:
			stmts[i] = inSteps(s)
		}
	}
}

func (r *concatRewriter) stmt(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		r.list(s.Lhs)
		r.list(s.Rhs)
	case *ast.LocalAssignStmt:
		r.list(s.Exprs)
	case *ast.FuncCallStmt:
		s.Expr = r.expr(s.Expr)
	case *ast.DoBlockStmt:
		r.block(s.Stmts)
	case *ast.WhileStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Stmts)
	case *ast.RepeatStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Stmts)
	case *ast.IfStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Then)
		r.block(s.Else)
	case *ast.NumberForStmt:
		s.Init, s.Limit, s.Step = r.expr(s.Init), r.expr(s.Limit), r.expr(s.Step)
		r.block(s.Stmts)
	case *ast.GenericForStmt:
		r.list(s.Exprs)
		r.block(s.Stmts)
	case *ast.FuncDefStmt:
		r.block(s.Func.Stmts)
	case *ast.ReturnStmt:
		r.list(s.Exprs)
	}
}

func (r *concatRewriter) list(exprs []ast.Expr) {
	for i := range exprs {
		exprs[i] = r.expr(exprs[i])
	}
}

func (r *concatRewriter) expr(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.StringConcatOpExpr:
		return r.chain(e)
	case *ast.AttrGetExpr:
		e.Object, e.Key = r.expr(e.Object), r.expr(e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			f.Key, f.Value = r.expr(f.Key), r.expr(f.Value)
		}
	case *ast.FuncCallExpr:
		e.Func, e.Receiver = r.expr(e.Func), r.expr(e.Receiver)
		r.list(e.Args)
	case *ast.LogicalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.RelationalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.ArithmeticOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.FunctionExpr:
		r.block(e.Stmts)
	}
	return e
}

// chain makes one call of a .. b .. c. The operator takes one value of each
// operand, so calls and `...` are cut to one.
func (r *concatRewriter) chain(e *ast.StringConcatOpExpr) ast.Expr {
	r.found = true
	var args []ast.Expr
	var rest ast.Expr = e
	for {
		op, ok := rest.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		args = append(args, oneValue(r.expr(op.Lhs)))
		rest = op.Rhs
	}
	args = append(args, oneValue(r.expr(rest)))
	name := &ast.IdentExpr{Value: concatName}
	call := &ast.FuncCallExpr{Func: name, Args: args, AdjustRet: true}
	for _, node := range []ast.PositionHolder{name, call} {
		node.SetLine(e.Line())
		node.SetLastLine(e.LastLine())
	}
	return call
}

func oneValue(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}
