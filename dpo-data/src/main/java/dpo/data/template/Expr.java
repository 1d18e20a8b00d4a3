package dpo.data.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** An expression of a template: it can be evaluated, and knows its parts. */
sealed interface Expr {
    /** {@return the value, charged as one step and one level}; what contains an expression evaluates it by this */
    default Value value(Frame frame) {
        Meter meter = frame.meter();
        meter.enter();
        Value value = evaluate(frame);
        meter.leave();
        return value;
    }

    /** Works out the value; called by {@link #value} alone. */
    Value evaluate(Frame frame);

    /** {@return the expressions right inside this one} */
    List<Expr> parts();

    /** Visits the names whose values this expression reads. */
    default void names(Consumer<String> visit) {
        parts().forEach(part -> part.names(visit));
    }

    /** Refuses an expression that nests too deeply to be walked through. */
    static Expr bounded(Expr expression) {
        List<Expr> level = List.of(expression);
        for (int depth = 0; !level.isEmpty(); depth++) {
            if (depth > Limits.NESTING) {
                throw new Failure("an expression must nest at most " + Limits.NESTING + " deep");
            }
            List<Expr> below = new ArrayList<>();
            level.forEach(node -> below.addAll(node.parts()));
            level = below;
        }
        return expression;
    }

    /** A literal. */
    record Constant(Value value) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            return value;
        }

        @Override
        public List<Expr> parts() {
            return List.of();
        }
    }

    /** A variable. */
    record Name(String name, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            frame.meter().at(line);
            return frame.get(name);
        }

        @Override
        public List<Expr> parts() {
            return List.of();
        }

        @Override
        public void names(Consumer<String> visit) {
            visit.accept(name);
        }
    }

    /** A list or tuple display. */
    record Sequence(List<Expr> items, boolean tuple, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            frame.meter().slots(items.size());
            List<Value> values = new ArrayList<>();
            items.forEach(item -> values.add(item.value(frame)));
            frame.meter().at(line);
            return tuple ? Items.tuple(frame.meter(), values) : Items.list(frame.meter(), values);
        }

        @Override
        public List<Expr> parts() {
            return items;
        }
    }

    /** A dict display; of equal keys the first key and the last value count. */
    record Mapping(List<Expr> keys, List<Expr> values, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            frame.meter().entries(keys.size());
            Map<Value, Value> entries = new LinkedHashMap<>();
            for (int i = 0; i < keys.size(); i++) {
                Dict.put(frame.meter(), entries, keys.get(i).value(frame), values.get(i).value(frame));
            }
            frame.meter().at(line);
            return new Dict(frame.meter(), entries);
        }

        @Override
        public List<Expr> parts() {
            List<Expr> parts = new ArrayList<>(keys);
            parts.addAll(values);
            return parts;
        }
    }

    /** {@code owner.name}. */
    record Attribute(Expr owner, String name, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.value(frame);
            frame.meter().at(line);
            return value.attribute(frame.meter(), name);
        }

        @Override
        public List<Expr> parts() {
            return List.of(owner);
        }
    }

    /** {@code owner[key]}. */
    record Item(Expr owner, Expr key, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.value(frame);
            Value index = key.value(frame);
            frame.meter().at(line);
            return value.item(frame.meter(), index);
        }

        @Override
        public List<Expr> parts() {
            return List.of(owner, key);
        }
    }

    /** {@code owner[start:stop:step]}. */
    record Part(Expr owner, Optional<Expr> start, Optional<Expr> stop, Optional<Expr> step, int line)
            implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = owner.value(frame);
            Slice slice = new Slice(bound(start, frame), bound(stop, frame), bound(step, frame));
            frame.meter().at(line);
            return value.slice(frame.meter(), slice);
        }

        private static Optional<Long> bound(Optional<Expr> expression, Frame frame) {
            return expression.map(given -> given.value(frame)).filter(value -> value != None.NONE)
                    .map(Operators::index);
        }

        @Override
        public List<Expr> parts() {
            List<Expr> parts = new ArrayList<>(List.of(owner));
            start.ifPresent(parts::add);
            stop.ifPresent(parts::add);
            step.ifPresent(parts::add);
            return parts;
        }
    }

    /** {@code callee(arguments)}. */
    record Call(Expr callee, Given arguments, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value function = callee.value(frame);
            Arguments given = arguments.evaluate(frame);
            frame.meter().at(line);
            if (function instanceof Undefined undefined) {
                throw undefined.failure();
            }
            if (!(function instanceof Function callable)) {
                throw new Failure("'" + function.typeName() + "' object is not callable");
            }
            return callable.call(frame.meter(), given);
        }

        @Override
        public List<Expr> parts() {
            return arguments.partsAfter(callee);
        }
    }

    /** {@code input|name(arguments)}; an input that is absent is the text of a filter block. */
    record Filtered(Expr input, String name, Given arguments, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = input.value(frame);
            Arguments given = arguments.evaluate(frame);
            frame.meter().at(line);
            return Filters.apply(frame.meter(), name, value, given);
        }

        @Override
        public List<Expr> parts() {
            return arguments.partsAfter(input);
        }
    }

    /** {@code input is name(arguments)}. */
    record Tested(Expr input, String name, Given arguments, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = input.value(frame);
            Arguments given = arguments.evaluate(frame);
            frame.meter().at(line);
            return Bool.of(Tests.holds(frame.meter(), name, value, given));
        }

        @Override
        public List<Expr> parts() {
            return arguments.partsAfter(input);
        }
    }

    /** {@code not}, unary {@code -} and {@code +}. */
    record Unary(String operator, Expr operand, int line) implements Expr {
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
        public List<Expr> parts() {
            return List.of(operand);
        }
    }

    /** An arithmetic operator. */
    record Binary(String operator, Expr left, Expr right, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value a = left.value(frame);
            Value b = right.value(frame);
            frame.meter().at(line);
            return Arithmetic.apply(frame.meter(), operator, a, b);
        }

        @Override
        public List<Expr> parts() {
            return List.of(left, right);
        }
    }

    /** {@code and} and {@code or}, which give one of their operands. */
    record Logical(boolean and, Expr left, Expr right) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            Value value = left.value(frame);
            return value.truth() == and ? right.value(frame) : value;
        }

        @Override
        public List<Expr> parts() {
            return List.of(left, right);
        }
    }

    /** {@code a < b <= c …}: each operand is evaluated once, and none after the first that fails. */
    record Comparison(Expr first, List<String> operators, List<Expr> others, int line) implements Expr {
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
                case "==" -> Operators.equal(meter, left, right);
                case "!=" -> !Operators.equal(meter, left, right);
                case "in" -> Operators.contains(meter, right, left);
                case "not in" -> !Operators.contains(meter, right, left);
                default -> Operators.ordered(meter, operator, left, right);
            };
        }

        @Override
        public List<Expr> parts() {
            List<Expr> parts = new ArrayList<>(List.of(first));
            parts.addAll(others);
            return parts;
        }
    }

    /** {@code a ~ b ~ …}: the printed forms in a row. */
    record Concatenation(List<Expr> operands, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            TextBuilder text = new TextBuilder(frame.meter());
            operands.forEach(operand -> text.append(operand.value(frame).str(frame.meter())));
            frame.meter().at(line);
            return text.text();
        }

        @Override
        public List<Expr> parts() {
            return operands;
        }
    }

    /** {@code then if test else otherwise}; without {@code else} it may be undefined. */
    record Choice(Expr test, Expr then, Optional<Expr> otherwise, int line) implements Expr {
        @Override
        public Value evaluate(Frame frame) {
            if (test.value(frame).truth()) {
                return then.value(frame);
            }
            return otherwise.map(expression -> expression.value(frame)).orElseGet(() -> Undefined.because(
                    "the inline if-expression on line " + line + " evaluated to false and no else section was"
                            + " defined."));
        }

        @Override
        public List<Expr> parts() {
            List<Expr> parts = new ArrayList<>(List.of(test, then));
            otherwise.ifPresent(parts::add);
            return parts;
        }
    }
}
