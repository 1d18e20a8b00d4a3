package dpo.data.template.syntax;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Limits;
import dpo.data.template.meter.Meter;
import java.util.List;
import java.util.Locale;

/** The tokens of a template with a current position. */
final class TokenStream {
    private final List<Token> tokens;
    private final Meter meter;
    private int position;
    private int depth;

    TokenStream(List<Token> tokens, Meter meter) {
        this.tokens = tokens;
        this.meter = meter;
        meter.at(current().line());
    }

    Meter meter() {
        return meter;
    }

    Token current() {
        return tokens.get(position);
    }

    Token following() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    int line() {
        return current().line();
    }

    /** {@return the current token, and advances; the charge includes the node that is built from it} */
    Token next() {
        meter.step();
        meter.shell();
        Token token = current();
        position = Math.min(position + 1, tokens.size() - 1);
        meter.at(current().line());
        return token;
    }

    boolean at(Token.Kind kind) {
        return current().kind() == kind;
    }

    boolean atName(String name) {
        return current().is(Token.Kind.NAME, name);
    }

    boolean atOperator(String operator) {
        return current().is(Token.Kind.OPERATOR, operator);
    }

    boolean skipName(String name) {
        boolean found = atName(name);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipOperator(String operator) {
        boolean found = atOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    Token expect(Token.Kind kind) {
        if (!at(kind)) {
            throw unexpected(kind.name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    Failure unexpected(String wanted) {
        return new Failure("expected " + wanted + ", got " + current().describe());
    }

    /** Enters a level of nesting; {@link #leave} leaves it. */
    void enter() {
        if (++depth > Limits.NESTING) {
            throw new Failure("nesting must be at most " + Limits.NESTING + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
