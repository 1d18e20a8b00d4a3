package dpo.harness.peer;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.harness.config.Backends;
import dpo.harness.config.ConfigException;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import java.io.IOException;
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
    void every_unsupported_setting_has_a_note_and_its_neutral_value_has_none() throws IOException {
        assertThat(TrlKeys.UNSUPPORTED).isNotEmpty();
        for (TrlKeys.Unsupported key : TrlKeys.UNSUPPORTED) {
            String neutral = key.neutral().equals("") ? "null" : String.valueOf(key.neutral());
            assertThat(given().notes("beta: 0.1\n" + key.key() + ": " + neutral))
                    .as(key.key())
                    .doesNotContain(key.key() + " ");
            String other = key.neutral().equals(true) ? "false" : key.neutral().equals(false) ? "true" : "3";
            assertThat(given().notes("beta: 0.1\n" + key.key() + ": " + other))
                    .as(key.key())
                    .contains("not supported: " + key.key() + " ", key.instead());
        }
        assertThat(given().notes("beta: 0.1\nfp16: true"))
                .contains("not supported: fp16 true")
                .doesNotContain("bf16");
        assertThat(given().notes("beta: 0.1\nuse_peft: true\nuse_dora: true\nlora_modules_to_save: [lm_head]"))
                .contains("not supported: use_dora true", "not supported: lora_modules_to_save");
        assertThat(
                        given().notes(
                                        "beta: 0.1\nlr_scheduler_type: polynomial\noptim: sgd\ntrain_sampling_strategy: group_by_length"))
                .contains(
                        "not supported: lr_scheduler_type",
                        "not supported: optim",
                        "not supported: train_sampling_strategy");
    }

    @Test
    void unknown_keys_are_errors_with_the_nearest_known_and_the_line() {
        assertThatThrownBy(() -> given().translate("beta: 0.1\nlearning_rat: 1e-6"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("learning_rat is not a key here, did you mean learning_rate?")
                .hasMessageContaining(":2:");
        assertThatThrownBy(() -> given().translate("dpo: {sft_loss_wait: 1, seed: 1}\npolicy: {optimizer: {nam: x}}"))
                .hasMessageContaining("dpo.sft_loss_wait is not a key here, did you mean sft_loss_weight?")
                .hasMessageContaining("policy.optimizer.nam is not a key here, did you mean name?");
        assertThatThrownBy(() -> given().translate("nothing: 1"))
                .hasMessageContaining("must be one of TRL")
                .hasMessageContaining("with the keys nothing");
    }

    @Test
    void a_file_of_another_system_is_refused_in_one_line_that_names_the_system() {
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
                .forEach((text, system) -> assertThatThrownBy(() -> given().translate(text))
                        .isInstanceOf(ConfigException.class)
                        .hasMessageContaining("got one of " + system)
                        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1)));
    }

    @Test
    void an_unknown_key_among_many_known_is_reported_with_the_nearest_only() {
        assertThatThrownBy(() -> given().translate("model_name_or_path: a\nlora_rr: 3\nzzzzzzzzzz: 1\nzzzz_yyyy: 1"))
                .isInstanceOf(ConfigException.class)
                .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(3).allMatch(line -> line.length() < 300));
    }

    @Test
    void paths_on_this_machine_stay_paths() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        Path pairs = Files.writeString(folder.resolve("pairs.jsonl"), "{}\n");
        Translation trl = given().translate("model_name_or_path: " + model + "\ndataset_name: " + pairs);
        assertThat(trl.tree().get("model").toString()).contains("path=" + model + ",");
        assertThat(trl.tree().get("data").toString()).contains("path=" + pairs + "}");
        assertThat(String.join("\n", trl.notes())).doesNotContain("point ");
        Translation nemo = given().translate("policy: {model_name: " + model + "}\ndata: {train: {data_path: " + pairs
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
        ExperimentConfig nemo = read(PeerConfig.translate(given().resource("nemo-base.yaml")));
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

    private Translated given() {
        return new Translated(folder);
    }
}
