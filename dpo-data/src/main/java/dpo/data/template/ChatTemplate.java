package dpo.data.template;

import dpo.data.template.builtin.GlobalFunctions;
import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;
import dpo.data.template.runtime.Context;
import dpo.data.template.runtime.Frame;
import dpo.data.template.runtime.Scope;
import dpo.data.template.runtime.Statement;
import dpo.data.template.syntax.StatementParser;
import dpo.data.template.value.TextBuilder;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A chat template in Jinja2. The rendered text equals that of Python's Jinja2 3.1 in the environment of Hugging Face
 * transformers: {@code ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)} with the extension {@code
 * loopcontrols}, the tag {@code generation}, the functions {@code raise_exception} and {@code strftime_now}, and the
 * filter {@code tojson}, which is {@code json.dumps(ensure_ascii=False)}. Nothing is escaped.
 *
 * <p>Supported are {@code if}, {@code for} (with {@code if}, {@code else}, {@code break}, {@code continue} and {@code
 * loop}), {@code set} (blocks and namespaces, too), {@code macro}, {@code with}, {@code filter}, {@code generation},
 * {@code raw} and comments; all operators; calls with {@code *} and {@code **}; the filters and tests of Jinja2 except
 * those for HTML, randomness and pretty-printing; the methods of Python's strings, and those of its dicts that do not
 * change them.
 *
 * <p><b>Errors instead of guesses.</b> {@link #parse} refuses unknown syntax, tags, filters and tests, also in a branch
 * that no conversation would reach, where Jinja2 accepts some of them. Rendering refuses what depends on values:
 * unknown methods and functions, integers beyond 64 bits, printing of generators or namespaces, operations on text
 * marked {@code safe}, and everything for which Python raises an error.
 *
 * <p><b>Untrusted templates.</b> A template reads nothing but its variables. The limits are 2<sup>20</sup> characters
 * of source; ten million steps and 64 MiB for parsing; ten million steps and 96 MiB for one rendering, counted at
 * allocation; 200 levels of brackets and of values, 1,000 of evaluation. A template beyond a limit is refused; until
 * then it takes at most seconds, and a heap of 256 MB.
 *
 * <p>Instances are immutable and safe for use by several threads.
 */
public final class ChatTemplate {
    private final String name;
    private final List<Statement> body;
    private final Scope scope;
    private final Optional<Clock> clock;

    private ChatTemplate(String name, List<Statement> body, Scope scope, Optional<Clock> clock) {
        this.name = name;
        this.body = body;
        this.scope = scope;
        this.clock = clock;
    }

    /**
     * {@return the template of a source text}
     *
     * @param name the template's name in messages, such as its file
     * @param source the template in Jinja2
     * @throws TemplateException at a syntax error or an unknown tag, filter or test
     */
    public static ChatTemplate parse(String name, String source) {
        Meter meter = Meter.ofParsing();
        return located(name, meter, () -> {
            List<Statement> body = StatementParser.parse(source, meter);
            Scope scope = new Scope(meter);
            Statement.nest(body, scope);
            return new ChatTemplate(name, body, scope, Optional.empty());
        });
    }

    /**
     * {@return this template with a date for {@code strftime_now}} Without one, a template that reads the date is
     * refused, because its prompts would differ from day to day.
     *
     * @param now the clock of {@code strftime_now} with its time zone; {@link Clock#fixed} makes prompts reproducible
     */
    public ChatTemplate withClock(Clock now) {
        return new ChatTemplate(name, body, scope, Optional.of(now));
    }

    /**
     * {@return the rendered text}
     *
     * @param variables values by name: {@link String}, {@link Long} or {@link Integer}, {@link Double}, {@link
     *     Boolean}, {@code null} (Python's None), and {@link List}s and {@link Map}s (with text keys, in their order)
     *     of such values, as a JSON reader returns them; usually {@code messages}, {@code add_generation_prompt},
     *     {@code bos_token} and {@code eos_token}
     * @throws TemplateException if Python raises an error, if the template calls {@code raise_exception} (with
     *     its message), at an unsupported construct, beyond a limit, or at a variable of another type
     */
    public String render(Map<String, ?> variables) {
        Meter meter = Meter.ofRendering();
        return located(name, meter, () -> {
            Context context = new Context(meter, variables, GlobalFunctions.of(meter, clock)::find);
            TextBuilder text = new TextBuilder(meter);
            Statement.execute(body, Frame.root(context, scope), text);
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
