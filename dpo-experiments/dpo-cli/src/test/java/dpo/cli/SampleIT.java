package dpo.cli;

import static dpo.cli.TinyLlama.MODEL;
import static dpo.cli.TinyLlama.PAIRS;
import static org.assertj.core.api.Assertions.assertThat;

import dpo.harness.store.Json;
import dpo.harness.store.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Completions of a checkpoint: from the command line, and at the evaluations of a training. */
class SampleIT {

    @TempDir
    Path scratch;

    @BeforeEach
    void requireBackend() {
        TinyLlama.assumeLibtorch();
    }

    @Test
    void prompts_from_files_strings_and_messages_are_completed_and_equal_seeds_give_equal_text() throws IOException {
        Path prompts = Files.writeString(scratch.resolve("prompts.jsonl"), """
                {"prompt": "Once upon", "chosen": " a time", "rejected": " midnight"}
                {"prompt": [{"role": "user", "content": "Hi"}]}
                """);
        String[] arguments = {
            "sample",
            "--model",
            MODEL.toString(),
            "--prompts",
            prompts.toString(),
            "--message",
            "Hi",
            "--samples",
            "2",
            "--max-new-tokens",
            "5",
            "--temperature",
            "0.8",
            "--top-p",
            "0.95",
            "--threads",
            "2"
        };
        Launched.Ended ended = Launched.run(scratch, arguments);
        assertThat(ended.code()).as(ended.err()).isZero();
        List<Map<String, Object>> lines = ended.out().lines().map(Json::read).toList();
        assertThat(lines)
                .extracting(line -> line.get("prompt_id") + " " + line.get("sample"))
                .containsExactly("row-1 0", "row-1 1", "row-2 0", "row-2 1", "message-1 0", "message-1 1");
        assertThat(lines.get(0).get("prompt")).isEqualTo("Once upon");
        assertThat(lines.get(2).get("prompt_ids")).isEqualTo(lines.get(4).get("prompt_ids"));
        assertThat((String) lines.get(4).get("prompt")).endsWith("assistant\n");
        for (Map<String, Object> line : lines) {
            assertThat((List<?>) line.get("completion_ids")).hasSizeBetween(1, 5);
            assertThat((List<?>) line.get("log_probs")).hasSameSizeAs((List<?>) line.get("completion_ids"));
            assertThat(line.get("end")).isIn("end_token", "max_new_tokens");
        }
        assertThat(lines.get(0).get("completion_ids")).isNotEqualTo(lines.get(1).get("completion_ids"));
        Launched.Ended again = Launched.run(scratch, arguments);
        assertThat(again.out()).isEqualTo(ended.out());
    }

    @Test
    void invalid_prompts_are_reported_in_one_line_with_exit_code_2() throws IOException {
        Path broken = Files.writeString(scratch.resolve("prompts.jsonl"), "{\"prompt\": 7}\n");
        refused("--prompts, --prompt or --message must give a prompt, got none");
        refused("prompt must be", "--prompts", broken.toString());
        refused("text must not spell special tokens", "--prompt", "<|im_end|>");
        refused("temperature must be at least 0", "--prompt", "a", "--temperature", "-1");
        refused("prompt must have fewer than 1024 tokens", "--prompt", "Xq9".repeat(1200));
    }

    private void refused(String message, String... others) {
        String[] arguments = new String[others.length + 3];
        System.arraycopy(new String[] {"sample", "--model", MODEL.toString()}, 0, arguments, 0, 3);
        System.arraycopy(others, 0, arguments, 3, others.length);
        Ended ended = Ended.of(arguments);
        assertThat(ended.err()).contains("error: ").contains(message).doesNotContain("\tat ");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.out()).isEmpty();
    }

    @Test
    void training_writes_samples_of_policy_and_reference_as_text_and_the_report_shows_them() throws IOException {
        Path config = Files.writeString(scratch.resolve("experiment.yaml"), """
                name: spoken
                backend: torch
                model: {path: '%s'}
                data:
                  train: {format: conversational, path: '%s', limit: 8}
                  evaluation: {format: conversational, path: '%s', skip: 8, limit: 6}
                optimizer: {learning_rate: 1.0e-2}
                training:
                  batch_size: 4
                  evaluate_every: 1
                  samples: {prompts: 3, max_new_tokens: 8, temperature: 0.7, top_p: 0.95}
                """.formatted(MODEL, PAIRS, PAIRS));
        Path out = scratch.resolve("out");
        Ended ended = Ended.of("train", config.toString(), "--out", out.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        List<Map<String, Object>> lines = JsonLines.read(out.resolve("samples.jsonl"));
        assertThat(lines).hasSize(9).allSatisfy(line -> assertThat(line)
                .containsKeys("pair", "prompt", "policy", "reference", "prompt_ids", "policy_ids", "reference_ids"));
        assertThat(lines.get(0).get("policy")).isEqualTo(lines.get(0).get("reference"));
        assertThat(lines.get(8).get("reference")).isEqualTo(lines.get(2).get("reference"));
        assertThat(lines.subList(3, 9))
                .anySatisfy(line -> assertThat(line.get("policy_ids")).isNotEqualTo(line.get("reference_ids")));
        assertThat((String) lines.get(0).get("prompt")).endsWith("assistant\n");
        assertThat(Files.readString(out.resolve("report.html"))).contains("<h2>Samples</h2>");
    }
}
