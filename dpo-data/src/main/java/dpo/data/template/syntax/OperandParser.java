package dpo.data.template.syntax;

import dpo.data.template.meter.Failure;
import dpo.data.template.runtime.Access;
import dpo.data.template.runtime.Application;
import dpo.data.template.runtime.ArgumentList;
import dpo.data.template.runtime.Display;
import dpo.data.template.runtime.Expression;
import dpo.data.template.value.Bool;
import dpo.data.template.value.None;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Real;
import dpo.data.template.value.Str;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The parser of operands: literals, names and brackets, followed by attributes, subscripts and calls. */
final class OperandParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;

    OperandParser(TokenStream tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME -> name(token);
            case STRING -> string(token);
            case INTEGER ->
                new Expression.Constant(
                        Numbers.parseInteger(tokens.meter(), token.text()).orElseThrow());
            case REAL -> new Expression.Constant(new Real(Double.parseDouble(token.text())));
            default ->
                switch (token.text()) {
                    case "(" -> expressions.parentheses();
                    case "[" -> new Display.Sequence(items("]"), false, token.line());
                    case "{" -> mapping(token.line());
                    default -> throw new Failure("unexpected " + token.describe());
                };
        };
    }

    private static Expression name(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expression.Constant(Bool.TRUE);
            case "false", "False" -> new Expression.Constant(Bool.FALSE);
            case "none", "None" -> new Expression.Constant(None.NONE);
            default -> {
                StatementParser.refuseSpecial(token.text());
                yield new Expression.Name(token.text(), token.line());
            }
        };
    }

    private Expression string(Token first) {
        StringBuilder text = new StringBuilder(first.text());
        while (tokens.at(Token.Kind.STRING)) {
            text.append(tokens.next().text());
        }
        return new Expression.Constant(Str.literal(text.toString()));
    }

    private List<Expression> items(String close) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator(close)) {
            items.add(expressions.choice());
            if (!tokens.atOperator(close)) {
                tokens.expectOperator(",");
            }
        }
        return items;
    }

    private Expression mapping(int line) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            keys.add(expressions.choice());
            tokens.expectOperator(":");
            values.add(expressions.choice());
            if (!tokens.atOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return new Display.Mapping(keys, values, line);
    }

    Expression postfix(Expression start) {
        Expression expression = start;
        while (true) {
            int line = tokens.line();
            if (tokens.skipOperator(".")) {
                expression = attribute(expression, line);
            } else if (tokens.skipOperator("[")) {
                expression = subscript(expression, line);
            } else if (tokens.atOperator("(")) {
                expression = new Application.Call(expression, arguments(), line);
            } else {
                return expression;
            }
        }
    }

    private Expression attribute(Expression owner, int line) {
        if (tokens.at(Token.Kind.INTEGER)) {
            return new Access.Item(owner, primary(), line);
        }
        return new Access.Attribute(owner, tokens.expect(Token.Kind.NAME).text(), line);
    }

    private Expression subscript(Expression owner, int line) {
        Optional<Expression> start = tokens.atOperator(":") ? Optional.empty() : Optional.of(expressions.choice());
        if (start.isPresent() && tokens.skipOperator("]")) {
            return new Access.Item(owner, start.get(), line);
        }
        if (tokens.atOperator(",")) {
            throw Failure.unsupported("a subscript with a comma");
        }
        tokens.expectOperator(":");
        Optional<Expression> stop = bound();
        Optional<Expression> step = tokens.skipOperator(":") ? bound() : Optional.empty();
        tokens.expectOperator("]");
        return new Access.Part(owner, start, stop, step, line);
    }

    private Optional<Expression> bound() {
        return tokens.atOperator(":") || tokens.atOperator("]") ? Optional.empty() : Optional.of(expressions.choice());
    }

    /** Parses {@code (a, b, name=c, *more, **named)}. As in Jinja2, a starred argument is the last of its kind. */
    ArgumentList arguments() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Optional<Expression> more = Optional.empty();
        Optional<Expression> moreNamed = Optional.empty();
        while (!tokens.skipOperator(")")) {
            if (moreNamed.isPresent()) {
                throw new Failure("an argument follows one with **");
            }
            if (tokens.skipOperator("**")) {
                moreNamed = Optional.of(expressions.choice());
            } else if (more.isEmpty() && tokens.skipOperator("*")) {
                more = Optional.of(expressions.choice());
            } else if (tokens.at(Token.Kind.NAME) && tokens.following().is(Token.Kind.OPERATOR, "=")) {
                keyword(named);
            } else if (named.isEmpty() && more.isEmpty()) {
                positional.add(expressions.choice());
            } else {
                throw new Failure("a positional argument follows a keyword argument or one with *");
            }
            if (!tokens.atOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new ArgumentList(positional, named, more, moreNamed);
    }

    private void keyword(Map<String, Expression> named) {
        String name = tokens.next().text();
        tokens.next();
        if (named.put(name, expressions.choice()) != null) {
            throw new Failure("keyword argument '" + name + "' is given twice");
        }
    }
}
