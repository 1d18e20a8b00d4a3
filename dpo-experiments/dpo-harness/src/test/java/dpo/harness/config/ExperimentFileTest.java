package dpo.harness.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.loss.pairwise.HingeLoss;
import dpo.core.loss.pairwise.SigmoidLoss;
import dpo.core.tabular.TabularModel;
import dpo.data.batch.MicroBatches;
import dpo.train.LearningRateSchedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExperimentFileTest {

    @TempDir
    Path folder;

    private final Backends backends = Backends.onClassPath();

    @Test
    void a_minimal_file_gets_the_documented_defaults() {
        ExperimentConfig config = Experiments.only(folder, Experiments.MINIMAL);
        assertThat(config.device()).isEqualTo("cpu");
        assertThat(config.seed()).isEqualTo(1);
        assertThat(config.model()).isEqualTo(new TabularModel(8, 8, 4, 0, 1.0, 1.0));
        assertThat(config.objective().loss()).isEqualTo(new SigmoidLoss(0.1, 0.0));
        assertThat(config.optimizer().betas()).containsExactly(0.9, 0.999);
        assertThat(config.optimizer().maxGradNorm()).isEqualTo(1.0);
        assertThat(config.training().microBatches()).isEqualTo(new MicroBatches.OfExamples(8));
    }

    @Test
    void a_micro_batch_size_is_in_examples_or_in_tokens_but_not_both() {
        ExperimentConfig tokens =
                Experiments.only(folder, Experiments.MINIMAL + "training: {micro_batch_tokens: 4096}\n");
        assertThat(tokens.training().microBatches()).isEqualTo(new MicroBatches.OfTokens(4096));
        assertThat(Experiments.only(folder, ExperimentFile.resolved(tokens, backends)))
                .isEqualTo(tokens);
        assertThat(Experiments.only(folder, Experiments.MINIMAL + "training: {micro_batch_size: 2}\n")
                        .training()
                        .microBatches())
                .isEqualTo(new MicroBatches.OfExamples(2));
        assertThatThrownBy(() -> Experiments.only(
                        folder, Experiments.MINIMAL + "training: {micro_batch_size: 2, micro_batch_tokens: 4096}\n"))
                .hasMessageContaining("micro_batch_tokens must be absent if micro_batch_size is given, got 4096");
        assertThatThrownBy(() -> Experiments.only(folder, Experiments.MINIMAL + "training: {micro_batch_tokens: 0}\n"))
                .hasMessageContaining("training.micro_batch_tokens must be at least 1, got 0");
    }

    @Test
    void a_resolved_configuration_read_again_is_equal() {
        String heldOut =
                Experiments.MINIMAL.replace("pairs: 16}}", "pairs: 16}, evaluation: {format: world, pairs: 8}}");
        ExperimentConfig config = Experiments.only(folder, heldOut + """
                threads: 1
                objective:
                  preference:
                    - {type: sigmoid, beta: 0.2, weight: 0.8}
                    - {type: ipo, beta: 0.2, reduction: mean, weight: 0.2}
                  sft: {weight: beta, reduction: token_mean}
                  turns: {discount: 0.9}
                  groups: {weights: {a: 1, b: 3}, normalise: true}
                schedule: {type: cosine, warmup_steps: 3}
                training: {micro_batch_size: 2, evaluate_every: 5, samples: {prompts: 2, top_p: 0.9}}
                """);
        String resolved = ExperimentFile.resolved(config, backends);
        assertThat(Experiments.only(folder, resolved)).isEqualTo(config);
        assertThat(resolved).contains("batch_size: 8", "epochs: 1", "max_new_tokens: 64");
    }

    @Test
    void all_errors_are_reported_at_once_with_their_lines() {
        assertThatThrownBy(() -> Experiments.only(folder, """
                        name: test
                        backend: tabular
                        data: {train: {format: world, pairs: 0}}
                        optimizer: {learning_rate: fast}
                        objective:
                          preference: {type: sigmoid, betta: 0.1}
                        training: {batch_size: 1.5}
                        sead: 3
                        """))
                .isInstanceOf(ConfigException.class)
                .message()
                .contains("data.train.pairs must be at least 1, got 0 (", "experiment.yaml:3:")
                .contains("optimizer.learning_rate must be a number, got \"fast\" (", "experiment.yaml:4:")
                .contains(
                        "objective.preference.betta is not a key here, did you mean beta? (known: beta, label_smoothing) (")
                .contains("training.batch_size must be a whole number, got 1.5 (")
                .contains("sead is not a key here, did you mean seed?");
    }

    @Test
    void all_errors_of_one_section_are_reported_at_once() {
        assertThatThrownBy(() -> Experiments.only(folder, """
                        name: a/b
                        backend: tabular
                        device: gpu
                        data: {train: {format: world, pairs: 0}}
                        optimizer: {learning_rate: -1, epsilon: 0, weight_decay: x, max_grad_norm: 0}
                        training: {epochs: 0, batch_size: 0, micro_batch_size: 16, evaluate_every: 0}
                        """))
                .isInstanceOfSatisfying(ConfigException.class, refused -> assertThat(refused.errors())
                        .extracting(ConfigError::path)
                        .containsExactlyInAnyOrder(
                                "name",
                                "device",
                                "data.train.pairs",
                                "optimizer.learning_rate",
                                "optimizer.epsilon",
                                "optimizer.weight_decay",
                                "optimizer.max_grad_norm",
                                "training.epochs",
                                "training.batch_size",
                                "training.evaluate_every"));
    }

    @Test
    void keys_with_defaults_are_optional_even_if_other_keys_are_invalid() {
        assertThatThrownBy(() -> Experiments.only(folder, Experiments.MINIMAL.replace("tabular", "tabulr")))
                .isInstanceOfSatisfying(ConfigException.class, refused -> assertThat(refused.errors())
                        .extracting(ConfigError::path)
                        .containsExactly("backend"));
        assertThatThrownBy(() -> Experiments.only(folder, Experiments.MINIMAL + "model: {vocabulary: 2, length: x}\n"))
                .isInstanceOfSatisfying(ConfigException.class, refused -> assertThat(refused.errors())
                        .extracting(ConfigError::path)
                        .containsExactlyInAnyOrder("model.vocabulary", "model.length"));
        assertThatThrownBy(() -> Experiments.only(
                        folder,
                        Experiments.MINIMAL
                                .replace("name: test", "name: a/data")
                                .replace("pairs: 16", "pairs: 0")))
                .isInstanceOfSatisfying(ConfigException.class, refused -> assertThat(refused.errors())
                        .extracting(ConfigError::path)
                        .containsExactlyInAnyOrder("name", "data.train.pairs"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            objective: {preference: {type: sigmoid, beta: 0}}      | objective.preference.beta must be positive and finite, got 0.0 (
            objective: {preference: {type: sigmoid, beta: .nan}}   | objective.preference.beta must be positive and finite, got NaN (
            objective: {preference: {type: ipo}}                   | objective.preference.reduction must be given
            objective: {preference: {type: sigmiod}}               | got sigmiod, did you mean sigmoid?
            objective: {preference: {type: java.lang.String}}      | got java.lang.String
            objective: {turns: first}                              | objective.turns must be all, last, {discount: γ} or {weights: [w_1, …]}, got "first"
            objective: {turns: {discount: 2}}                      | discount must be in (0, 1], got 2.0
            objective: {sft: {weight: -1}}                         | weight must be finite and at least 0
            objective: {sft: {weight: gamma}}                      | objective.sft.weight must be a number or beta, got "gamma"
            objective: {groups: {weights: {a: 0}}}                 | objective.groups.weights must have a positive sum, got {a=0.0}
            schedule: {type: lineer}                               | schedule.type must be one of constant, linear, cosine, got "lineer"
            optimizer: {learning_rate: 0.1, betas: [0.9]}          | optimizer.betas must be two numbers, got [0.9]
            model: {vocabulary: 2}                                 | model.vocabulary must be at least 3, got 2
            training: {samples: {prompts: 0}}                      | training.samples.prompts must be at least 1, got 0
            training: {samples: {top_p: 0}}                        | training.samples.top_p must be positive and finite, got 0.0
            training: {samples: {topp: 1}}                         | training.samples.topp is not a key here, did you mean top_p?
            training: {samples: {}}                                | training.samples must be absent without data.evaluation
            name: 7                                                | name must be text, got 7
            name: a/b                                              | name must be letters, digits
            name: ..                                               | name must be letters, digits
            device: gpu                                            | device must be cpu, cuda or cuda:N, got gpu (
            device: cuda:-1                                        | device must be cpu, cuda or cuda:N, got cuda:-1 (
            """)
    void a_wrong_value_is_refused_at_its_location(String line, String message) {
        String key = line.substring(0, line.indexOf(':'));
        String text = Experiments.MINIMAL
                        .lines()
                        .filter(l -> !l.startsWith(key + ":"))
                        .reduce("", (a, b) -> a + b + "\n")
                + line;
        assertThatThrownBy(() -> Experiments.only(folder, text))
                .isInstanceOf(ConfigException.class)
                .message()
                .contains(message);
    }

    @Test
    void the_error_for_an_unknown_backend_lists_the_known_ones() {
        assertThatThrownBy(() -> Experiments.only(folder, Experiments.MINIMAL.replace("tabular", "tabulr")))
                .hasMessageContaining("got tabulr, did you mean tabular?");
    }

    @Test
    void a_missing_file_and_a_file_that_is_not_yaml_are_refused_by_name() throws IOException {
        assertThatThrownBy(() -> ExperimentFile.read(folder.resolve("absent.yaml"), List.of(), backends))
                .hasMessageContaining("config must exist, found no such file")
                .hasMessageContaining("absent.yaml");
        assertThatThrownBy(() -> Experiments.only(folder, "name: ["))
                .hasMessageContaining("config must be YAML")
                .hasMessageContaining(":1:");
        assertThatThrownBy(() -> Experiments.only(folder, "- a")).hasMessageContaining("must be a mapping of keys");
        assertThatThrownBy(() -> Experiments.only(folder, "name: a\nname: b\n"))
                .hasMessageContaining("name must be given once");
    }

    @Test
    void relative_paths_start_at_the_folder_of_the_file_and_in_overrides_at_the_working_folder() {
        String text =
                Experiments.MINIMAL.replace("{format: world, pairs: 16}", "{format: standard, path: pairs.jsonl}");
        assertThat(ExperimentFile.resolved(Experiments.only(folder, text), backends))
                .contains(folder.resolve("pairs.jsonl").toString());
        ExperimentConfig overridden = Experiments.only(folder, text, "data.train.path=other.jsonl");
        assertThat(ExperimentFile.resolved(overridden, backends))
                .contains(Path.of("other.jsonl").toAbsolutePath().toString());
    }

    @Test
    void an_override_replaces_or_adds_a_key() {
        assertThat(Experiments.only(
                                folder, Experiments.MINIMAL, "seed=7", "objective.preference={type: hinge, beta: 2}")
                        .objective()
                        .loss())
                .isEqualTo(new HingeLoss(2));
        assertThatThrownBy(() -> Experiments.only(folder, Experiments.MINIMAL, "seed"))
                .hasMessageContaining("--set must be key=value");
        assertThatThrownBy(() -> Experiments.only(folder, Experiments.MINIMAL, "name.first=x"))
                .hasMessageContaining("must lead through mappings");
    }

    @Test
    void schedules_equal_those_of_transformers() {
        LearningRateSchedule linear = new LearningRateSchedule(LearningRateSchedule.Type.LINEAR, 2);
        assertThat(linear.factor(0, 12)).isZero();
        assertThat(linear.factor(1, 12)).isEqualTo(0.5);
        assertThat(linear.factor(2, 12)).isEqualTo(1);
        assertThat(linear.factor(7, 12)).isEqualTo(0.5);
        LearningRateSchedule cosine = new LearningRateSchedule(LearningRateSchedule.Type.COSINE, 0);
        assertThat(cosine.factor(0, 12)).isEqualTo(1);
        assertThat(cosine.factor(3, 12))
                .isCloseTo(0.5 * (1 + Math.sqrt(0.5)), org.assertj.core.api.Assertions.within(1e-15));
        LearningRateSchedule constant = new LearningRateSchedule(LearningRateSchedule.Type.CONSTANT, 4);
        assertThat(constant.factor(1, 12)).isEqualTo(0.25);
        assertThat(constant.factor(11, 12)).isEqualTo(1);
    }
}
