package dpo.data.template.syntax;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.runtime.Expression;
import dpo.data.template.runtime.For;
import dpo.data.template.runtime.Macro;
import dpo.data.template.runtime.Scope;
import dpo.data.template.runtime.Statement;
import dpo.data.template.runtime.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The parser of statements. */
public final class StatementParser {
    /** Variables that Jinja2 sets itself; this implementation does not support them. */
    private static final Set<String> SPECIAL = Set.of("caller", "varargs", "kwargs", "self", "super");

    private static final Set<String> CONSTANTS = Set.of("true", "false", "none", "True", "False", "None");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    /** Whether a {@code break} is allowed at this point. */
    private boolean inLoop;

    private StatementParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    /** {@return the statements of a source} */
    public static List<Statement> parse(String source, Meter meter) {
        StatementParser parser = new StatementParser(new TokenStream(Lexer.tokens(source, meter), meter));
        List<Statement> body = parser.body(Set.of());
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

    /** Parses statements up to a tag with one of the names, which is then the current token. */
    private List<Statement> body(Set<String> ends) {
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = tokens.current();
            switch (token.kind()) {
                case DATA -> body.add(new Statement.Data(tokens.next().text()));
                case OUTPUT_BEGIN -> {
                    tokens.next();
                    body.add(new Statement.Print(expressions.tuple(), token.line()));
                    tokens.expect(Token.Kind.OUTPUT_END);
                }
                case STATEMENT_BEGIN -> {
                    tokens.next();
                    if (tokens.at(Token.Kind.NAME)
                            && ends.contains(tokens.current().text())) {
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

    private Statement statement() {
        tokens.enter();
        Token tag = tokens.current();
        if (tag.kind() != Token.Kind.NAME) {
            throw tokens.unexpected("the name of a tag");
        }
        Statement statement =
                switch (tag.text()) {
                    case "if" -> condition();
                    case "for" -> loop();
                    case "set" -> assignment();
                    case "macro" -> macro();
                    case "with" -> with();
                    case "filter" -> filterBlock();
                    case "generation" -> generation();
                    case "break" -> jump(Statement.Flow.BREAK);
                    case "continue" -> jump(Statement.Flow.CONTINUE);
                    default -> throw unknownTag();
                };
        tokens.leave();
        return statement;
    }

    /** Parses a block from the end of its opening tag to the name of its closing tag. */
    private List<Statement> block(String... ends) {
        if (tokens.atOperator(":")) {
            tokens.next();
        }
        tokens.expect(Token.Kind.STATEMENT_END);
        return body(Set.of(ends));
    }

    /** Parses a block that break and continue cannot leave: in Jinja2 it is captured or is a function. */
    private List<Statement> closedBlock(String end) {
        return loopBlock(false, end);
    }

    private List<Statement> loopBlock(boolean jumps, String... ends) {
        boolean outside = inLoop;
        inLoop = jumps;
        List<Statement> body = block(ends);
        inLoop = outside;
        return body;
    }

    private Statement condition() {
        int line = tokens.next().line();
        Expression test = expressions.tupleWithoutChoice();
        List<Statement> then = block("elif", "else", "endif");
        List<Statement> elifs = new ArrayList<>();
        while (tokens.atName("elif")) {
            int elifLine = tokens.next().line();
            Expression elifTest = expressions.tupleWithoutChoice();
            elifs.add(new Statement.If(elifTest, block("elif", "else", "endif"), List.of(), List.of(), elifLine));
        }
        List<Statement> otherwise = tokens.skipName("else") ? block("endif") : List.of();
        tokens.expectName("endif");
        return new Statement.If(test, then, elifs, otherwise, line);
    }

    private Statement loop() {
        int line = tokens.next().line();
        Target target = target(false);
        tokens.expectName("in");
        Expression values = expressions.tupleWithoutChoice();
        Optional<Expression> test = tokens.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        if (tokens.atName("recursive")) {
            throw Failure.unsupported("a recursive loop");
        }
        List<Statement> body = loopBlock(true, "endfor", "else");
        List<Statement> otherwise = tokens.skipName("else") ? block("endfor") : List.of();
        tokens.expectName("endfor");
        return new For(target, values, test, body, otherwise, line, new For.Scopes(tokens.meter()));
    }

    private Statement jump(Statement.Flow flow) {
        Token tag = tokens.next();
        if (!inLoop) {
            throw Failure.unsupported("'" + tag.text() + "' outside of a loop");
        }
        return new Statement.Jump(flow);
    }

    private Statement assignment() {
        tokens.next();
        Target target = target(true);
        if (tokens.skipOperator("=")) {
            return new Statement.Assign(target, expressions.tuple());
        }
        Expression filtered = tokens.skipOperator("|") ? expressions.filtered(captured()) : captured();
        List<Statement> body = closedBlock("endset");
        tokens.next();
        return new Statement.Capture(target, filtered, body, new Scope(tokens.meter()));
    }

    private Expression captured() {
        return new Expression.Name(Statement.CAPTURED, tokens.line());
    }

    private Statement filterBlock() {
        tokens.next();
        Expression filtered = expressions.filtered(captured());
        List<Statement> body = closedBlock("endfilter");
        tokens.next();
        return new Statement.FilterBlock(filtered, body, new Scope(tokens.meter()));
    }

    private Statement generation() {
        tokens.next();
        List<Statement> body = closedBlock("endgeneration");
        tokens.next();
        return new Statement.Generation(body, new Scope(tokens.meter()));
    }

    private Statement with() {
        tokens.next();
        Map<String, Expression> values = new LinkedHashMap<>();
        while (tokens.at(Token.Kind.NAME)) {
            String name = variable();
            tokens.expectOperator("=");
            values.put(name, expressions.expression());
            if (!tokens.at(Token.Kind.STATEMENT_END)) {
                tokens.expectOperator(",");
            }
        }
        List<Statement> body = block("endwith");
        tokens.next();
        return new Statement.With(values, body, new Scope(tokens.meter()));
    }

    private Statement macro() {
        tokens.next();
        String name = variable();
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
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
        List<Statement> body = closedBlock("endmacro");
        tokens.next();
        return new Macro(name, parameters, defaults, body, new Scope(tokens.meter()));
    }

    /** Parses one target, or several separated by commas, with or without parentheses. */
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

    /** Refuses the variables that Jinja2 sets itself. */
    static void refuseSpecial(String name) {
        if (SPECIAL.contains(name)) {
            throw Failure.unsupported("the variable '" + name + "'");
        }
    }
}
