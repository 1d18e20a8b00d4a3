package dpo.data.template;

import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** Jinja2's tests: what may follow {@code is}. */
final class Tests {
    /** One test. */
    @FunctionalInterface
    interface Test {
        boolean holds(Meter meter, Value input, Arguments arguments);
    }

    private static final Map<String, Test> TESTS = Map.ofEntries(
            Map.entry("defined", plain(value -> !(value instanceof Undefined))),
            Map.entry("undefined", plain(value -> value instanceof Undefined)),
            Map.entry("none", plain(value -> value == None.NONE)),
            Map.entry("boolean", plain(value -> value instanceof Bool)),
            Map.entry("true", plain(value -> value == Bool.TRUE)),
            Map.entry("false", plain(value -> value == Bool.FALSE)),
            Map.entry("integer", plain(value -> value instanceof Int)),
            Map.entry("float", plain(value -> value instanceof Real)),
            Map.entry("number", plain(Operators::isNumber)),
            Map.entry("string", plain(value -> value instanceof Text || value instanceof SafeText)),
            Map.entry("mapping", plain(value -> value instanceof Dict)),
            Map.entry("iterable", plain(value -> value.iterable() || value instanceof SafeText)),
            Map.entry("sequence", plain(Tests::isSequence)),
            Map.entry("callable", plain(Tests::isCallable)),
            Map.entry("lower", (meter, value, args) -> cased(meter, value, args, Character::isLowerCase)),
            Map.entry("upper", (meter, value, args) -> cased(meter, value, args, Character::isUpperCase)),
            Map.entry("odd", (meter, value, args) -> remainderIs(meter, none(args, value), new Int(2), 1)),
            Map.entry("even", (meter, value, args) -> remainderIs(meter, none(args, value), new Int(2), 0)),
            Map.entry("divisibleby", (meter, value, args) -> remainderIs(meter, value, args.bind("num").value(0), 0)),
            Map.entry("sameas", (meter, value, args) -> isSame(value, args.bind("other").value(0))),
            Map.entry("in", (meter, value, args) -> Operators.contains(meter, args.bind("seq").value(0), value)),
            Map.entry("eq", Tests::equal),
            Map.entry("equalto", Tests::equal),
            Map.entry("==", Tests::equal),
            Map.entry("ne", (meter, value, args) -> !equal(meter, value, args)),
            Map.entry("!=", (meter, value, args) -> !equal(meter, value, args)),
            Map.entry("lt", ordered("<")),
            Map.entry("lessthan", ordered("<")),
            Map.entry("<", ordered("<")),
            Map.entry("le", ordered("<=")),
            Map.entry("<=", ordered("<=")),
            Map.entry("gt", ordered(">")),
            Map.entry("greaterthan", ordered(">")),
            Map.entry(">", ordered(">")),
            Map.entry("ge", ordered(">=")),
            Map.entry(">=", ordered(">=")));

    private Tests() {}

    static Test require(String name) {
        return Optional.ofNullable(TESTS.get(name))
                .orElseThrow(() -> Failure.unsupported("the test '" + name + "'"));
    }

    static boolean holds(Meter meter, String name, Value input, Arguments arguments) {
        meter.step();
        return require(name).holds(meter, input, arguments);
    }

    private static Value none(Arguments args, Value input) {
        args.positional(0, 0);
        return input;
    }

    private static boolean cased(Meter meter, Value value, Arguments args, IntPredicate test) {
        String text = none(args, value).str(meter);
        meter.walk(text.length());
        return Characters.allCased(text, test);
    }

    private static Test plain(Predicate<Value> predicate) {
        return (meter, value, args) -> predicate.test(none(args, value));
    }

    private static Test ordered(String operator) {
        return (meter, value, args) -> Operators.ordered(meter, operator, value, args.positional(1, 1).value(0));
    }

    private static boolean equal(Meter meter, Value value, Arguments args) {
        return Operators.equal(meter, value, args.positional(1, 1).value(0));
    }

    /** What has a length and can be indexed. */
    private static boolean isSequence(Value value) {
        return value instanceof Text || value instanceof SafeText || value instanceof Items || value instanceof Dict
                || value instanceof Range || value instanceof Undefined;
    }

    private static boolean isCallable(Value value) {
        return value instanceof Function || value instanceof Undefined || value instanceof Loop;
    }

    private static boolean remainderIs(Meter meter, Value value, Value divisor, long remainder) {
        if (value instanceof Text) {
            throw Failure.unsupported("a test for divisibility of a string");
        }
        return Operators.equal(meter, Arithmetic.apply(meter, "%", value, divisor), new Int(remainder));
    }

    /** Identity is certain only where Python has one object of a kind. */
    private static boolean isSame(Value value, Value other) {
        if (single(value) || single(other)) {
            return value == other;
        }
        throw Failure.unsupported("the test 'sameas' of values other than booleans and None");
    }

    private static boolean single(Value value) {
        return value instanceof Bool || value == None.NONE;
    }
}
