package dpo.harness.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of TRL becomes an experiment with the same numbers. */
class TrlConfigTest {

    @TempDir
    Path folder;

    @Test
    void a_trl_file_becomes_an_experiment_with_the_same_numbers() throws IOException {
        Translation translation = PeerConfig.translate(given().resource("trl-dpo.yaml"));
        assertThat(translation.tree()).isEqualTo(Translated.plain("""
                name: trl-dpo
                backend: torch
                device: cpu
                model:
                  path: PATH-TO/Qwen/Qwen2-0.5B-Instruct
                  dtype: bfloat16
                  gradient_checkpointing: true
                  adapter: {type: lora, rank: 32, alpha: 32.0, dropout: 0.05, targets: [q_proj, v_proj], rslora: false}
                data:
                  train: {format: conversational, path: PATH-TO/trl-lib/ultrafeedback_binarized/train.jsonl}
                  evaluation: {format: conversational, path: PATH-TO/trl-lib/ultrafeedback_binarized/test.jsonl}
                  max_length: 2048
                  truncation: keep_start
                objective:
                  preference:
                  - {type: sigmoid, beta: 0.05, weight: 0.8}
                  - {type: bco_pair, beta: 0.05, weight: 0.2}
                  - {type: sft, reduction: token_mean, weight: 1.0}
                optimizer:
                  learning_rate: 5.0e-7
                  betas: [0.9, 0.95]
                  epsilon: 1.0e-8
                  weight_decay: 0.01
                  max_grad_norm: .inf
                schedule: {type: cosine, warmup_ratio: 0.1}
                training:
                  epochs: 1
                  batch_size: 16
                  micro_batch_size: 2
                  order: shuffled
                  evaluate_every: 50
                  checkpoint_every: 200
                seed: 7
                """));
        assertThat(String.join("\n", translation.notes()))
                .contains(
                        "point model.path at a copy of Qwen/Qwen2-0.5B-Instruct",
                        "point data.train.path",
                        "data.evaluation.path")
                .contains("TRL 1.16 ignores label_smoothing for sigmoid, bco_pair, sft")
                .contains("check model.adapter.targets")
                .contains(
                        "dtype bfloat16: TRL trains the rounded weights",
                        "averages sft over the tokens of each micro-batch")
                .contains("ignored, no counterpart here: ", "output_dir", "push_to_hub")
                .doesNotContain("sync_ref_model");
        assertThat(translation.origin()).contains("TRL 1.16");
    }

    @Test
    void a_reference_that_trl_synchronises_follows_the_policy() throws IOException {
        String file = "model_name_or_path: a/b\ndataset_name: c/d\nsync_ref_model: true\n";
        assertThat(given().translate(file).tree())
                .containsEntry("reference", Translated.plain("{sync_steps: 512, mixup_alpha: 0.6}"));
        assertThat(given().translate(file + "ref_model_sync_steps: 64\nref_model_mixup_alpha: 1.0")
                        .tree())
                .containsEntry("reference", Translated.plain("{sync_steps: 64, mixup_alpha: 1.0}"));
    }

    @Test
    void an_empty_trl_file_gets_the_defaults_of_trl() throws IOException {
        Map<String, Object> tree =
                given().translate("model_name_or_path: a/b\ndataset_name: c/d").tree();
        assertThat(tree).containsEntry("objective", Translated.plain("preference: {type: sigmoid, beta: 0.1}"));
        assertThat(tree).containsEntry("optimizer", Translated.plain("""
                {learning_rate: 1.0e-6, betas: [0.9, 0.999], epsilon: 1.0e-8, weight_decay: 0.0, max_grad_norm: 1.0}"""));
        assertThat(tree).containsEntry("schedule", Translated.plain("{type: linear, warmup_steps: 0}"));
        assertThat(tree).containsEntry("seed", 42L);
        assertThat(tree)
                .containsEntry(
                        "training",
                        Translated.plain("{epochs: 3, batch_size: 8, micro_batch_size: 8, order: shuffled}"));
        assertThat((Map<?, ?>) tree.get("data"))
                .extracting("max_length", "truncation")
                .containsExactly(1024L, "keep_start");
        assertThat(((Map<?, ?>) tree.get("data")).containsKey("evaluation")).isFalse();
    }

    @Test
    void settings_of_trl_that_other_settings_decide_are_resolved_as_transformers_does() throws IOException {
        assertThat(schedule("warmup_steps: 12")).isEqualTo(Translated.plain("{type: linear, warmup_steps: 12}"));
        assertThat(schedule("warmup_ratio: 0.1\nmax_steps: 101"))
                .isEqualTo(Translated.plain("{type: linear, warmup_ratio: 0.1}"));
        assertThat(schedule("warmup_steps: 0.2\nmax_steps: 10"))
                .isEqualTo(Translated.plain("{type: linear, warmup_ratio: 0.2}"));
        assertThat(schedule("lr_scheduler_type: constant_with_warmup\nwarmup_steps: 3"))
                .isEqualTo(Translated.plain("{type: constant, warmup_steps: 3}"));
        assertThat(schedule("lr_scheduler_type: constant\nwarmup_steps: 3"))
                .isEqualTo(Translated.plain("{type: constant, warmup_steps: 0}"));
        assertThat(given().translate("beta: 0.1\neval_strategy: steps")
                        .tree()
                        .get("training")
                        .toString())
                .contains("evaluate_every=10");
        assertThat(given().translate("beta: 0.1\nmax_length: null")
                        .tree()
                        .get("data")
                        .toString())
                .contains("max_length=" + Integer.MAX_VALUE);
        assertThat(given().translate("beta: 0.1\nmax_steps: 1000")
                        .tree()
                        .get("training")
                        .toString())
                .contains("max_steps=1000")
                .doesNotContain("epochs");
        assertThat(given().notes("beta: 0.1\nnum_train_epochs: 0.5")).contains("not supported: num_train_epochs 0.5");
    }

    private Object schedule(String lines) throws IOException {
        return given().translate("beta: 0.1\n" + lines).tree().get("schedule");
    }

    @Test
    void dtype_memory_and_adapter_of_trl_are_translated() throws IOException {
        assertThat(given().model("beta: 0.1"))
                .containsEntry("dtype", "bfloat16")
                .containsEntry("gradient_checkpointing", true)
                .doesNotContainKey("adapter");
        assertThat(given().model("beta: 0.1\nbf16: false\ngradient_checkpointing: false"))
                .containsEntry("dtype", "float32")
                .doesNotContainKey("gradient_checkpointing");
        assertThat(given().model("beta: 0.1\nfp16: true")).containsEntry("dtype", "float32");
        assertThat(given().model(
                                "beta: 0.1\nuse_peft: true\nlora_r: 8\nlora_alpha: 4\nlora_dropout: 0\nuse_rslora: true\n"
                                        + "lora_target_modules: all-linear"))
                .containsEntry(
                        "adapter",
                        Translated.plain("{type: lora, rank: 8, alpha: 4.0, dropout: 0.0, targets: [all-linear],"
                                + " rslora: true}"));
        assertThat(given().notes("beta: 0.1\nuse_peft: true\nlora_target_modules: '.*_proj'"))
                .contains("not supported: lora_target_modules");
        assertThat(given().notes("beta: 0.1\nlora_r: 8")).contains("ignored, no counterpart here: ", "lora_r");
    }

    private Translated given() {
        return new Translated(folder);
    }
}
