"""The expression language and ``{{tags}}``; knows values, not workflows.

What Argo computes in a manifest comes out the same here, value, type and message: expr-lang 1.17 with Argo's additions and
sprig, the replacement of tags, `when`, `depends` and `jsonpath`. Text goes through these files:

    lexer → parser (cursor, grammar) → tree        text to nodes
    check (check_calls, nature, gotypes)           type mistakes, found against the types of the variables
    rewrite (fold, tree_walk)                      what expr-lang's optimiser lets be seen
    compile (compile_operators, loops, calls)      nodes to closures, run with an `evaluation`
    program                                        an expression: parse once, evaluate many times
    tags (flat)                                    texts with tags, scopes
    scope                                          which variables exist where

    govalues, values (gofmt, gojson, writer)       the value model, and values as text
    operators, equality, members, methods          what operators and members do to values
    functions, sprig, jsonpath                     functions
    when, depends                                  the two other languages
    gonumber, gotime, golayout, goduration, gotext, letters, regex    Go's own rules

Nothing here reads a clock, a file, the environment or chance: time and chance come in as `surroundings`.
"""
