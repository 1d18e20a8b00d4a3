package dpo.data.template.runtime;

import dpo.data.template.meter.Meter;
import dpo.data.template.operator.Arithmetic;
import dpo.data.template.operator.Membership;
import dpo.data.template.operator.Ordering;
import dpo.data.template.value.Bool;
import dpo.data.template.value.Equality;
import dpo.data.template.value.TextBuilder;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Operators on one value, two or several. */
public sealed interface Operation extends Expression {
    /** {@code not}, unary {@code -} and {@code +}. */
    record Unary(String operator, Expression operand, int line) implements Operation {
        @Override
        public Value evaluate(Frame frame) {
            Value value = operand.value(frame);
            frame.meter().at(line);
            return switch (operator) {
                case "not" -> Bool.of(!value.truth());
                case "-" -> Arithmetic.negate(value);
                default -> Arithmetic.plus(value);
            };
        }

        @Override
        public List<Expression> parts() {
            return List.of(operand);
        }
    }

    /** An arithmetic operator. */
    record Binary(String operator, Expression left, Expression right, int line) implements Operation {
        @Override
        public Value evaluate(Frame frame) {
            Value a = left.value(frame);
            Value b = right.value(frame);
            frame.meter().at(line);
            return Arithmetic.apply(frame.meter(), operator, a, b);
        }

        @Override
        public List<Expression> parts() {
            return List.of(left, right);
        }
    }

    /** {@code and} and {@code or}, whose result is one of the operands. */
    record Logical(boolean and, Expression left, Expression right) implements Operation {
        @Override
        public Value evaluate(Frame frame) {
            Value value = left.value(frame);
            return value.truth() == and ? right.value(frame) : value;
        }

        @Override
        public List<Expression> parts() {
            return List.of(left, right);
        }
    }

    /** {@code a < b <= c …}: each operand is evaluated once, and none after the first comparison that fails. */
    record Comparison(Expression first, List<String> operators, List<Expression> others, int line)
            implements Operation {
        @Override
        public Value evaluate(Frame frame) {
            Value left = first.value(frame);
            for (int i = 0; i < operators.size(); i++) {
                Value right = others.get(i).value(frame);
                frame.meter().at(line);
                if (!holds(frame.meter(), operators.get(i), left, right)) {
                    return Bool.FALSE;
                }
                left = right;
            }
            return Bool.TRUE;
        }

        private static boolean holds(Meter meter, String operator, Value left, Value right) {
            return switch (operator) {
                case "==" -> Equality.equal(meter, left, right);
                case "!=" -> !Equality.equal(meter, left, right);
                case "in" -> Membership.contains(meter, right, left);
                case "not in" -> !Membership.contains(meter, right, left);
                default -> Ordering.ordered(meter, operator, left, right);
            };
        }

        @Override
        public List<Expression> parts() {
            List<Expression> parts = new ArrayList<>(List.of(first));
            parts.addAll(others);
            return parts;
        }
    }

    /** {@code a ~ b ~ …}: the concatenation of the printed forms. */
    record Concatenation(List<Expression> operands, int line) implements Operation {
        @Override
        public Value evaluate(Frame frame) {
            TextBuilder text = new TextBuilder(frame.meter());
            operands.forEach(operand -> text.append(operand.value(frame).str(frame.meter())));
            frame.meter().at(line);
            return text.text();
        }

        @Override
        public List<Expression> parts() {
            return operands;
        }
    }

    /** {@code then if test else otherwise}; undefined if the test fails and there is no {@code else}. */
    record Choice(Expression test, Expression then, Optional<Expression> otherwise, int line) implements Operation {
        @Override
        public Value evaluate(Frame frame) {
            if (test.value(frame).truth()) {
                return then.value(frame);
            }
            return otherwise
                    .map(expression -> expression.value(frame))
                    .orElseGet(() -> Undefined.because("the inline if-expression on line " + line
                            + " evaluated to false and no else section was" + " defined."));
        }

        @Override
        public List<Expression> parts() {
            List<Expression> parts = new ArrayList<>(List.of(test, then));
            otherwise.ifPresent(parts::add);
            return parts;
        }
    }
}
