package dpo.data.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Parses expressions with the grammar and the precedences of Jinja2's own parser. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** One expression, which may be a choice {@code a if b else c}. */
    Expr expression() {
        return Expr.bounded(choice());
    }

    /** An expression without choice, or a tuple of them without parentheses. */
    Expr tupleWithoutChoice() {
        return Expr.bounded(tuple(this::disjunction, false));
    }

    /** An expression, or a tuple of them without parentheses. */
    Expr tuple() {
        return Expr.bounded(tuple(this::choice, false));
    }

    /** One filter or more, with bars between them, that are applied to {@code input}. */
    Expr filtered(Expr input) {
        Expr expression = filter(input);
        while (tokens.skipOperator("|")) {
            expression = filter(expression);
        }
        return Expr.bounded(expression);
    }

    private Expr choice() {
        tokens.enter();
        Expr expression = disjunction();
        while (tokens.atName("if")) {
            int line = tokens.next().line();
            Expr test = disjunction();
            Optional<Expr> otherwise = tokens.skipName("else") ? Optional.of(choice()) : Optional.empty();
            expression = new Expr.Choice(test, expression, otherwise, line);
        }
        tokens.leave();
        return expression;
    }

    private Expr tuple(Supplier<Expr> item, boolean inParentheses) {
        int line = tokens.line();
        List<Expr> items = new ArrayList<>();
        boolean tuple = false;
        while (!(tokens.at(Token.Kind.OUTPUT_END) || tokens.at(Token.Kind.STATEMENT_END) || tokens.atOperator(")"))) {
            items.add(item.get());
            if (!tokens.skipOperator(",")) {
                break;
            }
            tuple = true;
        }
        if (!tuple && !items.isEmpty()) {
            return items.get(0);
        }
        if (!tuple && !inParentheses) {
            throw tokens.unexpected("an expression");
        }
        return new Expr.Sequence(items, true, line);
    }

    private Expr disjunction() {
        Expr left = conjunction();
        while (tokens.skipName("or")) {
            left = new Expr.Logical(false, left, conjunction());
        }
        return left;
    }

    private Expr conjunction() {
        Expr left = negation();
        while (tokens.skipName("and")) {
            left = new Expr.Logical(true, left, negation());
        }
        return left;
    }

    private Expr negation() {
        if (!tokens.atName("not")) {
            return comparison();
        }
        int line = tokens.next().line();
        tokens.enter();
        Expr operand = negation();
        tokens.leave();
        return new Expr.Unary("not", operand, line);
    }

    private Expr comparison() {
        int line = tokens.line();
        Expr first = sum();
        List<String> operators = new ArrayList<>();
        List<Expr> others = new ArrayList<>();
        while (true) {
            if (tokens.at(Token.Kind.OPERATOR) && COMPARISONS.contains(tokens.current().text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (tokens.atName("not") && tokens.following().is(Token.Kind.NAME, "in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : new Expr.Comparison(first, operators, others, line);
            }
            others.add(sum());
        }
    }

    private Expr binary(Set<String> operators, Supplier<Expr> operand) {
        Expr left = operand.get();
        while (tokens.at(Token.Kind.OPERATOR) && operators.contains(tokens.current().text())) {
            Token operator = tokens.next();
            left = new Expr.Binary(operator.text(), left, operand.get(), operator.line());
        }
        return left;
    }

    private Expr sum() {
        return binary(Set.of("+", "-"), this::concatenation);
    }

    private Expr concatenation() {
        int line = tokens.line();
        List<Expr> operands = new ArrayList<>(List.of(product()));
        while (tokens.skipOperator("~")) {
            operands.add(product());
        }
        return operands.size() == 1 ? operands.get(0) : new Expr.Concatenation(operands, line);
    }

    private Expr product() {
        return binary(Set.of("*", "/", "//", "%"), () -> binary(Set.of("**"), () -> unary(true)));
    }

    /** A sign binds what follows it without its filters: {@code -a.b|f} is {@code (-(a.b))|f}. */
    private Expr unary(boolean withFilters) {
        Expr expression;
        if (tokens.atOperator("-") || tokens.atOperator("+")) {
            Token sign = tokens.next();
            tokens.enter();
            expression = new Expr.Unary(sign.text(), unary(false), sign.line());
            tokens.leave();
        } else {
            expression = primary();
        }
        expression = postfix(expression);
        return withFilters ? filters(expression) : expression;
    }

    private Expr primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME -> name(token);
            case STRING -> string(token);
            case INTEGER -> new Expr.Constant(Conversions.integer(tokens.meter(), token.text()).orElseThrow());
            case REAL -> new Expr.Constant(new Real(Double.parseDouble(token.text())));
            default -> switch (token.text()) {
                case "(" -> parentheses();
                case "[" -> new Expr.Sequence(items("]"), false, token.line());
                case "{" -> mapping(token.line());
                default -> throw new Failure("unexpected " + token.describe());
            };
        };
    }

    private static Expr name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expr.Constant(Bool.TRUE);
            case "false", "False" -> new Expr.Constant(Bool.FALSE);
            case "none", "None" -> new Expr.Constant(None.NONE);
            default -> {
                Parser.refuseSpecial(token.text());
                yield new Expr.Name(token.text(), token.line());
            }
        };
    }

    private Expr string(Token first) {
        StringBuilder text = new StringBuilder(first.text());
        while (tokens.at(Token.Kind.STRING)) {
            text.append(tokens.next().text());
        }
        return new Expr.Constant(Text.literal(text.toString()));
    }

    private Expr parentheses() {
        tokens.enter();
        Expr expression = tuple(this::choice, true);
        tokens.leave();
        tokens.expectOperator(")");
        return expression;
    }

    private List<Expr> items(String close) {
        List<Expr> items = new ArrayList<>();
        while (!tokens.skipOperator(close)) {
            items.add(choice());
            if (!tokens.atOperator(close)) {
                tokens.expectOperator(",");
            }
        }
        return items;
    }

    private Expr mapping(int line) {
        List<Expr> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            keys.add(choice());
            tokens.expectOperator(":");
            values.add(choice());
            if (!tokens.atOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return new Expr.Mapping(keys, values, line);
    }

    private Expr postfix(Expr start) {
        Expr expression = start;
        while (true) {
            int line = tokens.line();
            if (tokens.skipOperator(".")) {
                expression = attribute(expression, line);
            } else if (tokens.skipOperator("[")) {
                expression = subscript(expression, line);
            } else if (tokens.atOperator("(")) {
                expression = new Expr.Call(expression, arguments(), line);
            } else {
                return expression;
            }
        }
    }

    private Expr attribute(Expr owner, int line) {
        if (tokens.at(Token.Kind.INTEGER)) {
            return new Expr.Item(owner, primary(), line);
        }
        return new Expr.Attribute(owner, tokens.expect(Token.Kind.NAME).text(), line);
    }

    private Expr subscript(Expr owner, int line) {
        Optional<Expr> start = tokens.atOperator(":") ? Optional.empty() : Optional.of(choice());
        if (start.isPresent() && tokens.skipOperator("]")) {
            return new Expr.Item(owner, start.get(), line);
        }
        if (tokens.atOperator(",")) {
            throw Failure.unsupported("a subscript with a comma");
        }
        tokens.expectOperator(":");
        Optional<Expr> stop = bound();
        Optional<Expr> step = tokens.skipOperator(":") ? bound() : Optional.empty();
        tokens.expectOperator("]");
        return new Expr.Part(owner, start, stop, step, line);
    }

    private Optional<Expr> bound() {
        return tokens.atOperator(":") || tokens.atOperator("]") ? Optional.empty() : Optional.of(choice());
    }

    /** {@code (a, b, name=c, *more, **named)}: as in Jinja2, what is starred ends the arguments of its kind. */
    Given arguments() {
        tokens.expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        Map<String, Expr> named = new LinkedHashMap<>();
        Optional<Expr> more = Optional.empty();
        Optional<Expr> moreNamed = Optional.empty();
        while (!tokens.skipOperator(")")) {
            if (moreNamed.isPresent()) {
                throw new Failure("an argument follows one with **");
            }
            if (tokens.skipOperator("**")) {
                moreNamed = Optional.of(choice());
            } else if (more.isEmpty() && tokens.skipOperator("*")) {
                more = Optional.of(choice());
            } else if (tokens.at(Token.Kind.NAME) && tokens.following().is(Token.Kind.OPERATOR, "=")) {
                keyword(named);
            } else if (named.isEmpty() && more.isEmpty()) {
                positional.add(choice());
            } else {
                throw new Failure("a positional argument follows a keyword argument or one with *");
            }
            if (!tokens.atOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new Given(positional, named, more, moreNamed);
    }

    private void keyword(Map<String, Expr> named) {
        String name = tokens.next().text();
        tokens.next();
        if (named.put(name, choice()) != null) {
            throw new Failure("keyword argument '" + name + "' is given twice");
        }
    }

    /** What follows an operand: filters, tests and calls of their results. */
    private Expr filters(Expr start) {
        Expr expression = start;
        while (true) {
            int line = tokens.line();
            if (tokens.skipOperator("|")) {
                expression = filter(expression);
            } else if (tokens.skipName("is")) {
                expression = test(expression, line);
            } else if (tokens.atOperator("(")) {
                expression = new Expr.Call(expression, arguments(), line);
            } else {
                return expression;
            }
        }
    }

    /** The name and the arguments of one filter that is applied to {@code input}. */
    private Expr filter(Expr input) {
        int line = tokens.line();
        String name = tokens.expect(Token.Kind.NAME).text();
        Filters.require(name);
        Given arguments = tokens.atOperator("(") ? arguments() : Given.NOTHING;
        Filters.requireNamed(name, arguments);
        return new Expr.Filtered(input, name, arguments, line);
    }

    private Expr test(Expr input, int line) {
        boolean negated = tokens.skipName("not");
        String name = tokens.expect(Token.Kind.NAME).text();
        Tests.require(name);
        Expr test = new Expr.Tested(input, name, testArguments(), line);
        return negated ? new Expr.Unary("not", test, line) : test;
    }

    private Given testArguments() {
        if (tokens.atOperator("(")) {
            return arguments();
        }
        boolean argument = switch (tokens.current().kind()) {
            case STRING, INTEGER, REAL -> true;
            case NAME -> !Set.of("else", "or", "and").contains(tokens.current().text());
            case OPERATOR -> tokens.atOperator("[") || tokens.atOperator("{");
            default -> false;
        };
        if (!argument) {
            return Given.NOTHING;
        }
        if (tokens.atName("is")) {
            throw new Failure("tests with 'is' can't be chained");
        }
        return Given.of(List.of(postfix(primary())));
    }
}
