package dpo.data.template.syntax;

import dpo.data.template.builtin.Filters;
import dpo.data.template.builtin.JinjaTests;
import dpo.data.template.meter.Failure;
import dpo.data.template.runtime.Application;
import dpo.data.template.runtime.ArgumentList;
import dpo.data.template.runtime.Expression;
import dpo.data.template.runtime.Filter;
import dpo.data.template.runtime.Operation;
import dpo.data.template.value.Str;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The parser of filters and tests, which finds them by name. */
final class FilterParser {
    private final TokenStream tokens;
    private final OperandParser operands;

    FilterParser(TokenStream tokens, OperandParser operands) {
        this.tokens = tokens;
        this.operands = operands;
    }

    /** Parses one or more filters, separated by bars. */
    Expression chain(Expression input) {
        Expression expression = filter(input);
        while (tokens.skipOperator("|")) {
            expression = filter(expression);
        }
        return expression;
    }

    /** Parses filters, tests, and calls of their results, after an operand. */
    Expression postfix(Expression start) {
        Expression expression = start;
        while (true) {
            int line = tokens.line();
            if (tokens.skipOperator("|")) {
                expression = filter(expression);
            } else if (tokens.skipName("is")) {
                expression = test(expression, line);
            } else if (tokens.atOperator("(")) {
                expression = new Application.Call(expression, operands.arguments(), line);
            } else {
                return expression;
            }
        }
    }

    private Expression filter(Expression input) {
        int line = tokens.line();
        String name = tokens.expect(Token.Kind.NAME).text();
        Filter filter = Filters.require(name);
        ArgumentList arguments = tokens.atOperator("(") ? operands.arguments() : ArgumentList.NONE;
        requireNamed(name, arguments);
        return new Application.Applied(input, filter, arguments, line);
    }

    /** Refuses unknown filters and tests that are named by an argument, as in {@code map("upper")}. */
    private static void requireNamed(String name, ArgumentList arguments) {
        switch (name) {
            case "map" -> literal(arguments, 0).ifPresent(Filters::require);
            case "select", "reject" -> literal(arguments, 0).ifPresent(JinjaTests::require);
            case "selectattr", "rejectattr" -> literal(arguments, 1).ifPresent(JinjaTests::require);
            default -> {}
        }
    }

    private static Optional<String> literal(ArgumentList arguments, int index) {
        List<Expression> positional = arguments.positional();
        return index < positional.size()
                        && positional.get(index) instanceof Expression.Constant constant
                        && constant.value() instanceof Str text
                ? Optional.of(text.value())
                : Optional.empty();
    }

    private Expression test(Expression input, int line) {
        boolean negated = tokens.skipName("not");
        String name = tokens.expect(Token.Kind.NAME).text();
        Filter filter = JinjaTests.require(name);
        Expression test = new Application.Applied(input, filter, testArguments(), line);
        return negated ? new Operation.Unary("not", test, line) : test;
    }

    private ArgumentList testArguments() {
        if (tokens.atOperator("(")) {
            return operands.arguments();
        }
        boolean argument =
                switch (tokens.current().kind()) {
                    case STRING, INTEGER, REAL -> true;
                    case NAME ->
                        !Set.of("else", "or", "and").contains(tokens.current().text());
                    case OPERATOR -> tokens.atOperator("[") || tokens.atOperator("{");
                    default -> false;
                };
        if (!argument) {
            return ArgumentList.NONE;
        }
        if (tokens.atName("is")) {
            throw new Failure("tests with 'is' can't be chained");
        }
        return ArgumentList.of(List.of(operands.postfix(operands.primary())));
    }
}
