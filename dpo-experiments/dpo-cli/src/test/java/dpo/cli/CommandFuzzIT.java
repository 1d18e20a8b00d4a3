package dpo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.data.fuzz.Campaign;
import dpo.data.fuzz.Mutator;
import dpo.harness.config.Backends;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ExperimentFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For any content of a file or an option: a result, or exit code 2 with error messages and no output files. */
class CommandFuzzIT {

    private static final List<byte[]> CONFIGS = bytes("""
            name: tiny
            backend: tabular
            model: {vocabulary: 4, length: 3, prompts: 2}
            data: {train: {format: world, pairs: 32}, evaluation: {format: world, pairs: 8}}
            objective: &o
              preference: [{type: ipo, beta: 0.1, reduction: mean, weight: 0.5}, {type: sigmoid, weight: 1}]
              sft: {weight: beta}
              turns: {weights: [1, 0.5]}
            optimizer: {learning_rate: 0.05, betas: [0.9, 0.99]}
            schedule: {type: cosine, warmup_steps: 2}
            training: {batch_size: 16, epochs: 2, evaluate_every: 1}
            sweep: {objective.preference: [{type: sigmoid, beta: 0.1}, {type: orpo, sweep: {lambda: [0.1, 0.3]}}], seed: [1, 2]}
            """, """
            {"name": "j", "backend": "torch", "model": {"path": "m", "adapter": {"rank": 4, "targets": ["q_proj"]}},
             "data": {"train": {"format": "conversational", "path": "p.jsonl", "limit": 3}, "max_length": 64},
             "objective": {"preference": {"type": "sigmoid"}, "groups": {"weights": {"a": 1, "b": 2}}, "ld_alpha": 0.5,
              "divergence": {"type": "alpha", "alpha": 0.5}}, "reference": {"sync_steps": 2},
             "optimizer": {"learning_rate": 1e-6}, "training": {"samples": {"prompts": 2}}, "sweep": {"seed": [1, 2]}}
            """);

    private static final List<byte[]> PEERS = bytes("""
            model_name_or_path: m/x
            dataset_name: d/x
            loss_type: [sigmoid, sft]
            loss_weights: [1.0, 0.5]
            beta: 0.1
            learning_rate: 5.0e-7
            per_device_train_batch_size: 2
            warmup_ratio: 0.1
            use_peft: true
            lora_target_modules: [q_proj]
            """, """
            {"dpo": {"sft_loss_weight": 0.1, "reference_policy_kl_penalty": 0.05, "max_num_steps": 3},
             "policy": {"model_name": "m/x", "optimizer": {"name": "torch.optim.AdamW", "kwargs": {"lr": 1e-6}},
              "scheduler": [{"name": "torch.optim.lr_scheduler.LinearLR", "kwargs": {"total_iters": 20}}, {"milestones": [20]}],
              "precision": "${.p}", "p": "float32"},
             "data": {"train": {"data_path": "p.jsonl"}}}
            """);

    private static final List<byte[]> LOG_PROBS = bytes("""
            {"policy": {"chosen": [-1.0, -2.0], "rejected": [-4.0]}, "reference": {"chosen": [-1.5, -2.0], "rejected": [-3.5]}, "weight": 2, "group": "a"}
            {"policy": {"chosen": [-1.0, -2.0], "rejected": [-4.0]}, "reference": {"chosen": [-1.5, -2.0], "rejected": [-3.5]}, "turns": {"chosen": [1, 1], "rejected": [1]}}
            """, """
            {"row": 0, "pair": "p", "prompt_ids": [1], "chosen_ids": [2], "rejected_ids": [3], "chosen": [-1.0], "rejected": [-2.0], "step": 3}
            """, """
            {"policy": {"completions": [[-1.0], [-2.0], [-3]]}, "reference": {"completions": [[-1.0], [-2.0], [-3]]}, "ratings": [3, 2, 1], "mismatched": 0.5}
            """);

    private static final List<byte[]> OBJECTIVES = bytes(
            "{\"loss_type\": [\"ipo\", \"sft\"], \"loss_weights\": [1, 2], \"beta\": 0.1, \"ld_alpha\": 0.5}",
            "{\"preference\": {\"type\": \"robust\", \"label_smoothing\": 0.1}, \"sft\": {\"weight\": \"beta\"}, \"turns\": \"last\"}",
            "{\"type\": \"simpo\", \"beta\": 2, \"gamma\": 1}",
            "[{type: ipo, reduction: sum}, {type: sft, weight: 2}]");

    @TempDir
    Path folder;

    @Test
    void every_config_gives_cells_or_a_config_error() {
        new Campaign(1, CONFIGS).run(150, Mutator::any, input -> {
            Path file = Files.write(folder.resolve("c.yaml"), input);
            try {
                Backends backends = Backends.onClassPath();
                ExperimentFile.read(file, List.of(), backends).cells().forEach(cell -> assertThat(
                                ExperimentFile.resolved(cell.config(), backends))
                        .isNotEmpty());
            } catch (ConfigException refused) {
                assertThat(refused).hasMessageNotContaining("\n\n");
            }
        });
    }

    @Test
    void an_override_is_a_value_or_a_config_error() throws IOException {
        Path file = Files.write(folder.resolve("c.yaml"), CONFIGS.get(0));
        new Campaign(2, CONFIGS).run(150, Mutator::any, input -> {
            String text = new String(input, StandardCharsets.UTF_8);
            for (String key : List.of("", "model=", "sweep=", "sweep.seed=", "objective.preference=")) {
                try {
                    ExperimentFile.read(file, List.of(key + text), Backends.onClassPath())
                            .cells();
                } catch (ConfigException refused) {
                    assertThat(refused.errors()).isNotEmpty();
                }
            }
        });
    }

    @Test
    void an_import_is_a_config_or_exit_code_2() {
        new Campaign(3, PEERS).run(150, Mutator::any, input -> {
            Path file = Files.write(folder.resolve("peer.yaml"), input);
            ends(Ended.of("import", file.toString()), 1);
        });
    }

    @Test
    void stored_log_probs_have_a_loss_or_exit_code_2() {
        new Campaign(4, LOG_PROBS).run(150, Mutator::any, input -> {
            Path file = Files.write(folder.resolve("l.jsonl"), input);
            ends(Ended.of("objective", "--loss", "{type: sigmoid}", "--log-probs", file.toString(), "--gradient"), 1);
            ends(
                    Ended.of("objective", "--loss", "{type: simpo, beta: 2, gamma: 1}", "--log-probs", file.toString()),
                    1);
        });
    }

    @Test
    void an_objective_is_evaluated_or_exit_code_2() throws IOException {
        Path file = Files.write(folder.resolve("l.jsonl"), LOG_PROBS.get(0));
        new Campaign(5, OBJECTIVES).run(150, Mutator::any, input -> {
            String text = new String(input, StandardCharsets.UTF_8);
            ends(Ended.of("objective", "--loss=" + text, "--log-probs", file.toString()), 1);
            ends(Ended.of("objective", "--trl=" + text, "--log-probs", file.toString()), 1);
        });
    }

    private void ends(Ended ended, int files) throws IOException {
        assertThat(ended.code()).as(ended.err()).isIn(0, 2);
        if (ended.code() == 2) {
            assertThat(ended.out()).isEmpty();
            assertThat(ended.err()).contains("error: ");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(files);
        }
    }

    private static List<byte[]> bytes(String... texts) {
        return Stream.of(texts)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }
}
