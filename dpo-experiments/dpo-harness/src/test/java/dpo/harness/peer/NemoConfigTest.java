package dpo.harness.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of NeMo RL becomes an experiment with the same numbers. */
class NemoConfigTest {

    @TempDir
    Path folder;

    @Test
    void dtype_memory_and_adapter_of_nemo_are_translated() throws IOException {
        assertThat(
                        given().model(
                                        "dpo: {seed: 1}\npolicy: {precision: float32, dtensor_cfg: {activation_checkpointing: true,"
                                                + " lora_cfg: {enabled: true, dim: 4, alpha: 16, match_all_linear: false, target_modules: [q_proj]}}}"))
                .containsEntry("dtype", "float32")
                .containsEntry("gradient_checkpointing", true)
                .containsEntry(
                        "adapter",
                        Translated.plain("{type: lora, rank: 4, alpha: 16.0, dropout: 0.0, targets: [q_proj]}"));
        assertThat(given().notes("dpo: {seed: 1}\npolicy: {precision: float16, megatron_cfg: {peft: {enabled: true}}}"))
                .contains("not supported: policy.precision", "not supported: policy.megatron_cfg.peft.enabled true");
    }

    @Test
    void defaults_and_references_of_nemo_that_multiply_without_end_are_refused() throws IOException {
        assertThatThrownBy(() ->
                        given().translate("defaults: [" + "given.yaml, ".repeat(10) + "given.yaml]\ndpo: {seed: 1}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("defaults must name at most 100 files");
        assertThatThrownBy(() -> given().translate("dpo: {a: [" + "'${dpo}', ".repeat(10) + "1]}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must hold at most 100000 values");
        assertThatThrownBy(() -> given().translate("defaults: \"\\0\"\ndpo: {seed: 1}"))
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void a_nemo_file_becomes_an_experiment_with_the_same_numbers() throws IOException {
        Translation translation = PeerConfig.translate(given().resource("nemo-base.yaml"));
        assertThat(translation.tree()).isEqualTo(Translated.plain("""
                name: nemo-base
                backend: torch
                device: cpu
                model: {path: PATH-TO/meta-llama/Llama-3.2-1B-Instruct, dtype: bfloat16}
                data:
                  train: {format: conversational, path: PATH-TO/HelpSteer3/train.jsonl}
                  evaluation: {format: conversational, path: PATH-TO/HelpSteer3/validation.jsonl, limit: 32}
                  max_length: 1024
                  truncation: drop
                objective: {preference: {type: sigmoid, beta: 0.05}}
                optimizer: {learning_rate: 5.0e-6, betas: [0.9, 0.98], epsilon: 1.0e-5, weight_decay: 0.1, max_grad_norm: 1.0}
                schedule: {type: constant, warmup_steps: 20}
                training: {epochs: 2, batch_size: 128, micro_batch_size: 2, order: shuffled, evaluate_every: 25, checkpoint_every: 50}
                seed: 42
                """));
        assertThat(String.join("\n", translation.notes()))
                .contains(
                        "not supported: dpo.max_num_steps 150", "data.train.limit: 19200", "the warm-up begins at 0.1")
                .contains("decays biases and norms too", "the rows of HelpSteer3")
                .contains(
                        "ignored, no counterpart here: ",
                        "cluster",
                        "logger",
                        "policy.dtensor_cfg",
                        "policy.megatron_cfg");
        assertThat(translation.origin()).contains("NeMo RL");
    }

    @Test
    void nemos_averages_weights_and_defaults_decide_the_objective() throws IOException {
        given().resource("nemo-base.yaml");
        Map<String, Object> tree =
                PeerConfig.translate(given().resource("nemo-averaged.yaml")).tree();
        assertThat(tree).containsEntry("objective", Translated.plain("""
                preference: [{type: sigmoid_norm, beta: 5.0, weight: 0.5}]
                sft: {weight: 0.25, reduction: pair_mean}"""));
        assertThat(tree.get("training").toString()).contains("batch_size=32", "epochs=2");
        assertThat(given().translate("dpo: {sft_loss_weight: 0.1}").tree())
                .containsEntry("objective", Translated.plain("""
                preference: {type: sigmoid, beta: 0.05}
                sft: {weight: 0.1, reduction: sum}"""));
        for (String silent : List.of("", ", sft_average_log_probs: false")) {
            assertThat(given().translate(
                                    "dpo: {sft_loss_weight: 0.1, preference_average_log_probs: true" + silent + "}")
                            .tree()
                            .get("objective")
                            .toString())
                    .contains("sigmoid_norm", "reduction=sum");
        }
        assertThat(given().translate("dpo: {sft_loss_weight: -0.1}")
                        .tree()
                        .get("objective")
                        .toString())
                .doesNotContain("sft");
        assertThat(given().notes("dpo: {seed: 1}"))
                .contains("not supported: dpo.max_num_steps (its default)", "data.train.limit: 19200");
    }

    @Test
    void an_optimizer_of_nemo_without_arguments_has_torchs_defaults() throws IOException {
        assertThat(given().translate("policy: {optimizer: {name: torch.optim.AdamW, kwargs: {lr: 1.0e-6}}}")
                        .tree())
                .containsEntry("optimizer", Translated.plain("""
                        {learning_rate: 1.0e-6, betas: [0.9, 0.999], epsilon: 1.0e-8, weight_decay: 0.01, max_grad_norm: 1.0}"""));
    }

    @Test
    void with_megatron_optimizer_and_schedule_are_megatrons() throws IOException {
        Map<String, Object> tree = given().translate("""
                policy:
                  optimizer: null
                  max_grad_norm: 0.5
                  megatron_cfg:
                    enabled: true
                    tensor_model_parallel_size: 2
                    optimizer: {optimizer: adam, lr: 1.0e-5, min_lr: 0.0, weight_decay: 0.02, adam_beta1: 0.8, adam_beta2: 0.95,
                      adam_eps: 1.0e-7, clip_grad: "${policy.max_grad_norm}"}
                    scheduler: {lr_decay_style: cosine, lr_warmup_iters: 4, lr_warmup_init: 1.0e-8}
                """).tree();
        assertThat(tree).containsEntry("optimizer", Translated.plain("""
                {learning_rate: 1.0e-5, betas: [0.8, 0.95], epsilon: 1.0e-7, weight_decay: 0.02, max_grad_norm: 0.5}"""));
        assertThat(tree).containsEntry("schedule", Translated.plain("{type: cosine, warmup_steps: 4}"));
        assertThat(given().translate(
                                "policy: {megatron_cfg: {enabled: true, optimizer: {lr: 1.0e-5, min_lr: 1.0e-5}, scheduler:"
                                        + " {lr_decay_style: linear}}}")
                        .tree())
                .containsEntry("schedule", Translated.plain("{type: constant, warmup_steps: 0}"));
    }

    private Translated given() {
        return new Translated(folder);
    }
}
