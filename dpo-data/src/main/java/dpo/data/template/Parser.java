package dpo.data.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Parses a template's statements. */
final class Parser {
    /** Names with a meaning of their own in Jinja2, which this engine doesn't have. */
    private static final Set<String> SPECIAL = Set.of("caller", "varargs", "kwargs", "self", "super");
    private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    /** Whether a {@code break} may stand here. */
    private boolean inLoop;

    private Parser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    static List<Stmt> parse(String source, Meter meter) {
        Parser parser = new Parser(new TokenStream(Lexer.tokens(source, meter), meter));
        List<Stmt> body = parser.body(Set.of());
        if (!parser.tokens.at(Token.Kind.END)) {
            throw parser.unknownTag();
        }
        return body;
    }

    private Failure unknownTag() {
        String tag = tokens.current().text();
        return tag.startsWith("end") || Set.of("else", "elif").contains(tag)
                ? new Failure("the tag '" + tag + "' closes nothing")
                : Failure.unsupported("the tag '" + tag + "'");
    }

    /** Statements up to a tag with one of the names, which is then the current token. */
    private List<Stmt> body(Set<String> ends) {
        List<Stmt> body = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            switch (token.kind()) {
                case DATA -> body.add(new Stmt.Data(tokens.next().text()));
                case OUTPUT_BEGIN -> {
                    tokens.next();
                    body.add(new Stmt.Print(expressions.tuple(), token.line()));
                    tokens.expect(Token.Kind.OUTPUT_END);
                }
                case STATEMENT_BEGIN -> {
                    tokens.next();
                    if (tokens.at(Token.Kind.NAME) && ends.contains(tokens.current().text())) {
                        return body;
                    }
                    body.add(statement());
                    tokens.expect(Token.Kind.STATEMENT_END);
                }
                default -> {
                    if (!ends.isEmpty()) {
                        throw tokens.unexpected("one of the tags " + new TreeSet<>(ends));
                    }
                    return body;
                }
            }
        }
    }

    private Stmt statement() {
        tokens.enter();
        Token tag = tokens.current();
        if (tag.kind() != Token.Kind.NAME) {
            throw tokens.unexpected("the name of a tag");
        }
        Stmt statement = switch (tag.text()) {
            case "if" -> condition();
            case "for" -> loop();
            case "set" -> assignment();
            case "macro" -> macro();
            case "with" -> with();
            case "filter" -> filterBlock();
            case "generation" -> generation();
            case "break" -> jump(Stmt.Flow.BREAK);
            case "continue" -> jump(Stmt.Flow.CONTINUE);
            default -> throw unknownTag();
        };
        tokens.leave();
        return statement;
    }

    /** The body of a tag from the end of its first tag to the name of its last one. */
    private List<Stmt> block(String... ends) {
        if (tokens.atOperator(":")) {
            tokens.next();
        }
        tokens.expect(Token.Kind.STATEMENT_END);
        return body(Set.of(ends));
    }

    /** A body that a jump can't leave: it is captured, or a function of its own in Jinja2. */
    private List<Stmt> closedBlock(String end) {
        return loopBlock(false, end);
    }

    private List<Stmt> loopBlock(boolean jumps, String... ends) {
        boolean outside = inLoop;
        inLoop = jumps;
        List<Stmt> body = block(ends);
        inLoop = outside;
        return body;
    }

    private Stmt condition() {
        int line = tokens.next().line();
        Expr test = expressions.tupleWithoutChoice();
        List<Stmt> then = block("elif", "else", "endif");
        List<Stmt> elifs = new ArrayList<>();
        while (tokens.atName("elif")) {
            int elifLine = tokens.next().line();
            Expr elifTest = expressions.tupleWithoutChoice();
            elifs.add(new Stmt.If(elifTest, block("elif", "else", "endif"), List.of(), List.of(), elifLine));
        }
        List<Stmt> otherwise = tokens.skipName("else") ? block("endif") : List.of();
        tokens.expectName("endif");
        return new Stmt.If(test, then, elifs, otherwise, line);
    }

    private Stmt loop() {
        int line = tokens.next().line();
        Target target = target(false);
        tokens.expectName("in");
        Expr values = expressions.tupleWithoutChoice();
        Optional<Expr> test = tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        if (tokens.atName("recursive")) {
            throw Failure.unsupported("a recursive loop");
        }
        List<Stmt> body = loopBlock(true, "endfor", "else");
        List<Stmt> otherwise = tokens.skipName("else") ? block("endfor") : List.of();
        tokens.expectName("endfor");
        return new For(target, values, test, body, otherwise, line, new For.Scopes(tokens.meter()));
    }

    private Stmt jump(Stmt.Flow flow) {
        Token tag = tokens.next();
        if (!inLoop) {
            throw Failure.unsupported("'" + tag.text() + "' outside of a loop");
        }
        return new Stmt.Jump(flow);
    }

    private Stmt assignment() {
        tokens.next();
        Target target = target(true);
        if (tokens.skipOperator("=")) {
            return new Stmt.Assign(target, expressions.tuple());
        }
        Expr filtered = tokens.skipOperator("|") ? expressions.filtered(captured()) : captured();
        List<Stmt> body = closedBlock("endset");
        tokens.next();
        return new Stmt.Capture(target, filtered, body, new Scope(tokens.meter()));
    }

    private Expr captured() {
        return new Expr.Name(Stmt.CAPTURED, tokens.line());
    }

    private Stmt filterBlock() {
        tokens.next();
        Expr filtered = expressions.filtered(captured());
        List<Stmt> body = closedBlock("endfilter");
        tokens.next();
        return new Stmt.FilterBlock(filtered, body, new Scope(tokens.meter()));
    }

    private Stmt generation() {
        tokens.next();
        List<Stmt> body = closedBlock("endgeneration");
        tokens.next();
        return new Stmt.Generation(body, new Scope(tokens.meter()));
    }

    private Stmt with() {
        tokens.next();
        Map<String, Expr> values = new LinkedHashMap<>();
        while (tokens.at(Token.Kind.NAME)) {
            String name = variable();
            tokens.expectOperator("=");
            values.put(name, expressions.expression());
            if (!tokens.at(Token.Kind.STATEMENT_END)) {
                tokens.expectOperator(",");
            }
        }
        List<Stmt> body = block("endwith");
        tokens.next();
        return new Stmt.With(values, body, new Scope(tokens.meter()));
    }

    private Stmt macro() {
        tokens.next();
        String name = variable();
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            parameters.add(variable());
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw new Failure("a parameter without a default follows one with a default");
            }
            if (!tokens.atOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        List<Stmt> body = closedBlock("endmacro");
        tokens.next();
        return new Macro(name, parameters, defaults, body, new Scope(tokens.meter()));
    }

    /** One target, or several with commas between them, in parentheses or not. */
    private Target target(boolean withAttributes) {
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        while (!tokens.atName("in") && !tokens.atOperator(")") && !tokens.at(Token.Kind.STATEMENT_END)) {
            targets.add(single(withAttributes));
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (targets.isEmpty()) {
            throw tokens.unexpected("a variable to assign to");
        }
        return several ? new Target.Several(targets) : targets.get(0);
    }

    private Target single(boolean withAttributes) {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target target = target(withAttributes);
            tokens.leave();
            tokens.expectOperator(")");
            return target;
        }
        String name = variable();
        if (withAttributes && tokens.skipOperator(".")) {
            return new Target.Attribute(name, tokens.expect(Token.Kind.NAME).text());
        }
        return new Target.Variable(name);
    }

    private String variable() {
        String name = tokens.expect(Token.Kind.NAME).text();
        if (CONSTANTS.contains(name) || SPECIAL.contains(name) || name.equals("loop")) {
            throw new Failure("can't assign to '" + name + "'");
        }
        return name;
    }

    /** Refuses names whose value Jinja2 would supply. */
    static void refuseSpecial(String name) {
        if (SPECIAL.contains(name)) {
            throw Failure.unsupported("the variable '" + name + "'");
        }
    }
}
