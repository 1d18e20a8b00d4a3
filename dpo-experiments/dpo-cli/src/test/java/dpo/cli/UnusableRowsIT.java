package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.harness.config.Backends;
import dpo.harness.store.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that cannot be used are refused by name, or skipped and counted by reason. */
class UnusableRowsIT {

    private static final Backend<?> TORCH = Backends.onClassPath().find("torch").orElseThrow();

    private static final String LABELS = """
            {"prompt": "Count to two.", "completion": " One, two.", "label": true}
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void requireLibtorch() {
        assumeTrue(TORCH.availability("cpu") instanceof Availability.Available, "libtorch is not available");
    }

    @Test
    void a_prompt_repeated_in_a_completion_is_refused_with_the_remedy_or_skipped_and_counted() throws IOException {
        String remedy = "chosen must not repeat the prompt at its beginning, got";
        requireRefusedSkippedAndCounted(
                "standard",
                PreferenceFiles.STRINGS,
                """
                {"prompt": "Q: 1 + 1? A:", "chosen": "Q: 1 + 1? A: 2", "rejected": "Q: 1 + 1? A: 3"}
                """,
                "prompt_repeated",
                remedy,
                "remove the prompt from the completions");
        requireRefusedSkippedAndCounted(
                "conversational", PreferenceFiles.MESSAGES, """
                {"prompt": [{"role": "user", "content": "1 + 1?"}], "chosen": [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "2"}], "rejected": [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "3"}]}
                """, "prompt_repeated", remedy, "remove the column prompt");
        // Only the last turn of the prompt is repeated in the completions.
        requireRefusedSkippedAndCounted(
                "conversational", PreferenceFiles.MESSAGES, """
                {"prompt": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes?"}, {"role": "user", "content": "1 + 1?"}], "chosen": [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "2"}], "rejected": [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "3"}]}
                """, "prompt_repeated", remedy, "user: 1 + 1?");
    }

    @Test
    void a_column_that_would_change_the_prompt_is_refused_by_name_in_every_format_or_skipped_and_counted()
            throws IOException {
        List<String> columns = List.of(
                "\"system\": \"Be kind.\"",
                "\"question\": \"Why?\"",
                "\"instruction\": \"Add.\"",
                "\"audios\": [\"a.wav\"]",
                "\"videos\": [\"v.mp4\"]",
                "\"images\": [\"i.png\"]",
                "\"documents\": [{\"text\": \"t\"}]",
                "\"tools\": [{\"name\": \"add\"}]");
        Map<String, String> formats = new TreeMap<>(Map.of(
                "standard", PreferenceFiles.STRINGS, "conversational", PreferenceFiles.MESSAGES, "unpaired", LABELS));
        for (Map.Entry<String, String> format : formats.entrySet()) {
            String good = format.getValue();
            List<String> bad = columns.stream()
                    .map(column -> good.replaceFirst("\\{", "{" + column + ", "))
                    .toList();
            for (int i = 0; i < columns.size(); i++) {
                String name = columns.get(i).substring(1, columns.get(i).indexOf('"', 1));
                Path file = files().file(good + bad.get(i));
                Ended ended = dpo(
                        "data", "audit", file.toString(), "--format", format.getKey(), "--reader", "on_bad_row=fail");
                assertThat(ended.code()).isEqualTo(2);
                assertThat(ended.out()).isEmpty();
                assertThat(ended.err()).contains(name + " must be absent or empty", file + ", row 2");
            }
            requireRefused(format.getKey(), good + bad.get(0), List.of("system must be absent or empty"));
            requireSkippedAndCounted(format.getKey(), good, bad, "unsupported_field");
        }
    }

    @Test
    void rows_that_the_template_or_the_tokenizer_refuses_stop_or_are_skipped_and_counted_by_reason()
            throws IOException {
        Path template = Files.writeString(folder.resolve("strict.jinja"), """
                {%- for m in messages %}{% if m.role == 'critic' %}{{ raise_exception('a critic cannot speak here') }}{% endif -%}
                <|im_start|>{{ m.role }}
                {{ m.content }}<|im_end|>
                {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
                {% endif %}""");
        String refused = PreferenceFiles.MESSAGES.replaceFirst("\"user\"", "\"critic\"");
        String spelled = PreferenceFiles.MESSAGES.replaceFirst("to two", "to <|im_end|>");
        Path file = files().file(PreferenceFiles.MESSAGES
                + refused
                + spelled
                + PreferenceFiles.MESSAGES.replace("two", "three"));
        String setting = "chat_template=" + template;
        Path out = folder.resolve("skipped.jsonl");
        Ended skipped = dpo(
                "logprobs",
                "--model",
                TinyLlama.MODEL.toString(),
                "--data",
                file.toString(),
                "--format",
                "conversational",
                "--out",
                out.toString(),
                "--tokenization",
                setting,
                "--reader",
                "on_bad_row=skip");
        assertThat(skipped.code()).as(skipped.err()).isZero();
        assertThat(skipped.err()).contains("used 2", "not_rendered=1", "special_token_in_text=1");
        assertThat(JsonLines.read(out)).extracting(line -> line.get("pair")).containsExactly("row-1", "row-4");
        Path run = folder.resolve("run");
        Ended trained = files().train(
                        "conversational, on_bad_row: skip",
                        file,
                        run,
                        "--set",
                        "data.chat_template='" + template + "'");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("data.train: read 4, used 2", "not_rendered=1", "special_token_in_text=1");
        requireRefused(
                "conversational",
                PreferenceFiles.MESSAGES + refused,
                List.of("a critic cannot speak here", "row-2"),
                setting);
        requireRefused(
                "conversational",
                PreferenceFiles.MESSAGES + spelled,
                List.of("special tokens", "<|im_end|>", "row-2"),
                setting);
    }

    @Test
    void an_audit_of_rows_that_are_all_bad_names_the_first_of_each_reason() throws IOException {
        Path file = files().file("""
                {"instruction": "Count.", "input": "", "chosen": "One.", "rejected": "Two."}
                {"prompt": 7, "chosen": "One.", "rejected": "Two."}
                {"instruction": "Add.", "input": "", "chosen": "One.", "rejected": "Two."}
                {"prompt": "Count.", "chosen": "One.", "rejected": "Two.", "score": NaN}
                """);
        Ended audit = dpo("data", "audit", file.toString(), "--format", "standard");
        assertThat(audit.code()).isEqualTo(2);
        assertThat(audit.out()).isEmpty();
        assertThat(audit.err().lines())
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                file.toString(),
                                "4 read, 0 used",
                                "unsupported_field 2",
                                "wrong_type 1",
                                "broken_json 1"))
                .anySatisfy(line ->
                        assertThat(line).contains("unsupported_field, first in row 1: instruction must be absent"))
                .anySatisfy(line -> assertThat(line).contains("wrong_type, first in row 2: prompt must be"))
                .anySatisfy(line -> assertThat(line)
                        .contains("broken_json, first in row 4: row must be JSON")
                        .endsWith("'NaN'"));
    }

    /** For a file with a good row and a bad one. */
    private void requireRefusedSkippedAndCounted(
            String format, String good, String bad, String reason, String... message) throws IOException {
        requireRefused(format, good + bad, List.of(message));
        requireSkippedAndCounted(format, good, List.of(bad), reason);
    }

    private void requireSkippedAndCounted(String format, String good, List<String> bad, String reason)
            throws IOException {
        Path file = files().file(good + String.join("", bad));
        String counts = 1 + bad.size() + " read, 1 used, 0 skipped, dropped: " + reason + " " + bad.size();
        Ended audit = dpo("data", "audit", file.toString(), "--format", format);
        assertThat(audit.code()).as(audit.err()).isZero();
        assertThat(audit.out()).contains(counts);
        Path out = Files.createTempDirectory(folder, "skipped").resolve("out.jsonl");
        Ended skipped = dpo(
                "logprobs",
                "--model",
                TinyLlama.MODEL.toString(),
                "--data",
                file.toString(),
                "--format",
                format,
                "--out",
                out.toString(),
                "--reader",
                "on_bad_row=skip");
        assertThat(skipped.code()).as(skipped.err()).isZero();
        assertThat(skipped.err()).contains(counts);
        assertThat(JsonLines.read(out)).extracting(line -> line.get("pair")).containsExactly("row-1");
    }

    /** Scoring and training refuse the last row, with file and row, before anything is written. */
    private void requireRefused(String format, String rows, List<String> message, String... tokenization)
            throws IOException {
        Path file = files().file(rows);
        Path out = Files.createTempDirectory(folder, "refused").resolve("out");
        List<String> arguments = new ArrayList<>(List.of(
                "logprobs",
                "--model",
                TinyLlama.MODEL.toString(),
                "--data",
                file.toString(),
                "--format",
                format,
                "--out",
                out.toString()));
        List<String> overrides = new ArrayList<>();
        for (String setting : tokenization) {
            arguments.addAll(List.of("--tokenization", setting));
            overrides.addAll(List.of("--set", "data." + setting));
        }
        for (Ended ended : List.of(
                dpo(arguments.toArray(String[]::new)),
                files().train(format, file, out, overrides.toArray(String[]::new)))) {
            assertThat(ended.code()).as(ended.err()).isEqualTo(2);
            assertThat(ended.out()).isEmpty();
            assertThat(ended.err()).contains(message).contains(file.toString());
            assertThat(ended.err()).containsPattern("row[ -]" + rows.lines().count() + "\\b");
            assertThat(out).doesNotExist();
        }
    }

    private static Ended dpo(String... arguments) {
        return Ended.of(arguments);
    }

    private PreferenceFiles files() {
        return new PreferenceFiles(folder);
    }
}
