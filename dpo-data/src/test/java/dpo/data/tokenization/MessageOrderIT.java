package dpo.data.tokenization;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.example.Text;
import dpo.data.format.Conversational;
import dpo.data.format.HhRlhf;
import dpo.data.format.PandaLm;
import dpo.data.format.Prompts;
import dpo.data.format.Ranked;
import dpo.data.format.Unpaired;
import dpo.data.row.Rows;
import dpo.data.source.OnBadRow;
import dpo.data.source.PreferenceSource;
import dpo.data.tokenization.modelfolder.ModelFolders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The keys of a message have the order of Python's dict in the chat template, in every process. Processes differ in the
 * seed of Java's unordered collections, so the law is checked in several of them.
 */
class MessageOrderIT {

    private static final int PROCESSES = 4;

    /** All constructs with which a template can show the order of keys. */
    private static final String TEMPLATE = "{% for m in messages %}{{ m|tojson }}|{{ m }}|{{ m|string }}|"
            + "{{ m.items()|list }}|"
            + "{% for k in m %}{{ k }},{% endfor %}|{{ m.keys()|list }}|{{ m.values()|join(',') }}|{{ m|list }}|"
            + "{{ m|first }}|{{ m|dictsort }};{% endfor %}{{ messages }}";

    @TempDir
    Path scratch;

    @Test
    void every_process_and_every_format_gives_templates_the_keys_in_the_order_role_content() throws Exception {
        Path model = ModelFolders.withTemplate(scratch.resolve("model"), TEMPLATE);
        write("conversational", "{\"prompt\": [USER], \"chosen\": [YES], \"rejected\": [NO]}");
        write(
                "unpaired",
                "{\"prompt\": [USER], \"completion\": [YES], \"label\": true}",
                "{\"prompt\": [USER], \"completion\": [NO], \"label\": false}");
        write("ranked", "{\"prompt\": [USER], \"completions\": [[YES], [NO]], \"ranks\": [1, 2]}");
        write(
                "hh-rlhf",
                "{\"chosen\": \"\\n\\nHuman: Hi\\n\\nAssistant: Yes\", "
                        + "\"rejected\": \"\\n\\nHuman: Hi\\n\\nAssistant: No\"}");
        Files.writeString(
                scratch.resolve("pandalm"),
                "[{\"idx\": 0, \"instruction\": \"Hi\", \"input\": \"\", "
                        + "\"response1\": \"Yes\", \"response2\": \"No\", \"annotator1\": 1, \"annotator2\": 0, "
                        + "\"annotator3\": 0}]");
        Set<String> outputs = new LinkedHashSet<>();
        for (int i = 0; i < PROCESSES; i++) {
            outputs.add(inOtherProcess(model, scratch));
        }
        String prompt = one("user", "Hi") + "[" + repr("user", "Hi") + "]\n";
        String yes = one("user", "Hi") + one("assistant", "Yes") + "[" + repr("user", "Hi") + ", "
                + repr("assistant", "Yes") + "]\n";
        String no = yes.replace("Yes", "No");
        assertThat(outputs).containsExactly(prompt + (yes + no).repeat(5));
    }

    @Test
    void a_message_that_names_its_content_first_keeps_that_order() throws Exception {
        Path model = ModelFolders.withTemplate(scratch.resolve("model"), "{{ messages[0] }}{{ messages[0]|tojson }}");
        write("content-first", "{\"prompt\": [{\"content\": \"Hi\", \"role\": \"user\"}]}");
        try (ExampleTokenizer tokenizer = ExampleTokenizer.open(model, TokenizationSettings.standard())) {
            Text prompt = Prompts.read(scratch.resolve("content-first")).get(0).prompt();
            assertThat(tokenizer.tokenizer().decode(tokenizer.prompt(prompt, "prompt")))
                    .isEqualTo("{'content': 'Hi', 'role': 'user'}{\"content\": \"Hi\", \"role\": \"user\"}");
        }
    }

    private void write(String name, String... rows) throws IOException {
        Files.writeString(
                scratch.resolve(name),
                String.join("\n", rows)
                        .replace("USER", "{\"role\": \"user\", \"content\": \"Hi\"}")
                        .replace("YES", "{\"role\": \"assistant\", \"content\": \"Yes\"}")
                        .replace("NO", "{\"role\": \"assistant\", \"content\": \"No\"}"));
    }

    private static String repr(String role, String content) {
        return "{'role': '" + role + "', 'content': '" + content + "'}";
    }

    /** The rendering of one message by Python's Jinja2. */
    private static String one(String role, String content) {
        String repr = repr(role, content);
        return "{\"role\": \"" + role + "\", \"content\": \"" + content + "\"}|" + repr + "|" + repr + "|[('role', '"
                + role + "'), ('content', '" + content + "')]|role,content,|['role', 'content']|" + role + "," + content
                + "|['role', 'content']|role|[('content', '" + content + "'), ('role', '" + role + "')];";
    }

    private static String inOtherProcess(Path model, Path data) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Renders.class.getName(),
                        model.toString(),
                        data.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return output;
    }

    /** Prints the renderings of the files of a folder, one per line. */
    static final class Renders {

        private Renders() {}

        public static void main(String[] arguments) throws IOException {
            Path data = Path.of(arguments[1]);
            StringBuilder output = new StringBuilder();
            try (ExampleTokenizer tokenizer =
                    ExampleTokenizer.open(Path.of(arguments[0]), TokenizationSettings.standard())) {
                Text prompt =
                        Prompts.read(data.resolve("conversational")).get(0).prompt();
                output.append(tokenizer.tokenizer().decode(tokenizer.prompt(prompt, "prompt")))
                        .append("\n");
                for (PreferenceSource source : sources(data)) {
                    tokenizer.preferences(source.read()).preferences().stream()
                            .flatMap(preference -> preference.completions().stream())
                            .forEach(side -> output.append(tokenizer.tokenizer().decode(side.ids()))
                                    .append("\n"));
                }
            }
            System.out.write(output.toString().getBytes(StandardCharsets.UTF_8));
            System.out.flush();
        }

        private static List<PreferenceSource> sources(Path data) {
            Optional<Integer> all = Optional.empty();
            return List.of(
                    new Conversational(new Rows(data.resolve("conversational"), 0, all, OnBadRow.FAIL)),
                    new Unpaired(new Rows(data.resolve("unpaired"), 0, all, OnBadRow.FAIL)),
                    new Ranked(new Rows(data.resolve("ranked"), 0, all, OnBadRow.FAIL), Ranked.Pairs.NONE),
                    new HhRlhf(new Rows(data.resolve("hh-rlhf"), 0, all, OnBadRow.FAIL)),
                    new PandaLm(new Rows(data.resolve("pandalm"), 0, all, OnBadRow.FAIL)));
        }
    }
}
