package dpo.data.template;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Templates that try to take as much time and memory as the language permits: expressions of matching types, which are
 * therefore evaluated and not refused, with huge numbers, long texts and lists, nested loops, values that are doubled, and
 * up to a million characters of the same construct.
 */
final class Hostile {

    // Filled lines: with one word per line this file would be twice as long.
    // spotless:off
    private static final List<String> NUMBERS = List.of(
            "0", "1", "-1", "2", "63", "1000", "65536", "99999", "16777216", "2147483647", "2147483648",
            "-2147483648", "4294967296", "9223372036854775807", "-9223372036854775807", "10**9");
    private static final List<String> FLOATS = List.of(
            "0.1", "1.5", "1e308", "1.7976931348623157e308", "5e-324", "1.2345678912345678e-300", "1e308 * 10",
            "-0.0", "9007199254740993.0");
    private static final List<String> TEXTS = List.of(
            "''", "'a'", "'x y'", "'ß'", "'Σ'", "'\\n'", "'🙂'", "'\\x01'", "'a,b.c'", "'%s'", "'%.99999f'",
            "'%99999d'", "'ΐ'", "'é' * 1000", "'a' * 100000", "'ab' * 500000", "'🙂' * 200000", "'\\n' * 300000",
            "' ' * 500000", "'a b ' * 100000", "'Ő.' * 100000");
    private static final List<String> LISTS = List.of(
            "[]", "['']", "[1, 2]", "[[]]", "[none]", "['a', 'B']", "['b', 1]", "range(1000)", "range(100000)",
            "range(100000)|list", "[''] * 100000", "[[]] * 100000", "[1.5] * 100000", "['a' * 1000] * 1000",
            "[{'a': [1] * 1000, 'b': 'x'}] * 1000", "messages", "messages * 1000");
    private static final List<String> DICTS = List.of(
            "{}", "{'a': 1}", "{'a': {'b': [1, 2]}, 2: 'x'}", "messages[0]", "dict(a=1, b='x' * 1000)",
            "dict(messages[0], **{'k': 'v' * 1000})");
    private static final List<String> REPEATED = List.of(
            "{{a}}", "{##}", "{%if a%}{%endif%}", "{%if a%}{%set b=1%}{%endif%}", "{%for a in b%}{%endfor%}",
            "{%set a=1%}", "{%set a%}{%endset%}", "{%macro a(b,c=1)%}{{b}}{%endmacro%}", "{%with a=1%}{%endwith%}",
            "{%filter upper%}a{%endfilter%}", "{%raw%}{%endraw%}", "{{[]}}", "{{{}}}", "{{-1}}", "{{'\\x41'}}",
            "{{1.5}}", "{{messages}}", "{{messages|tojson}}", "{{ loop }}", "{", "{{", "{%", "{#", "{%raw%}",
            "{%if a%}", "{%for a in b%}", "{%macro a()%}", "\n", "\r\n", " ", "a", "🙂", "{{-a-}} \n",
            "{%- if a -%}\n");
    private static final List<String> REPEATED_PARTS = List.of(
            "[", "(", "{", "[],", "(),", "{},", "1,", "'a'", "'a',", "a(", "a(),", "a.a", ".a", "[0]", "|d", "|upper",
            " or a", " and a", "not ", "-", "+1", "~a", "**2", " if a else ", " if a", "<1", " in a", " is a",
            " is none", " ", "\n", "1", "1_", "a", "_", ".", "\\", "'", "\"", ":", "a=1,", "*a,", "**a,");

    private final SplittableRandom random;

    private Hostile(SplittableRandom random) {
        this.random = random;
    }

    /** A template that depends on the random numbers alone. */
    static String template(SplittableRandom random) {
        Hostile hostile = new Hostile(random);
        return switch (random.nextInt(20)) {
            case 0 -> hostile.repeated();
            case 1 -> hostile.names();
            case 2 -> hostile.doubled();
            case 3, 4, 5, 6, 7, 8 -> hostile.again();
            default -> hostile.statements(3);
        };
    }

    /** An expression that depends on the random numbers alone. */
    static String expression(SplittableRandom random) {
        return new Hostile(random).any(3);
    }

    /** One expression, evaluated many times. */
    private String again() {
        String times = pick(List.of("10", "1000", "100000"));
        return "{% for i in range(" + times + ") %}{% set v = " + any(2) + " %}" + pick(List.of("{{ v }}", "",
                "{% if v %}x{% endif %}"))
                + "{% endfor %}";
    }

    private String repeated() {
        if (random.nextBoolean()) {
            String piece = pick(REPEATED);
            return piece.repeat(length() / piece.length()) + (random.nextBoolean() ? pick(REPEATED) : "");
        }
        String part = pick(REPEATED_PARTS);
        String open = pick(List.of("{{", "{{ a", "{{ [", "{{ {", "{{ '", "{{ a(", "{% set a = ", "{% if a",
                "{% for a in ",
                "{% macro a(", "{% set "));
        return open + part.repeat(length() / part.length()) + pick(List.of("}}", "%}", "", "1 }}", "] }}", "'}}",
                ") }}"));
    }

    private int length() {
        return random.nextInt(3) > 0 ? random.nextInt(30_000) : 1_000_000;
    }

    /** Many different names, set in branches, in loops, as parameters and as keys. */
    private String names() {
        String piece = pick(List.of("{% if a %}{% set NAME = 1 %}{% endif %}", "{% set NAME = 1 %}", "{{ NAME }}",
                "{% for NAME in [1] %}{{ NAME }}{% endfor %}", "{% macro NAME(a) %}{% endmacro %}", "{{ {'NAME': 1} }}",
                "{% set ns.NAME = 1 %}", "{% elif NAME %}{% set NAME = 1 %}",
                        "{% with NAME = 1 %}{{ NAME }}{% endwith %}"));
        StringBuilder text = new StringBuilder("{% set ns = namespace() %}{% if a %}");
        int nesting = random.nextInt(190);
        text.append(pick(List.of("{% for a in range(1000) %}{% if false %}{% endif %}",
                "{% if true %}{% for a in [1] %}"))
                .repeat(random.nextBoolean() ? 0 : nesting / 2));
        int most = length();
        for (int i = 0; text.length() < most; i++) {
            text.append(piece.replace("NAME", "n" + i));
        }
        return text.append("{% endif %}").toString();
    }

    /** A value that grows with each iteration of a loop, and its use afterwards. */
    private String doubled() {
        String start = random.nextBoolean() ? text(1) : list(1);
        String step = pick(List.of("ns.x + ns.x", "ns.x ~ ns.x", "[ns.x, ns.x]", "[ns.x]", "{'a': ns.x, 'b': ns.x}",
                "ns.x * 2",
                "ns.x|string", "ns.x|map('string')", "ns.x|list", "ns.x|tojson", "[ns]", "ns",
                        "(ns.x, ns.x)|list|string",
                "ns.x|replace('a', 'aa')", "ns.x|reverse", "ns.x|select", "[loop, ns.x]", "namespace(x=ns.x)",
                "[[1]|map('string'), ns.x]", "dict(a=ns.x)", "ns.x|batch(2)", "ns.x|join(ns.x)",
                        "ns.x|indent(1, true)"));
        return "{% set ns = namespace(x=" + start + ") %}{% for i in range(" + pick(List.of("10", "30", "100",
                "90000")) + ") %}"
                + "{% set ns.x = " + step + " %}{% endfor %}" + pick(List.of("{{ ns.x }}", "{{ ns.x == ns.x }}",
                "{{ ns.x|tojson }}", "{{ ns.x|length }}", "{{ ns.x|list|length }}", "{{ ns.x in [ns.x] }}",
                "{{ [ns.x]|unique|list }}", "{{ [ns.x, ns.x]|sort }}", "{{ ns.x < ns.x }}",
                        "{{ ns.x|map('string')|join }}",
                "{{ '%s' % ns.x }}", "{{ ns.x.x.x.x }}", "{{ ns.x|sum(start=[]) }}", ""));
    }

    private String statements(int depth) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(1, 3); i > 0; i--) {
            text.append(statement(depth));
        }
        return text.toString();
    }

    private String statement(int depth) {
        if (depth == 0) {
            return "{{ " + any(2) + " }}";
        }
        return switch (random.nextInt(12)) {
            case 0, 1 -> "{% for v in " + list(2) + " %}" + statements(depth - 1) + "{% endfor %}";
            case 2 -> "{% for a, b in " + dict(1) + ".items() if " + truth(2) + " %}" + statements(depth - 1)
                    + "{% endfor %}";
            case 3 -> "{% if " + truth(2) + " %}" + statements(depth - 1) + "{% else %}" + statements(depth - 1)
                    + "{% endif %}";
            case 4 -> "{% set v = " + any(3) + " %}" + statements(depth - 1);
            case 5 -> "{% set v %}" + statements(depth - 1) + "{% endset %}{{ v" + textFilter(1) + " }}";
            case 6 -> "{% macro f(a, b=" + any(1) + ") %}" + statements(depth - 1)
                    + "{{ f(a, b) if a else '' }}{% endmacro %}{{ f("
                    + any(1) + ") }}{{ f(*[" + any(1) + "]) }}{{ f(**{'a': " + any(1) + "}) }}";
            case 7 -> "{% filter upper" + textFilter(1) + " %}" + statements(depth - 1) + "{% endfilter %}";
            case 8 -> "{% with v = " + any(2) + " %}" + statements(depth - 1) + "{% endwith %}";
            case 9 -> "{% set ns = namespace(v=" + any(1) + ") %}{% for i in " + list(1) + " %}{% set ns.v = " + any(2)
                    + " %}{% endfor %}{{ ns.v }}";
            case 10 -> "{% for v in " + list(1)
                    + " %}{{ loop.index ~ loop.last ~ loop.length ~ loop.changed(v) }}{% endfor %}";
            default -> "{{ " + any(3) + " }}";
        };
    }

    private String any(int depth) {
        return switch (random.nextInt(7)) {
            case 0, 1 -> text(depth);
            case 2, 3 -> list(depth);
            case 4 -> number(depth);
            case 5 -> dict(depth);
            default -> truth(depth);
        };
    }

    private String number(int depth) {
        return depth == 0 ? pick(random.nextInt(3) > 0 ? NUMBERS : FLOATS) : one(
                () -> "(" + number(depth - 1) + pick(List.of(" + ", " - ", " * ", " / ", " // ", " % ", " ** "))
                        + pick(NUMBERS)
                        + ")",
                () -> text(depth - 1) + pick(List.of("|length", "|wordcount", "|int", "|float", ".count('a')",
                        ".find('b')")),
                () -> list(depth - 1) + pick(List.of("|length", "|sum", "|max", "|min", "|first", "|last", ".count(1)",
                        ".index(2)",
                        "|sum(attribute='a')")),
                () -> number(depth - 1) + pick(List.of("|abs", "|int", "|float", "|round(2)", "|round(0, 'ceil')")),
                () -> text(depth - 1) + pick(List.of(".count(", ".find(", ".rfind(", ".rindex("))
                        + text(depth - 1) + ")",
                () -> pick(NUMBERS));
    }

    private String text(int depth) {
        return depth == 0 ? pick(TEXTS) : one(
                () -> "(" + text(depth - 1) + pick(List.of(" + ", " ~ ")) + text(depth - 1) + ")",
                () -> "(" + text(depth - 1) + " * " + times() + ")",
                () -> "(" + any(depth - 1) + " ~ " + any(depth - 1) + ")",
                () -> "(" + text(depth - 1) + " % " + pick(List.of(any(depth - 1), "(" + number(depth - 1) + ",)"))
                        + ")",
                () -> any(depth - 1) + textFilter(depth - 1),
                () -> text(depth - 1) + method(depth - 1),
                () -> text(depth - 1) + "[" + bound() + ":" + bound() + ":" + bound() + "]",
                () -> list(depth - 1) + "|join(" + text(depth - 1) + ")",
                () -> list(depth - 1) + "|map('" + pick(List.of("string", "upper", "title", "length", "tojson", "trim",
                        "list"))
                        + "')|join(" + text(depth - 1) + ")");
    }

    private String textFilter(int depth) {
        return one(() -> pick(List.of("|upper", "|lower", "|title", "|capitalize", "|trim", "|string", "|tojson",
                "|reverse|string",
                        "|center", "|truncate", "|indent", "|safe", "|format", "|tojson(indent=1000)",
                                "|tojson(sort_keys=true)",
                        "|tojson(ensure_ascii=true)", "|default('x')")),
                () -> "|replace(" + text(depth) + ", " + text(depth) + ")",
                () -> pick(List.of("|center(", "|indent(", "|truncate(", "|tojson(indent=")) + times() + ")",
                () -> "|trim(" + text(depth) + ")",
                () -> "|truncate(" + times() + ", true, " + text(depth) + ")",
                () -> "|join(" + text(depth) + ")");
    }

    private String method(int depth) {
        return one(() -> pick(List.of(".upper()", ".lower()", ".title()", ".capitalize()", ".strip()", ".lstrip()",
                ".rstrip()")),
                () -> ".replace(" + text(depth) + ", " + text(depth) + ")",
                () -> pick(List.of(".center(", ".ljust(", ".rjust(", ".zfill(")) + times() + ")",
                () -> ".join(" + list(depth) + ")",
                () -> pick(List.of(".strip(", ".lstrip(", ".removeprefix(", ".removesuffix(")) + text(depth) + ")");
    }

    private String list(int depth) {
        return depth == 0 ? pick(LISTS) : one(
                () -> "(" + list(depth - 1) + " + " + list(depth - 1) + ")",
                () -> "(" + list(depth - 1) + " * " + times() + ")",
                () -> "[" + any(depth - 1) + ", " + any(depth - 1) + "]",
                () -> list(depth - 1) + pick(List.of("|list", "|sort", "|unique|list", "|reverse|list", "|select|list",
                        "|reject|list",
                        "|map('string')|list", "|map(attribute='a.b.c')|list", "|selectattr('a')|list",
                                "|sort(attribute='a,b,a')",
                        "|sort(reverse=true)", "|select('in', range(100000))|list")),
                () -> list(depth - 1) + pick(List.of("|batch(", "|slice(")) + times() + ", 0)|list",
                () -> list(depth - 1) + "|map(attribute=" + text(depth - 1) + ")|list",
                () -> list(depth - 1) + "[" + bound() + ":" + bound() + ":" + bound() + "]",
                () -> text(depth - 1) + pick(List.of("|list", ".split()", ".rsplit()", ".splitlines()",
                        ".split('a', 5)", ".rsplit('a')")),
                () -> text(depth - 1) + pick(List.of(".split(", ".rsplit(", ".partition(", ".rpartition("))
                        + text(depth - 1) + ")",
                () -> dict(depth - 1) + pick(List.of("|list", "|items|list", "|dictsort", ".keys()|list",
                        ".values()|list",
                        ".items()|list")),
                () -> "range(" + pick(List.of("10", "100000", "*[1, 99999, 3]", "10**9")) + ")");
    }

    private String dict(int depth) {
        return depth == 0 ? pick(DICTS) : one(
                () -> "{" + text(depth - 1) + ": " + any(depth - 1) + ", " + number(0) + ": " + any(depth - 1) + "}",
                () -> "dict(" + dict(depth - 1) + ", k=" + any(depth - 1) + ")",
                () -> "dict(**" + dict(depth - 1) + ")");
    }

    private String truth(int depth) {
        return depth == 0 ? pick(List.of("true", "false", "none", "a", "v", "loop")) : one(
                () -> "(" + any(depth - 1) + pick(List.of(" == ", " != ", " in ", " not in ")) + any(depth - 1) + ")",
                () -> "(" + list(depth - 1) + pick(List.of(" == ", " < ", " >= ")) + list(depth - 1) + ")",
                () -> "(" + text(depth - 1) + pick(List.of(" in ", " < ", " == ")) + text(depth - 1) + ")",
                () -> "(" + any(depth - 1) + pick(List.of(" in ", " not in ")) + list(depth - 1) + ")",
                () -> "(" + any(depth - 1) + pick(List.of(" is string", " is iterable", " is lower", " is upper",
                        " is odd",
                        " is defined", " is divisibleby 3", " is mapping")) + ")",
                () -> text(depth - 1) + pick(List.of(".startswith(", ".endswith(")) + text(depth - 1) + ")",
                () -> "(" + truth(depth - 1) + pick(List.of(" and ", " or ")) + any(depth - 1) + ")",
                () -> "not " + any(depth - 1));
    }

    /** A count or a width, from harmless to absurd. */
    private String times() {
        return random.nextInt(5) == 0 ? number(1) : pick(List.of("2", "10", "63", "1000", "65536", "1000000"));
    }

    private String bound() {
        return random.nextInt(3) == 0 ? pick(NUMBERS) : pick(List.of("", "1", "-1", "5", "-3"));
    }

    @SafeVarargs
    private String one(Supplier<String>... choices) {
        return choices[random.nextInt(choices.length)].get();
    }

    private String pick(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
    // spotless:on
}
