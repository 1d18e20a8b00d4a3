package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.loss.MarginLoss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that need no separate process. */
class CommandLineTest {

    private static final String EXPERIMENT = """
            name: tiny
            backend: tabular
            model: {vocabulary: 4, length: 3, prompts: 2}
            data: {train: {format: world, pairs: 32}}
            optimizer: {learning_rate: 0.05}
            training: {batch_size: 16}
            """;

    @TempDir
    Path folder;

    @Test
    void losses_lists_every_objective_with_formula_parameters_and_paper() {
        Ended ended = dpo("losses");
        assertThat(ended.code()).isZero();
        assertThat(ended.out())
                .contains("sigmoid", "ipo", "hinge", "sft", "arXiv:2305.18290", "label_smoothing", "0.6931");
    }

    @Test
    void options_that_are_empty_given_twice_or_too_long_are_usage_errors() throws IOException {
        String config = Files.writeString(folder.resolve("c.yaml"), EXPERIMENT).toString();
        String longText = "x".repeat(70_000);
        List<List<String>> wrong = List.of(
                List.of("train", ""),
                List.of("train", config, "--out", ""),
                List.of("train", config, "--out="),
                List.of("train", config, "--out", "a", "--out", "b"),
                List.of("train", config, "--set", longText),
                List.of("train", config, "--set", "name=" + longText),
                List.of("train", config, "--" + longText),
                List.of("train", config, "--set", "seed=1", "--set", "seed=2"),
                List.of("train", folder.toString()),
                List.of("train", config, "--set", "data.train.pairs=2147483647"),
                List.of("train", config, "--set", "training.epochs=2147483647"),
                List.of("train", config, "--out", config),
                List.of("train", config, "--out", "/dev/null/x"),
                List.of("train", longText),
                List.of(longText),
                List.of("sweep", config, "--cells", "0"),
                List.of("results", ""),
                List.of("results", folder.toString(), "--format", longText),
                List.of("import", config, "--out", config),
                List.of("import", config, "--out", folder.toString()),
                List.of("data", "audit", config, "--format", longText),
                List.of("data", "audit", config, "--format", "standard", "--reader", "limit"),
                List.of("data", "audit", config, "--format", "standard", "--reader", "limit=-1"),
                List.of("data", "audit", config, "--format", "standard", "--reader", "limit=1", "--reader", "limit=2"),
                List.of("sample", "--model", longText, "--prompt", "x"),
                List.of("merge", "--model", "m", "--out", ""),
                List.of("sample", "--model", "m", "--prompt", "x", "--samples", "2147483647"),
                List.of("logprobs", "--model", "m", "--data", config, "--out", config, "--format", "standard"),
                List.of("report", longText),
                List.of("objective", "--loss", longText, "--log-probs", config));
        for (List<String> arguments : wrong) {
            Ended ended = dpo(arguments.toArray(String[]::new));
            assertThat(ended.code()).as(ended.err()).isEqualTo(2);
            assertThat(ended.out()).isEmpty();
            assertThat(ended.err()).contains("error: ").doesNotContain("internal error");
            assertThat(ended.err().lines()).allMatch(line -> line.length() < 3000);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(Path.of(config));
        }
    }

    @Test
    void settings_without_effect_in_a_run_of_few_steps_are_printed_and_recorded() throws IOException {
        Path config = Files.writeString(
                folder.resolve("c.yaml"),
                EXPERIMENT + "schedule: {warmup_steps: 2}\nreference: {sync_steps: 3}\n"
                        + "objective: {turns: {weights: [1, 0.5]}}\n");
        Path out = folder.resolve("run");
        Ended ended = dpo(
                "train",
                config.toString(),
                "--out",
                out.toString(),
                "--set",
                "training={batch_size: 16, evaluate_every: 3, save_every: 3, keep_last: 1, "
                        + "best: {metric: world/gap, direction: lowest, patience: 1}}");
        assertThat(ended.code()).as(ended.err()).isZero();
        String record = Files.readString(out.resolve("run.json"));
        for (String sentence : List.of(
                "schedule.warmup_steps 2 is not below the 2 steps of the run",
                "training.evaluate_every 3 is above the 2 steps of the run",
                "training.save_every 3 is above the 2 steps of the run",
                "training.keep_last 1 is not below the 0 models that training.save_every saves",
                "training.best.patience 1 is too large for the 1 evaluations of the run: it never stops early",
                "reference.sync_steps 3 is above the 2 steps",
                "objective.turns.weights has 2 weights, but the data have at most 1 turns")) {
            assertThat(ended.err()).contains(sentence);
            assertThat(record).contains(sentence);
        }
        Ended reached = dpo(
                "train",
                config.toString(),
                "--out",
                folder.resolve("other").toString(),
                "--set",
                "schedule.warmup_steps=1",
                "--set",
                "reference.sync_steps=2",
                "--set",
                "objective.turns=all");
        assertThat(reached.code()).as(reached.err()).isZero();
        assertThat(reached.err()).doesNotContain("steps of the run", "turns");
        assertThat(dpo("train", config.toString(), "--set", "objective.turns.weights=[0, 0]")
                        .err())
                .contains("weights must not all be 0");
        assertThat(dpo("train", config.toString(), "--set", "objective.preference=[{type: sigmoid, weight: 0}]")
                        .err())
                .contains("preference must have a term whose weight is not 0");
    }

    @Test
    void import_writes_a_configuration_and_prints_the_differences() throws IOException {
        Path file = Files.writeString(
                folder.resolve("run.yaml"),
                "model_name_or_path: a/b\ndataset_name: c/d\nloss_type: hinge\nuse_peft: true\nuse_dora: true\n");
        Ended printed = dpo("import", file.toString());
        assertThat(printed.code()).as(printed.err()).isZero();
        assertThat(printed.out()).contains("type: hinge", "path: PATH-TO/a/b", "#  - not supported: use_dora true");
        assertThat(printed.err())
                .contains(
                        "read as a configuration of TRL 1.16",
                        "point model.path at a copy of a/b",
                        "not supported: use_dora true");
        Path out = folder.resolve("ours.yaml");
        Ended written = dpo("import", file.toString(), "--out", out.toString());
        assertThat(written.out()).isEmpty();
        assertThat(Files.readString(out)).isEqualTo(printed.out());
        Files.writeString(file, "loss_type: hinge\nlearning_rat: 1\n");
        Ended refused = dpo("import", file.toString());
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("did you mean learning_rate?");
        assertThat(refused.out()).isEmpty();
    }

    @Test
    void train_refuses_bad_input_with_exit_code_2_before_anything_is_written() throws IOException {
        refused("backend: tabular", "backend: tabulr", "did you mean tabular?");
        refused("batch_size: 16", "batch_sise: 16", "did you mean batch_size?");
        refused("learning_rate: 0.05", "learning_rate: -1", "optimizer.learning_rate must be at least 0");
        refused(
                "{format: world, pairs: 32}",
                "{format: standard, path: absent.jsonl}",
                "data.train.format must be world");
        refused("pairs: 32}", "pairs: 32}, max_length: 64", "must be absent for format world");
        refused(
                "batch_size: 16",
                "batch_size: 16, micro_batch_size: 17",
                "micro_batch_size must be at most batch_size");
        refused("pairs: 32", "pairs: 32, limit: 3", "data.train.limit is not a key here");
        refused("backend: tabular", "backend: tabular\ndevice: cuda", "must be available on device cuda");
        refused("name: tiny", "name: tiny\nobjective: {groups: {weights: {a: 1}}}", "must name the preference sources");
    }

    @Test
    void sweep_refuses_fewer_than_one_parallel_cell_before_anything_is_written() throws IOException {
        Path config = Files.writeString(folder.resolve("tiny.yaml"), EXPERIMENT);
        Path out = folder.resolve("never");
        for (String cells : List.of("0", "-1")) {
            Ended ended = dpo("sweep", config.toString(), "--out", out.toString(), "--cells", cells);
            assertThat(ended.code()).isEqualTo(2);
            assertThat(ended.err()).isEqualToIgnoringNewLines("error: --cells must be at least 1, got " + cells);
        }
        assertThat(dpo("sweep", config.toString(), "--out", out.toString(), "--cells", "two")
                        .code())
                .isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    /** A loss with a fault. */
    record FaultyLoss() implements MarginLoss {

        @Override
        public MarginTerm at(double logRatioMargin) {
            throw new NullPointerException();
        }
    }

    @Test
    void the_failure_of_an_own_loss_is_printed_with_the_file_of_its_stack_trace() throws IOException {
        Path config = Files.writeString(folder.resolve("tiny.yaml"), EXPERIMENT);
        Path out = folder.resolve("faulty");
        Ended failed = dpo(
                "train",
                config.toString(),
                "--out",
                out.toString(),
                "--set",
                "objective={preference: {type: " + FaultyLoss.class.getName() + "}}");
        assertThat(failed.code()).isEqualTo(1);
        Path trace = out.resolve("failure.txt");
        assertThat(failed.err()).contains("error: java.lang.NullPointerException (stack trace: " + trace + ")");
        assertThat(trace).content().contains("FaultyLoss.at(");
    }

    @Test
    void train_refuses_an_output_folder_that_is_a_file_or_holds_another_run() throws IOException {
        Path config = Files.writeString(folder.resolve("tiny.yaml"), EXPERIMENT);
        Path file = Files.writeString(folder.resolve("file"), "");
        Ended onFile =
                dpo("train", config.toString(), "--out", file.resolve("run").toString());
        assertThat(onFile.code()).isEqualTo(2);
        assertThat(onFile.err()).contains("output must be writable");
        Path out = folder.resolve("out");
        assertThat(dpo("train", config.toString(), "--out", out.toString()).code())
                .isZero();
        Ended other = dpo("train", config.toString(), "--out", out.toString(), "--set", "seed=2");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("output folder must be new or contain this run");
        Ended again = dpo("train", config.toString(), "--out", out.toString());
        assertThat(again.code()).isZero();
        assertThat(again.err()).contains("already there");
    }

    @Test
    void results_refuses_a_folder_without_runs_and_a_wrong_query() throws IOException {
        assertThat(dpo("results", folder.toString()).code()).isEqualTo(2);
        Path config = Files.writeString(folder.resolve("tiny.yaml"), EXPERIMENT);
        Path out = folder.resolve("out");
        assertThat(dpo("train", config.toString(), "--out", out.toString()).code())
                .isZero();
        Ended wrong = dpo("results", out.toString(), "--sql", "select nothing from runs");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).startsWith("error: ").doesNotContain("\tat ");
    }

    @Test
    void data_audit_counts_rows_and_reasons() throws IOException {
        Path file = Files.writeString(folder.resolve("pairs.jsonl"), """
                {"prompt": "a", "chosen": " b", "rejected": " c"}
                {"prompt": "a", "chosen": " b", "rejected": " b"}
                """);
        Ended ended = dpo("data", "audit", file.toString(), "--format", "standard");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("2 read, 1 used");
        assertThat(dpo("data", "audit", file.toString(), "--format", "standrd").err())
                .contains("did you mean standard?");
    }

    @Test
    void data_audit_accepts_labels_and_lists() throws IOException {
        Path labels = Files.writeString(folder.resolve("labels.jsonl"), """
                {"prompt": "a", "completion": " b", "label": true}
                {"prompt": "a", "completion": " b", "label": false}
                """);
        Ended ended = dpo("data", "audit", labels.toString(), "--format", "unpaired");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out().lines()).contains("completions             {1=2}", "contradicting examples  1");
        Path lists = Files.writeString(folder.resolve("lists.jsonl"), """
                {"prompt": "a", "completions": [" b", " cc", " d"], "ratings": [1, 2, 1]}
                {"prompt": "a", "completions": [" b", " c"], "ratings": [1, 1]}
                """);
        ended = dpo("data", "audit", lists.toString(), "--format", "ranked", "--reader", "pairs=all");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .contains("4 read, 2 used, 0 skipped, dropped: tie 1, all_tied 1", "chosen is longer        100.0 %");
    }

    private void refused(String line, String replacement, String message) throws IOException {
        Path config = Files.writeString(folder.resolve("bad.yaml"), EXPERIMENT.replace(line, replacement));
        Path out = folder.resolve("never");
        Ended ended = dpo("train", config.toString(), "--out", out.toString());
        assertThat(ended.err()).contains(message);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    private static Ended dpo(String... arguments) {
        return Ended.of(arguments);
    }
}
