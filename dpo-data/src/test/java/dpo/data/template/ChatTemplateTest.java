package dpo.data.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.ObjectMapper;

class ChatTemplateTest {
    private static final String STEPS = "rendering must take at most 10000000 steps";
    private static final String BYTES = "rendering must allocate at most 100663296 bytes";
    private static final Clock NOW = Clock.fixed(Instant.parse("2024-07-26T09:05:03Z"), ZoneOffset.UTC);

    /** cases.json has the renderings of Python's Jinja2; see expected.py beside it. */
    private record Cases(Map<String, Map<String, Object>> variables, List<Case> cases) {
        static Cases read() {
            return new ObjectMapper().readValue(resource("cases.json"), Cases.class);
        }
    }

    private record Case(
            String name, String template, String variables, Optional<String> expected, Optional<String> error) {}

    @TestFactory
    List<DynamicTest> renders_what_jinja2_renders_and_refuses_what_jinja2_refuses() {
        Cases cases = Cases.read();
        List<DynamicTest> tests = new ArrayList<>();
        for (Case one : cases.cases()) {
            tests.add(DynamicTest.dynamicTest(
                    one.name() + ": " + one.template().lines().findFirst().orElse(""),
                    () -> check(one, cases.variables().get(one.variables()))));
        }
        return tests;
    }

    private static void check(Case one, Map<String, Object> variables) {
        if (one.expected().isEmpty()) {
            assertThatThrownBy(() -> render(one.template(), variables)).isInstanceOf(TemplateException.class);
        } else {
            assertThat(render(one.template(), variables))
                    .isEqualTo(one.expected().get());
        }
    }

    private static String render(String template, Map<String, ?> variables) {
        return ChatTemplate.parse("test", template).withClock(NOW).render(variables);
    }

    /** refused.txt has a template and a part of the message in each line; Python renders most of them. */
    @TestFactory
    List<DynamicTest> refuses_what_it_does_not_render_exactly_and_names_it() {
        Map<String, Object> variables = Cases.read().variables().get("feature");
        return resource("refused.txt")
                .lines()
                .map(line -> line.split("\t"))
                .map(pair -> DynamicTest.dynamicTest(pair[0], () -> assertThatThrownBy(() -> render(pair[0], variables))
                        .isInstanceOf(TemplateException.class)
                        .hasMessageContaining(pair[1])))
                .toList();
    }

    private static String resource(String name) {
        try (InputStream text = ChatTemplateTest.class.getResourceAsStream("/template/" + name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void parse_refuses_unknown_constructs_even_in_unreachable_code() {
        for (String construct : List.of("{{ a|nosuchfilter }}", "{{ a is nosuchtest }}", "{% nosuchtag %}")) {
            assertThatThrownBy(() -> ChatTemplate.parse("t", "{% if false %}" + construct + "{% endif %}"))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("nosuch");
        }
    }

    @Test
    void a_message_names_template_line_and_construct() {
        assertThatThrownBy(() -> ChatTemplate.parse("tok.jinja", "a\n{# b\n #}\n{{ c | nosuch }}\n"))
                .hasMessage("chat template tok.jinja, line 4: the filter 'nosuch' is not supported")
                .isInstanceOfSatisfying(TemplateException.class, refused -> {
                    assertThat(refused.template()).isEqualTo("tok.jinja");
                    assertThat(refused.line()).isEqualTo(4);
                });
        assertThatThrownBy(() -> render("{% if true %}\n{{ 'a\nb' }}\n{{ x.y.z }}{% endif %}", Map.of("x", Map.of())))
                .hasMessage("chat template test, line 4: 'dict object' has no attribute 'y'");
        assertThatThrownBy(() -> render(
                        "{% for m in l %}\n\n{{ raise_exception('roles ' ~ m) }}\n{% endfor %}",
                        Map.of("l", List.of("a"))))
                .hasMessage("chat template test, line 3: roles a");
    }

    @Test
    void the_date_must_be_given() {
        ChatTemplate template = ChatTemplate.parse("t", "{{ strftime_now('%d %b %Y') }}");
        assertThatThrownBy(() -> template.render(Map.of()))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("strftime_now must be given a clock");
        assertThat(template.withClock(NOW).render(Map.of())).isEqualTo("26 Jul 2024");
    }

    @Test
    void repeated_renderings_are_equal() {
        ChatTemplate template = ChatTemplate.parse(
                "t", "{% set ns = namespace(n=0) %}{% for i in l %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}");
        Map<String, Object> variables = Map.of("l", List.of(1, 2, 3));
        assertThat(template.render(variables)).isEqualTo("6").isEqualTo(template.render(variables));
    }

    @Test
    void java_values_of_all_allowed_types_become_those_of_python() {
        Map<String, Object> variables = new HashMap<>();
        variables.put("none", null);
        variables.put("x", java.util.Arrays.asList("a", 1, 2L, 1.0, 0.5f, true, null, List.of(), Map.of("k", "v")));
        assertThat(render("{{ x }}", variables)).isEqualTo("['a', 1, 2, 1.0, 0.5, True, None, [], {'k': 'v'}]");
        for (Object wrong : List.of('c', new int[] {1}, Map.of(1, 2), new StringBuilder("b"))) {
            assertThatThrownBy(() -> render("", Map.of("x", wrong))).isInstanceOf(TemplateException.class);
        }
    }

    @Test
    void steps_are_bounded() {
        assertRefused("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", STEPS);
        assertRefused(
                "{% set x = 'a' * 1000000 %}{% for i in range(100000) %}{% set y = x.startswith('b') %}"
                        + "{% endfor %}",
                STEPS);
        assertRefused(
                "{% set x = [''] * 1000000 %}{% for i in range(100000) %}{% set y = x == x %}{% endfor %}", STEPS);
        assertRefused(
                "{% for i in range(100000) %}{% for j in range(1000) %}{% if false %}"
                        + IntStream.range(0, 500)
                                .mapToObj(i -> "{% set v" + i + " = 1 %}")
                                .collect(Collectors.joining())
                        + "{% endif %}{% endfor %}{% endfor %}",
                STEPS);
    }

    @Test
    void every_operation_charges_the_text_that_it_reads() {
        for (String expression : List.of(
                "s|trim",
                "s.strip()",
                "'%.1s' % s",
                "'a'|truncate(10**7, true, s)",
                "{s: 1, t: 2}",
                "dict({s: 1}, **{t: 2})",
                "s.rfind(t)",
                "s.find(t)",
                "s == t",
                "s in t")) {
            assertRefused(
                    "{% set s = ' ' * 1000000 %}{% set t = ' ' * 1000000 %}{% for i in range(1000) %}" + "{% set x = "
                            + expression + " %}{% endfor %}",
                    "rendering must");
        }
    }

    @Test
    void bytes_are_bounded_before_they_are_allocated() {
        for (String expression : List.of(
                "'a' * 10**9",
                "[1] * 10**9",
                "[''] * 16000000 * 16000000",
                "'' * 9223372036854775807 ~ 'a' * 9223372036854775807",
                "'%999999999d' % 1",
                "'%.99999999f' % 1.5",
                "'a'.center(10**15)",
                "'a'|indent(10**15, true)",
                "{'a': 1}|tojson(indent=10**10)",
                "('x' * 10000000)|list",
                "[1]|slice(16777216)|list",
                "[1]|batch(10**15, 0)|list")) {
            assertRefused("{{ " + expression + " }}", BYTES);
        }
        assertRefused(doubling("'a'", "ns.x + ns.x"), BYTES);
        assertRefused(doubling("'a'", "ns.x ~ ns.x"), BYTES);
        assertRefused(doubling("['a']", "ns.x + ns.x"), BYTES);
        assertRefused(doubling("'a' * 1000000", "ns.x.replace('a', ns.x)"), BYTES);
        assertRefused(doubling("'a' * 1000000", "ns.x.join(ns.x)"), BYTES);
        assertRefused("{% set x = 'a' * 1000000 %}{% for i in range(100) %}{{ x }}{% endfor %}", BYTES);
        assertRefused(
                "{% set x = 'a' * 5000000 %}{% for i in range(100000) %}{% set y = x.upper() %}{% endfor %}", BYTES);
    }

    @Test
    void a_shared_value_is_charged_each_time_it_is_printed_or_compared() {
        String tree = doubling("['a']", "[ns.x, ns.x]").replace("range(60)", "range(40)");
        assertThat(render(tree, Map.of())).isEmpty();
        assertRefused(tree + "{{ ns.x }}", "rendering must");
        assertRefused(tree + "{{ ns.x|tojson }}", "rendering must");
        assertRefused(tree + tree.replace("ns", "other") + "{{ ns.x == other.x }}", STEPS);
    }

    @Test
    void numbers_beyond_a_length_are_not_charged() {
        assertThat(render(
                        "{{ '' * 9223372036854775807 }}|{{ [] * 9223372036854775807 }}|{{ 5 in range(10**5) }}|"
                                + "{{ range(9223372036854775806, 9223372036854775807, 5)|list }}|"
                                + "{{ 'a'.center(-9223372036854775807) }}",
                        Map.of()))
                .isEqualTo("|[]|True|[9223372036854775806]|a");
        assertRefused("{{ range(10**9)|list }}", "at most 100000 items");
        assertRefused("{{ range(-9223372036854775807, 9223372036854775807)|list }}", "at most 100000 items");
    }

    @Test
    void depth_is_bounded() {
        assertRefused("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "at most 1000 deep");
        assertRefused("{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}", "at most 200 deep");
        assertRefused("{{ " + "-".repeat(5000) + "1 }}", "at most 200 deep");
        assertRefused("{{ " + "not ".repeat(5000) + "1 }}", "at most 200 deep");
        assertRefused("{{ 1" + " + 1".repeat(5000) + " }}", "at most 200 deep");
        assertRefused("{{ a" + ".a".repeat(5000) + " }}", "at most 200 deep");
        assertRefused("{{ a" + "|upper".repeat(5000) + " }}", "at most 200 deep");
        assertRefused("{% set a" + "|upper".repeat(5000) + " %}{% endset %}", "at most 200 deep");
        assertRefused("{% if 1 %}".repeat(5000), "at most 200 deep");
        String nesting = "{% set ns = namespace(x=[]) %}{% for i in range(90000) %}{% set ns.x = VALUE %}{% endfor %}";
        assertRefused(nesting.replace("VALUE", "[ns.x]"), "values must nest at most 200 deep");
        assertRefused(nesting.replace("VALUE", "{'a': ns.x}"), "values must nest at most 200 deep");
        assertRefused(nesting.replace("VALUE", "ns.x|map('upper')"), "values must nest at most 200 deep");
    }

    private static String doubling(String start, String doubled) {
        return "{% set ns = namespace(x=" + start + ") %}{% for i in range(60) %}{% set ns.x = " + doubled
                + " %}{% endfor %}";
    }

    private static void assertRefused(String template, String because) {
        assertThatThrownBy(() -> render(template, Map.of()))
                .as(template.lines().findFirst().orElse(""))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining(because);
    }
}
