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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Preference files in the forms that users have them, read by the command line. */
class PreferenceFilesIT {

    private static final Backend<?> TORCH = Backends.onClassPath().find("torch").orElseThrow();

    @TempDir
    Path folder;

    @BeforeEach
    void requireLibtorch() {
        assumeTrue(TORCH.availability("cpu") instanceof Availability.Available, "libtorch is not available");
    }

    @Test
    void columns_that_no_reader_reads_are_listed_by_the_audit() throws IOException {
        Path file = files().file(PreferenceFiles.STRINGS.replaceFirst("\\{", "{\"origin\": \"web\", \"quality\": 3, "));
        Ended audit = dpo("data", "audit", file.toString(), "--format", "standard");
        assertThat(audit.code()).as(audit.err()).isZero();
        assertThat(audit.out()).containsPattern("columns not read +origin .*quality");
    }

    @Test
    void null_and_empty_keys_give_the_same_tokens_as_absent_keys() throws IOException {
        String padded = PreferenceFiles.MESSAGES
                .replace("\"content\"", "\"name\": null, \"tool_calls\": [], \"tool_call_id\": null, \"content\"")
                .replaceFirst("\\{", "{\"tools\": null, \"images\": [], \"system\": \"\", \"documents\": null, ");
        assertThat(logProbs("conversational", padded)).isEqualTo(logProbs("conversational", PreferenceFiles.MESSAGES));
        String whole = PreferenceFiles.MESSAGES.replaceFirst(
                "\"prompt\": \\[(.*?)], \"chosen\": \\[(.*?)], \"rejected\": \\[",
                "\"chosen\": [$1, $2], \"rejected\": [$1, ");
        assertThat(whole).doesNotContain("prompt");
        assertThat(logProbs("conversational", whole)).isEqualTo(logProbs("conversational", PreferenceFiles.MESSAGES));
        assertThat(logProbs("conversational", whole.replaceFirst("\\{", "{\"prompt\": null, ")))
                .isEqualTo(logProbs("conversational", PreferenceFiles.MESSAGES));
    }

    @Test
    void demonstrations_with_null_keys_train_like_those_without_them() throws IOException {
        String plain =
                "{\"messages\": [{\"role\": \"user\", \"content\": \"1 + 1?\"}, {\"role\": \"assistant\", \"content\": \"2\"}]}\n";
        String padded = plain.replace("\"content\"", "\"tool_calls\": null, \"name\": null, \"content\"")
                .replaceFirst("\\{", "{\"tools\": [], \"prompt\": null, ");
        List<Object> losses = new ArrayList<>();
        for (String demonstrations : List.of(plain, padded)) {
            Path out = Files.createTempDirectory(folder, "run").resolve("out");
            Ended ended = files().train(
                            "conversational",
                            files().file(PreferenceFiles.MESSAGES),
                            out,
                            "--set",
                            "objective.sft={weight: 1, data: {format: messages, path: '" + files().file(demonstrations)
                                    + "'}}");
            assertThat(ended.code()).as(ended.err()).isZero();
            assertThat(ended.err()).contains("data.sft: read 1, used 1");
            losses.add(JsonLines.read(out.resolve("metrics.jsonl")).get(0).get("loss/sft"));
        }
        assertThat((Double) losses.get(0)).isPositive().isEqualTo(losses.get(1));
    }

    @Test
    void completions_that_repeat_a_text_prompt_are_read_as_messages() throws IOException {
        String whole = """
                {"prompt": "Count to two.", "prompt_id": "c2", "chosen": [{"role": "user", "content": "Count to two."}, {"role": "assistant", "content": "One, two."}], "rejected": [{"role": "user", "content": "Count to two."}, {"role": "assistant", "content": "Two."}], "messages": [{"role": "user", "content": "Count to two."}], "score_chosen": 7, "score_rejected": 2.5}
                """;
        assertThat(logProbs("conversational", whole)).isEqualTo(logProbs("conversational", PreferenceFiles.MESSAGES));
    }

    @Test
    void an_array_of_rows_gives_the_same_result_as_lines() throws IOException {
        String rows = PreferenceFiles.STRINGS + PreferenceFiles.STRINGS.replace("two", "three");
        assertThat(logProbs("standard", "[\n" + String.join(",", rows.lines().toList()) + "\n]\n"))
                .isEqualTo(logProbs("standard", rows))
                .hasSize(2);
    }

    /** Ids and log-probs of each row. */
    private List<Map<String, Object>> logProbs(String format, String rows) throws IOException {
        Path out = Files.createTempDirectory(folder, "scored").resolve("out.jsonl");
        Ended ended = dpo(
                "logprobs",
                "--model",
                TinyLlama.MODEL.toString(),
                "--data",
                files().file(rows).toString(),
                "--format",
                format,
                "--out",
                out.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        return JsonLines.read(out);
    }

    private static Ended dpo(String... arguments) {
        return Ended.of(arguments);
    }

    private PreferenceFiles files() {
        return new PreferenceFiles(folder);
    }
}
