package dpo.data.template.builtin;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.operator.Arithmetic;
import dpo.data.template.operator.Membership;
import dpo.data.template.operator.Ordering;
import dpo.data.template.runtime.Filter;
import dpo.data.template.text.Characters;
import dpo.data.template.value.Arguments;
import dpo.data.template.value.Bool;
import dpo.data.template.value.Callable;
import dpo.data.template.value.Dict;
import dpo.data.template.value.Equality;
import dpo.data.template.value.Int;
import dpo.data.template.value.Items;
import dpo.data.template.value.Loop;
import dpo.data.template.value.Markup;
import dpo.data.template.value.None;
import dpo.data.template.value.Numbers;
import dpo.data.template.value.Range;
import dpo.data.template.value.Real;
import dpo.data.template.value.Str;
import dpo.data.template.value.Undefined;
import dpo.data.template.value.Value;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The tests of Jinja2 by name: {@code value is name(arguments)}. */
public final class JinjaTests {
    /** A test of an input. */
    @FunctionalInterface
    private interface Test {
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
            Map.entry("number", plain(Numbers::isNumber)),
            Map.entry("string", plain(value -> value instanceof Str || value instanceof Markup)),
            Map.entry("mapping", plain(value -> value instanceof Dict)),
            Map.entry("iterable", plain(value -> value.iterable() || value instanceof Markup)),
            Map.entry("sequence", plain(JinjaTests::isSequence)),
            Map.entry("callable", plain(JinjaTests::isCallable)),
            Map.entry("lower", (meter, value, args) -> cased(meter, value, args, Character::isLowerCase)),
            Map.entry("upper", (meter, value, args) -> cased(meter, value, args, Character::isUpperCase)),
            Map.entry("odd", (meter, value, args) -> remainderIs(meter, args.none(value), new Int(2), 1)),
            Map.entry("even", (meter, value, args) -> remainderIs(meter, args.none(value), new Int(2), 0)),
            Map.entry(
                    "divisibleby",
                    (meter, value, args) ->
                            remainderIs(meter, value, args.bind("num").value(0), 0)),
            Map.entry(
                    "sameas",
                    (meter, value, args) -> isSame(value, args.bind("other").value(0))),
            Map.entry(
                    "in",
                    (meter, value, args) ->
                            Membership.contains(meter, args.bind("seq").value(0), value)),
            Map.entry("eq", JinjaTests::equal),
            Map.entry("equalto", JinjaTests::equal),
            Map.entry("==", JinjaTests::equal),
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

    private JinjaTests() {}

    /** {@return a test by its name, as a filter whose result is a bool} */
    public static Filter require(String name) {
        Test test =
                Optional.ofNullable(TESTS.get(name)).orElseThrow(() -> Failure.unsupported("the test '" + name + "'"));
        return (meter, input, arguments) -> Bool.of(test.holds(meter, input, arguments));
    }

    /** {@return the result of a test for an input} */
    static boolean holds(Meter meter, String name, Value input, Arguments arguments) {
        meter.step();
        return require(name).apply(meter, input, arguments).truth();
    }

    private static boolean cased(Meter meter, Value value, Arguments args, IntPredicate test) {
        String text = args.none(value).str(meter);
        meter.walk(text.length());
        return Characters.allCased(text, test);
    }

    private static Test plain(Predicate<Value> predicate) {
        return (meter, value, args) -> predicate.test(args.none(value));
    }

    private static Test ordered(String operator) {
        return (meter, value, args) ->
                Ordering.ordered(meter, operator, value, args.positional(1, 1).value(0));
    }

    private static boolean equal(Meter meter, Value value, Arguments args) {
        return Equality.equal(meter, value, args.positional(1, 1).value(0));
    }

    /** Whether a value has a length and an index. */
    private static boolean isSequence(Value value) {
        return value instanceof Str
                || value instanceof Markup
                || value instanceof Items
                || value instanceof Dict
                || value instanceof Range
                || value instanceof Undefined;
    }

    private static boolean isCallable(Value value) {
        return value instanceof Callable || value instanceof Undefined || value instanceof Loop;
    }

    private static boolean remainderIs(Meter meter, Value value, Value divisor, long remainder) {
        if (value instanceof Str) {
            throw Failure.unsupported("a test for divisibility of a string");
        }
        return Equality.equal(meter, Arithmetic.apply(meter, "%", value, divisor), new Int(remainder));
    }

    /** Python's {@code is}, which is certain only for types with one object per value. */
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
