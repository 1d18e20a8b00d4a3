package dpo.data.template;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A chat template in Jinja2, rendered to the text that Python's Jinja2 3.1 renders in the environment of Hugging Face
 * transformers: {@code ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)} with the extension
 * {@code loopcontrols}, the tag {@code generation}, the functions {@code raise_exception} and {@code strftime_now},
 * and the filter {@code tojson} that is {@code json.dumps(ensure_ascii=False)}. Nothing is escaped.
 *
 * <p>Known are: {@code if}, {@code for} (with {@code if}, {@code else}, {@code break}, {@code continue} and
 * {@code loop}), {@code set} (blocks and namespaces, too), {@code macro}, {@code with}, {@code filter},
 * {@code generation}, {@code raw} and comments; all operators; calls with {@code *} and {@code **}; the filters and
 * tests of Jinja2 apart from those for HTML, randomness and pretty-printing; the methods of Python's strings and dicts
 * that do not change them.
 *
 * <p><b>Refused, never guessed.</b> Syntax, tags, filters and tests that this engine does not know are refused by
 * {@link #parse}, also in a branch that no conversation would reach (Jinja2 itself lets some of those pass). What shows
 * only with values is refused while rendering: unknown methods and functions, integers beyond 64 bits, printing of
 * generators or namespaces, mixing of text marked {@code safe}, and what Python itself raises an error for.
 *
 * <p><b>Untrusted templates.</b> A template can read only its variables. All work is charged to one meter. The
 * limits: 2<sup>20</sup> characters of source; ten million steps and 64 MiB for parsing; ten million steps
 * and 96 MiB for one rendering, where bytes count when they are allocated; 200 levels of brackets and of values, 1,000
 * of evaluation. A template beyond a limit is refused; it takes seconds at most and fits into a heap of 256 MB.
 *
 * <p>Instances do not change and may be shared between threads.
 */
public final class ChatTemplate {
    private final String name;
    private final List<Stmt> body;
    private final Scope scope;
    private final Optional<Clock> clock;

    private ChatTemplate(String name, List<Stmt> body, Scope scope, Optional<Clock> clock) {
        this.name = name;
        this.body = body;
        this.scope = scope;
        this.clock = clock;
    }

    /**
     * {@return the template of a source text}
     *
     * @param name names the template in messages, such as the file it comes from
     * @param source the template in Jinja2
     * @throws TemplateException at wrong syntax, or a tag, filter or test that is not known
     */
    public static ChatTemplate parse(String name, String source) {
        Meter meter = Meter.ofParsing();
        return located(name, meter, () -> {
            List<Stmt> body = Parser.parse(source, meter);
            Scope scope = new Scope(meter);
            Stmt.nest(body, scope);
            return new ChatTemplate(name, body, scope, Optional.empty());
        });
    }

    /**
     * {@return this template with a date for {@code strftime_now}} Without one, a template that asks for the date is
     * refused, because its prompts would differ from day to day.
     *
     * @param now what {@code strftime_now} reads, in its own time zone; {@link Clock#fixed} makes prompts reproducible
     */
    public ChatTemplate withClock(Clock now) {
        return new ChatTemplate(name, body, scope, Optional.of(now));
    }

    /**
     * {@return the text that the template makes of the variables}
     *
     * @param variables values by name: {@link String}, {@link Long} or {@link Integer}, {@link Double},
     *     {@link Boolean}, {@code null} (Python's None), and {@link List}s and {@link Map}s (with text keys, in their
     *     order) of such values, as a JSON reader gives them; usually {@code messages}, {@code add_generation_prompt},
     *     {@code bos_token} and {@code eos_token}
     * @throws TemplateException where Python raises an error, where the template calls {@code raise_exception} (with
     *     its message), at what is not supported, at a limit, or at a variable of another type
     */
    public String render(Map<String, ?> variables) {
        Meter meter = Meter.ofRendering();
        return located(name, meter, () -> {
            TextBuilder text = new TextBuilder(meter);
            Stmt.execute(body, Frame.root(new Rendering(variables, clock, meter), scope), text);
            return text.toString();
        });
    }

    private static <T> T located(String name, Meter meter, Supplier<T> work) {
        try {
            return work.get();
        } catch (Failure failure) {
            throw new TemplateException(name, meter.line(), failure);
        } catch (ArithmeticException overflow) {
            throw new TemplateException(name, meter.line(), Failure.unsupported("an integer beyond 64 bits"));
        } catch (StackOverflowError tooDeep) {
            throw new TemplateException(name, meter.line(), new Failure("values or code nest too deeply"));
        }
    }
}
