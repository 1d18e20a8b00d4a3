package dpo.data.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** An expression of a template: it can be evaluated, and knows its parts. */
sealed interface Expr {
    Value evaluate(Frame frame);

    /** {@return the expressions right inside this one} */
    Stream<Expr> parts();

    /** {@return the names whose values this expression reads} */
    default Stream<String> names() {
        return parts().flatMap(Expr::names);
    }

    /** A literal. */
    record Constant(Value value) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            return value;
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of();
        }
    }

    /** A variable. */
    record Name(String name, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            frame.rendering().step(line);
            return frame.get(name);
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of();
        }

        @Override
        public Stream<String> names() {
            return Stream.of(name);
        }
    }

    /** A list or tuple display. */
    record Sequence(List<Expr> items, boolean tuple, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            List<Value> values = new ArrayList<>();
            items.forEach(item -> values.add(item.evaluate(frame)));
            frame.rendering().step(line);
            return tuple ? Items.tuple(values) : Items.list(values);
        }

        @Override
        public Stream<Expr> parts() {
            return items.stream();
        }
    }

    /** A dict display; of equal keys the first key and the last value count. */
    record Mapping(List<Expr> keys, List<Expr> values, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Map<Value, Value> entries = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                entries.put(keys.get(i).evaluate(frame), values.get(i).evaluate(frame));
            }
            frame.rendering().step(line);
            return new Dict(entries);
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.concat(keys.stream(), values.stream());
        }
    }

    /** {@code owner.name}. */
    record Attribute(Expr owner, String name, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.evaluate(frame);
            frame.rendering().step(line);
            return value.attribute(name);
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of(owner);
        }
    }

    /** {@code owner[key]}. */
    record Item(Expr owner, Expr key, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.evaluate(frame);
            Value index = key.evaluate(frame);
            frame.rendering().step(line, value, index);
            return value.item(index);
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of(owner, key);
        }
    }

    /** {@code owner[start:stop:step]}. */
    record Part(Expr owner, Optional<Expr> start, Optional<Expr> stop, Optional<Expr> step, int line)
            implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.evaluate(frame);
            Slice slice = new Slice(bound(start, frame), bound(stop, frame), bound(step, frame));
            frame.rendering().step(line, value);
            return value.slice(slice);
        }

        private static Optional<Long> bound(Optional<Expr> expression, Frame frame) {
            return expression.map(given -> given.evaluate(frame)).filter(value -> value != None.NONE)
                    .map(Operators::index);
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of(Stream.of(owner), start.stream(), stop.stream(), step.stream()).flatMap(part -> part);
        }
    }

    /** The arguments of a call. */
    record Given(List<Expr> positional, Map<String, Expr> named) {
        Arguments evaluate(Frame frame) {
            List<Value> values = new ArrayList<>();
            positional.forEach(value -> values.add(value.evaluate(frame)));
            Map<String, Value> keywords = new LinkedHashMap<>();
            named.forEach((name, value) -> keywords.put(name, value.evaluate(frame)));
            return Arguments.of(values, keywords);
        }

        Stream<Expr> parts() {
            return Stream.concat(positional.stream(), named.values().stream());
        }
    }

    /** {@code callee(arguments)}. */
    record Call(Expr callee, Given arguments, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value function = callee.evaluate(frame);
            Arguments given = arguments.evaluate(frame);
            frame.rendering().step(line, function, given);
            if (function instanceof Undefined undefined) {
                throw undefined.failure();
            }
            if (!(function instanceof Function callable)) {
                throw new Failure("'" + function.typeName() + "' object is not callable");
            }
            return frame.rendering().charged(callable.body().call(given));
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.concat(Stream.of(callee), arguments.parts());
        }
    }

    /** {@code input|name(arguments)}; an input that is absent is the text of a filter block. */
    record Filtered(Expr input, String name, Given arguments, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = input.evaluate(frame);
            Arguments given = arguments.evaluate(frame);
            return frame.rendering().at(line).filter(name, value, given);
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.concat(Stream.of(input), arguments.parts());
        }
    }

    /** {@code input is name(arguments)}. */
    record Tested(Expr input, String name, Given arguments, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = input.evaluate(frame);
            Arguments given = arguments.evaluate(frame);
            return Bool.of(frame.rendering().at(line).test(name, value, given));
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.concat(Stream.of(input), arguments.parts());
        }
    }

    /** {@code not}, unary {@code -} and {@code +}. */
    record Unary(String operator, Expr operand, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = operand.evaluate(frame);
            frame.rendering().step(line);
            return switch (operator) {
                case "not" -> Bool.of(!value.truth());
                case "-" -> Arithmetic.negate(value);
                default -> Arithmetic.plus(value);
            };
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of(operand);
        }
    }

    /** An arithmetic operator. */
    record Binary(String operator, Expr left, Expr right, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value a = left.evaluate(frame);
            Value b = right.evaluate(frame);
            frame.rendering().step(line, a, b);
            return frame.rendering().charged(Arithmetic.apply(operator, a, b));
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of(left, right);
        }
    }

    /** {@code and} and {@code or}, which give one of their operands. */
    record Logical(boolean and, Expr left, Expr right) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = left.evaluate(frame);
            return value.truth() == and ? right.evaluate(frame) : value;
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.of(left, right);
        }
    }

    /** {@code a < b <= c …}: each operand is evaluated once, and none after the first that fails. */
    record Comparison(Expr first, List<String> operators, List<Expr> others, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value left = first.evaluate(frame);
            for (int i = 0; i < operators.size(); i++) {
                Value right = others.get(i).evaluate(frame);
                frame.rendering().step(line, left, right);
                if (!holds(operators.get(i), left, right)) {
                    return Bool.FALSE;
                }
                left = right;
            }
            return Bool.TRUE;
        }

        private static boolean holds(String operator, Value left, Value right) {
            return switch (operator) {
                case "==" -> Operators.equal(left, right);
                case "!=" -> !Operators.equal(left, right);
                case "in" -> Operators.contains(right, left);
                case "not in" -> !Operators.contains(right, left);
                default -> Operators.ordered(operator, left, right);
            };
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.concat(Stream.of(first), others.stream());
        }
    }

    /** {@code a ~ b ~ …}: the printed forms in a row. */
    record Concatenation(List<Expr> operands, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            TextBuilder text = new TextBuilder();
            operands.forEach(operand -> text.append(operand.evaluate(frame).str()));
            frame.rendering().step(line);
            return frame.rendering().charged(new Text(text.toString()));
        }

        @Override
        public Stream<Expr> parts() {
            return operands.stream();
        }
    }

    /** {@code then if test else otherwise}; without {@code else} it may be undefined. */
    record Choice(Expr test, Expr then, Optional<Expr> otherwise, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            if (test.evaluate(frame).truth()) {
                return then.evaluate(frame);
            }
            return otherwise.map(expression -> expression.evaluate(frame)).orElseGet(() -> new Undefined(
                    "the inline if-expression on line " + line + " evaluated to false and no else section was"
                            + " defined."));
        }

        @Override
        public Stream<Expr> parts() {
            return Stream.concat(Stream.of(test, then), otherwise.stream());
        }
    }
}
