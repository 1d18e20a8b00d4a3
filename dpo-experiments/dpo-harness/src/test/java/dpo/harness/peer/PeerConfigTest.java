package dpo.harness.peer;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.Backends;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ConfigNode;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerConfigTest {

    @TempDir
    Path folder;

    @Test
    void a_trl_file_becomes_an_experiment_with_the_same_numbers() throws IOException {
        Translation translation = PeerConfig.translate(resource("trl-dpo.yaml"));
        assertThat(translation.tree()).isEqualTo(plain("""
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
                schedule: {type: cosine, warmup_steps: 0}
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
                .contains("not supported: warmup_ratio 0.1", "check model.adapter.targets")
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
        assertThat(translate(file).tree()).containsEntry("reference", plain("{sync_steps: 512, mixup_alpha: 0.6}"));
        assertThat(translate(file + "ref_model_sync_steps: 64\nref_model_mixup_alpha: 1.0")
                        .tree())
                .containsEntry("reference", plain("{sync_steps: 64, mixup_alpha: 1.0}"));
    }

    @Test
    void an_empty_trl_file_gets_the_defaults_of_trl() throws IOException {
        Map<String, Object> tree =
                translate("model_name_or_path: a/b\ndataset_name: c/d").tree();
        assertThat(tree).containsEntry("objective", plain("preference: {type: sigmoid, beta: 0.1}"));
        assertThat(tree).containsEntry("optimizer", plain("""
                {learning_rate: 1.0e-6, betas: [0.9, 0.999], epsilon: 1.0e-8, weight_decay: 0.0, max_grad_norm: 1.0}"""));
        assertThat(tree).containsEntry("schedule", plain("{type: linear, warmup_steps: 0}"));
        assertThat(tree).containsEntry("seed", 42L);
        assertThat(tree)
                .containsEntry("training", plain("{epochs: 3, batch_size: 8, micro_batch_size: 8, order: shuffled}"));
        assertThat((Map<?, ?>) tree.get("data"))
                .extracting("max_length", "truncation")
                .containsExactly(1024L, "keep_start");
        assertThat(((Map<?, ?>) tree.get("data")).containsKey("evaluation")).isFalse();
    }

    @Test
    void settings_of_trl_that_other_settings_decide_are_resolved_as_transformers_does() throws IOException {
        assertThat(schedule("warmup_steps: 12")).isEqualTo(plain("{type: linear, warmup_steps: 12}"));
        assertThat(schedule("warmup_ratio: 0.1\nmax_steps: 101")).isEqualTo(plain("{type: linear, warmup_steps: 11}"));
        assertThat(schedule("warmup_steps: 0.2\nmax_steps: 10")).isEqualTo(plain("{type: linear, warmup_steps: 2}"));
        assertThat(schedule("lr_scheduler_type: constant_with_warmup\nwarmup_steps: 3"))
                .isEqualTo(plain("{type: constant, warmup_steps: 3}"));
        assertThat(schedule("lr_scheduler_type: constant\nwarmup_steps: 3"))
                .isEqualTo(plain("{type: constant, warmup_steps: 0}"));
        assertThat(translate("beta: 0.1\neval_strategy: steps")
                        .tree()
                        .get("training")
                        .toString())
                .contains("evaluate_every=10");
        assertThat(translate("beta: 0.1\nmax_length: null").tree().get("data").toString())
                .contains("max_length=" + Integer.MAX_VALUE);
        assertThat(notes("beta: 0.1\nmax_steps: 1000\nper_device_train_batch_size: 4"))
                .contains("not supported: max_steps 1000", "data.train.limit: 4000");
        assertThat(notes("beta: 0.1\nnum_train_epochs: 0.5")).contains("not supported: num_train_epochs 0.5");
    }

    private Object schedule(String lines) throws IOException {
        return translate("beta: 0.1\n" + lines).tree().get("schedule");
    }

    @Test
    void every_unsupported_setting_has_a_note_and_its_neutral_value_has_none() throws IOException {
        assertThat(TrlKeys.UNSUPPORTED).isNotEmpty();
        for (TrlKeys.Unsupported key : TrlKeys.UNSUPPORTED) {
            String neutral = key.neutral().equals("") ? "null" : String.valueOf(key.neutral());
            assertThat(notes("beta: 0.1\n" + key.key() + ": " + neutral))
                    .as(key.key())
                    .doesNotContain(key.key() + " ");
            String other = key.neutral().equals(true) ? "false" : key.neutral().equals(false) ? "true" : "3";
            assertThat(notes("beta: 0.1\n" + key.key() + ": " + other))
                    .as(key.key())
                    .contains("not supported: " + key.key() + " ", key.instead());
        }
        assertThat(notes("beta: 0.1\nfp16: true"))
                .contains("not supported: fp16 true")
                .doesNotContain("bf16");
        assertThat(notes("beta: 0.1\nuse_peft: true\nuse_dora: true\nlora_modules_to_save: [lm_head]"))
                .contains("not supported: use_dora true", "not supported: lora_modules_to_save");
        assertThat(
                        notes(
                                "beta: 0.1\nlr_scheduler_type: polynomial\noptim: sgd\ntrain_sampling_strategy: group_by_length"))
                .contains(
                        "not supported: lr_scheduler_type",
                        "not supported: optim",
                        "not supported: train_sampling_strategy");
    }

    @Test
    void dtype_memory_and_adapter_of_trl_are_translated() throws IOException {
        assertThat(model("beta: 0.1"))
                .containsEntry("dtype", "bfloat16")
                .containsEntry("gradient_checkpointing", true)
                .doesNotContainKey("adapter");
        assertThat(model("beta: 0.1\nbf16: false\ngradient_checkpointing: false"))
                .containsEntry("dtype", "float32")
                .doesNotContainKey("gradient_checkpointing");
        assertThat(model("beta: 0.1\nfp16: true")).containsEntry("dtype", "float32");
        assertThat(model("beta: 0.1\nuse_peft: true\nlora_r: 8\nlora_alpha: 4\nlora_dropout: 0\nuse_rslora: true\n"
                        + "lora_target_modules: all-linear"))
                .containsEntry(
                        "adapter",
                        plain("{type: lora, rank: 8, alpha: 4.0, dropout: 0.0, targets: [all-linear],"
                                + " rslora: true}"));
        assertThat(notes("beta: 0.1\nuse_peft: true\nlora_target_modules: '.*_proj'"))
                .contains("not supported: lora_target_modules");
        assertThat(notes("beta: 0.1\nlora_r: 8")).contains("ignored, no counterpart here: ", "lora_r");
    }

    @Test
    void dtype_memory_and_adapter_of_nemo_are_translated() throws IOException {
        assertThat(
                        model(
                                "dpo: {seed: 1}\npolicy: {precision: float32, dtensor_cfg: {activation_checkpointing: true,"
                                        + " lora_cfg: {enabled: true, dim: 4, alpha: 16, match_all_linear: false, target_modules: [q_proj]}}}"))
                .containsEntry("dtype", "float32")
                .containsEntry("gradient_checkpointing", true)
                .containsEntry("adapter", plain("{type: lora, rank: 4, alpha: 16.0, dropout: 0.0, targets: [q_proj]}"));
        assertThat(notes("dpo: {seed: 1}\npolicy: {precision: float16, megatron_cfg: {peft: {enabled: true}}}"))
                .contains("not supported: policy.precision", "not supported: policy.megatron_cfg.peft.enabled true");
    }

    @Test
    void unknown_keys_are_errors_with_the_nearest_known_and_the_line() {
        assertThatThrownBy(() -> translate("beta: 0.1\nlearning_rat: 1e-6"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("learning_rat is not a key here, did you mean learning_rate?")
                .hasMessageContaining(":2:");
        assertThatThrownBy(() -> translate("dpo: {sft_loss_wait: 1, seed: 1}\npolicy: {optimizer: {nam: x}}"))
                .hasMessageContaining("dpo.sft_loss_wait is not a key here, did you mean sft_loss_weight?")
                .hasMessageContaining("policy.optimizer.nam is not a key here, did you mean name?");
        assertThatThrownBy(() -> translate("nothing: 1"))
                .hasMessageContaining("must be one of TRL")
                .hasMessageContaining("with the keys nothing");
    }

    @Test
    void a_file_of_another_system_is_rejected_in_one_line_that_names_the_system() {
        Map.ofEntries(
                        entry(
                                "base_model: m/x\nrl: dpo\nmicro_batch_size: 2\nnum_epochs: 1\nlearning_rate: 5.0e-6",
                                "axolotl (it has base_model"),
                        entry(
                                "model_name_or_path: m/x\nstage: dpo\nfinetuning_type: lora\npref_beta: 0.1\ncutoff_len: 1",
                                "LLaMA-Factory"),
                        entry(
                                "model_name_or_path: m/x\nlearning_rate: 5.0e-7\ngamma_beta_ratio: 0.5",
                                "SimPO's trainer"),
                        entry("model_name_or_path: m/x\ncpo_alpha: 1.0\nsimpo_gamma: 0.5", "TRL's CPO trainer"),
                        entry(
                                "model_name_or_path: m/x\nbeta: 0.01\ndataset_mixer: {a: 1.0}\ndataset_splits: [train]",
                                "the alignment handbook"),
                        entry(
                                "model_name_or_path: m/x\nbeta: 0.01\nchat_template: c\ndataset_mixture: {datasets: [{id: a}]}",
                                "the alignment handbook"),
                        entry(
                                "pretrain: m/x\nmicro_train_batch_size: 1\nbeta: 0.1\nlearning_rate: 5.0e-7\nzero_stage: 3",
                                "OpenRLHF"),
                        entry(
                                "tokenizer: {_component_: t}\ncheckpointer: {_component_: c}\nlr_scheduler: {}\nloss: {}",
                                "torchtune"),
                        entry("trainer: {}\nexp_manager: {}\nmodel: {dpo: {}}", "NeMo-Aligner"),
                        entry("trainer: {epochs: 1}\nactor_rollout_ref: {model: {path: m/x}}", "verl"),
                        entry("model: m/x\nrlhf_type: dpo\ntrain_type: lora", "ms-swift"),
                        entry("name: a\nbackend: torch\nobjective: {}", "this project"))
                .forEach((text, system) -> assertThatThrownBy(() -> translate(text))
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining("got one of " + system)
                        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1)));
    }

    @Test
    void defaults_and_references_of_nemo_that_multiply_without_end_are_refused() throws IOException {
        assertThatThrownBy(() -> translate("defaults: [" + "given.yaml, ".repeat(10) + "given.yaml]\ndpo: {seed: 1}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("defaults must name at most 100 files");
        assertThatThrownBy(() -> translate("dpo: {a: [" + "'${dpo}', ".repeat(10) + "1]}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must hold at most 100000 values");
        assertThatThrownBy(() -> translate("defaults: \"\\0\"\ndpo: {seed: 1}")).isInstanceOf(ConfigException.class);
    }

    @Test
    void an_unknown_key_among_many_known_is_reported_with_the_nearest_only() {
        assertThatThrownBy(() -> translate("model_name_or_path: a\nlora_rr: 3\nzzzzzzzzzz: 1\nzzzz_yyyy: 1"))
                .isInstanceOf(ConfigException.class)
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(3).allMatch(line -> line.length() < 300));
    }

    @Test
    void a_nemo_file_becomes_an_experiment_with_the_same_numbers() throws IOException {
        Translation translation = PeerConfig.translate(resource("nemo-base.yaml"));
        assertThat(translation.tree()).isEqualTo(plain("""
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
        resource("nemo-base.yaml");
        Map<String, Object> tree =
                PeerConfig.translate(resource("nemo-averaged.yaml")).tree();
        assertThat(tree).containsEntry("objective", plain("""
                preference: [{type: sigmoid_norm, beta: 5.0, weight: 0.5}]
                sft: {weight: 0.25, reduction: pair_mean}"""));
        assertThat(tree.get("training").toString()).contains("batch_size=32", "epochs=2");
        assertThat(translate("dpo: {sft_loss_weight: 0.1}").tree()).containsEntry("objective", plain("""
                preference: {type: sigmoid, beta: 0.05}
                sft: {weight: 0.1, reduction: sum}"""));
        for (String silent : List.of("", ", sft_average_log_probs: false")) {
            assertThat(translate("dpo: {sft_loss_weight: 0.1, preference_average_log_probs: true" + silent + "}")
                            .tree()
                            .get("objective")
                            .toString())
                    .contains("sigmoid_norm", "reduction=sum");
        }
        assertThat(translate("dpo: {sft_loss_weight: -0.1}")
                        .tree()
                        .get("objective")
                        .toString())
                .doesNotContain("sft");
        assertThat(notes("dpo: {seed: 1}"))
                .contains("not supported: dpo.max_num_steps (its default)", "data.train.limit: 19200");
    }

    @Test
    void an_optimizer_of_nemo_without_arguments_has_torchs_defaults() throws IOException {
        assertThat(translate("policy: {optimizer: {name: torch.optim.AdamW, kwargs: {lr: 1.0e-6}}}")
                        .tree())
                .containsEntry("optimizer", plain("""
                        {learning_rate: 1.0e-6, betas: [0.9, 0.999], epsilon: 1.0e-8, weight_decay: 0.01, max_grad_norm: 1.0}"""));
    }

    @Test
    void with_megatron_optimizer_and_schedule_are_megatrons() throws IOException {
        Map<String, Object> tree = translate("""
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
        assertThat(tree).containsEntry("optimizer", plain("""
                {learning_rate: 1.0e-5, betas: [0.8, 0.95], epsilon: 1.0e-7, weight_decay: 0.02, max_grad_norm: 0.5}"""));
        assertThat(tree).containsEntry("schedule", plain("{type: cosine, warmup_steps: 4}"));
        assertThat(translate(
                                "policy: {megatron_cfg: {enabled: true, optimizer: {lr: 1.0e-5, min_lr: 1.0e-5}, scheduler:"
                                        + " {lr_decay_style: linear}}}")
                        .tree())
                .containsEntry("schedule", plain("{type: constant, warmup_steps: 0}"));
    }

    @Test
    void paths_on_this_machine_stay_paths() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Path pairs = Files.writeString(folder.resolve("pairs.jsonl"), "{}\n");
        Translation trl = translate("model_name_or_path: " + model + "\ndataset_name: " + pairs);
        assertThat(trl.tree().get("model").toString()).contains("path=" + model + ",");
        assertThat(trl.tree().get("data").toString()).contains("path=" + pairs + "}");
        assertThat(String.join("\n", trl.notes())).doesNotContain("point ");
        Translation nemo = translate("policy: {model_name: " + model + "}\ndata: {train: {data_path: " + pairs
                + "}, default: {dataset_name: BinaryPreferenceDataset, prompt_key: prompt}}");
        assertThat(nemo.tree().get("data").toString()).contains("{format=standard, path=" + pairs + "}");
    }

    @Test
    void a_written_translation_is_read_back_with_the_same_values() throws IOException {
        Path trl = Files.writeString(
                folder.resolve("in.yaml"),
                "model_name_or_path: a/b\ndataset_name: c/d\nloss_type: ipo\n"
                        + "beta: 0.30000000000000004\nlearning_rate: 1e-7\nmax_grad_norm: 0\nmax_length: null\neval_strategy: \"no\"\n");
        ExperimentConfig config = read(PeerConfig.translate(trl));
        assertThat(config.objective().loss().beta()).isEqualTo(0.30000000000000004);
        assertThat(config.optimizer().learningRate()).isEqualTo(1e-7);
        assertThat(config.optimizer().maxGradNorm()).isInfinite();
        ExperimentConfig nemo = read(PeerConfig.translate(resource("nemo-base.yaml")));
        assertThat(nemo.training().batchSize()).isEqualTo(128);
        assertThat(nemo.objective().sft()).isEmpty();
    }

    private ExperimentConfig read(Translation translation) throws IOException {
        Path written = Files.writeString(folder.resolve("config.yaml"), translation.document());
        List<ExperimentFile.Cell> cells =
                ExperimentFile.read(written, List.of(), Backends.onClassPath()).cells();
        assertThat(cells).hasSize(1);
        return cells.get(0).config();
    }

    private String notes(String yaml) throws IOException {
        return String.join("\n", translate(yaml).notes());
    }

    @SuppressWarnings("unchecked") // a section is a mapping
    private Map<String, Object> model(String yaml) throws IOException {
        return (Map<String, Object>) translate(yaml).tree().get("model");
    }

    private Translation translate(String yaml) throws IOException {
        return PeerConfig.translate(Files.writeString(folder.resolve("given.yaml"), yaml));
    }

    private Path resource(String name) throws IOException {
        Path copy = folder.resolve(name);
        try (InputStream in = PeerConfigTest.class.getResourceAsStream(name)) {
            Files.write(copy, in.readAllBytes());
        }
        return copy;
    }

    private static Object plain(String yaml) {
        return ConfigNode.parse(yaml, "expected").plain();
    }
}
