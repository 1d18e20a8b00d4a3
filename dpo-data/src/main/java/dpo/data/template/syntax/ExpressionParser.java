package dpo.data.template.syntax;

import dpo.data.template.runtime.Display;
import dpo.data.template.runtime.Expression;
import dpo.data.template.runtime.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** The parser of expressions, with the grammar and precedence of Jinja2's parser. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;
    private final OperandParser operands;
    private final FilterParser filters;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this);
        this.filters = new FilterParser(tokens, operands);
    }

    /** Parses one expression, which may be conditional: {@code a if b else c}. */
    Expression expression() {
        return Expression.bounded(choice());
    }

    /** Parses an expression without {@code if}, or a tuple of such expressions without parentheses. */
    Expression tupleWithoutChoice() {
        return Expression.bounded(tuple(this::disjunction, false));
    }

    /** Parses an expression, or a tuple without parentheses. */
    Expression tuple() {
        return Expression.bounded(tuple(this::choice, false));
    }

    /** Parses one or more filters, separated by bars, and applies them to {@code input}. */
    Expression filtered(Expression input) {
        return Expression.bounded(filters.chain(input));
    }

    Expression choice() {
        tokens.enter();
        Expression expression = disjunction();
        while (tokens.atName("if")) {
            int line = tokens.next().line();
            Expression test = disjunction();
            Optional<Expression> otherwise = tokens.skipName("else") ? Optional.of(choice()) : Optional.empty();
            expression = new Operation.Choice(test, expression, otherwise, line);
        }
        tokens.leave();
        return expression;
    }

    private Expression tuple(Supplier<Expression> item, boolean inParentheses) {
        int line = tokens.line();
        List<Expression> items = new ArrayList<>();
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
        return new Display.Sequence(items, true, line);
    }

    private Expression disjunction() {
        Expression left = conjunction();
        while (tokens.skipName("or")) {
            left = new Operation.Logical(false, left, conjunction());
        }
        return left;
    }

    private Expression conjunction() {
        Expression left = negation();
        while (tokens.skipName("and")) {
            left = new Operation.Logical(true, left, negation());
        }
        return left;
    }

    private Expression negation() {
        if (!tokens.atName("not")) {
            return comparison();
        }
        int line = tokens.next().line();
        tokens.enter();
        Expression operand = negation();
        tokens.leave();
        return new Operation.Unary("not", operand, line);
    }

    private Expression comparison() {
        int line = tokens.line();
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            if (tokens.at(Token.Kind.OPERATOR)
                    && COMPARISONS.contains(tokens.current().text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (tokens.atName("not") && tokens.following().is(Token.Kind.NAME, "in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : new Operation.Comparison(first, operators, others, line);
            }
            others.add(sum());
        }
    }

    private Expression binary(Set<String> operators, Supplier<Expression> operand) {
        Expression left = operand.get();
        while (tokens.at(Token.Kind.OPERATOR)
                && operators.contains(tokens.current().text())) {
            Token operator = tokens.next();
            left = new Operation.Binary(operator.text(), left, operand.get(), operator.line());
        }
        return left;
    }

    private Expression sum() {
        return binary(Set.of("+", "-"), this::concatenation);
    }

    private Expression concatenation() {
        int line = tokens.line();
        List<Expression> operands = new ArrayList<>(List.of(product()));
        while (tokens.skipOperator("~")) {
            operands.add(product());
        }
        return operands.size() == 1 ? operands.get(0) : new Operation.Concatenation(operands, line);
    }

    private Expression product() {
        return binary(Set.of("*", "/", "//", "%"), () -> binary(Set.of("**"), () -> unary(true)));
    }

    /** Parses an operand with its signs. A sign binds tighter than a filter: {@code -a.b|f} is {@code (-(a.b))|f}. */
    private Expression unary(boolean withFilters) {
        Expression expression;
        if (tokens.atOperator("-") || tokens.atOperator("+")) {
            Token sign = tokens.next();
            tokens.enter();
            expression = new Operation.Unary(sign.text(), unary(false), sign.line());
            tokens.leave();
        } else {
            expression = operands.primary();
        }
        expression = operands.postfix(expression);
        return withFilters ? filters.postfix(expression) : expression;
    }

    /** Parses a parenthesised expression or tuple after its opening bracket. */
    Expression parentheses() {
        tokens.enter();
        Expression expression = tuple(this::choice, true);
        tokens.leave();
        tokens.expectOperator(")");
        return expression;
    }
}
