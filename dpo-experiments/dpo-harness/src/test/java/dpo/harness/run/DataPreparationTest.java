package dpo.harness.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.InvalidInputException;
import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentConfig;
import dpo.harness.config.ExperimentFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Text data of every shape as the preferences of a run. */
class DataPreparationTest {

    /** The tests of a module run in its folder. */
    private static final Path TOKENIZER = Path.of("..", "..", "dpo-data", "src", "test", "resources", "tiny");

    private static final String LIST =
            "{\"prompt\": \"Q\", \"completions\": [\" a\", \" b\", \" c\"], \"ratings\": [1, 3, 2]}";
    private static final String LABEL = "{\"prompt\": \"Q\", \"completion\": \" a\", \"label\": true}";

    @TempDir
    Path folder;

    @Test
    void lists_labels_and_rated_pairs_keep_their_preferences() throws IOException {
        assertThat(labels(prepare("sft", "ranked", LIST)))
                .containsExactly(new Label(3, List.of(3.0, 2.0, 1.0), Label.ONLY_GROUP, 1));
        assertThat(labels(prepare("sft", "unpaired", LABEL))).containsExactly(Label.desirable(true));
        assertThat(labels(prepare("sigmoid", "ranked, pairs: best", LIST)))
                .containsExactly(
                        new Label(2, List.of(3.0, 2.0), Label.ONLY_GROUP, 0.5),
                        new Label(2, List.of(3.0, 1.0), Label.ONLY_GROUP, 0.5));
        assertThat(labels(prepare(
                        "odpo",
                        "standard, chosen_rating_field: c, rejected_rating_field: r",
                        "{\"prompt\": \"Q\", \"chosen\": \" a\", \"rejected\": \" b\", \"c\": 8.5, \"r\": 3}")))
                .containsExactly(new Label(2, List.of(8.5, 3.0), Label.ONLY_GROUP, 1));
    }

    @Test
    void pairwise_objectives_refuse_lists_and_labels_and_objectives_of_ratings_refuse_data_without_ratings() {
        assertThatThrownBy(() -> prepare("sigmoid", "ranked", LIST))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("data.train must suit the objective", "got 3", "row-1");
        assertThatThrownBy(() -> prepare("sigmoid", "unpaired", LABEL))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("data.train must suit the objective", "got 1", "row-1");
        assertThatThrownBy(() -> prepare(
                        "odpo", "ranked, pairs: all", LIST.replace("\"ratings\": [1, 3, 2]", "\"ranks\": [3, 1, 2]")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContainingAll("data.train must suit the objective", "row-1/1-2");
    }

    @Test
    void the_data_hash_depends_on_labels_ratings_order_and_every_completion() throws IOException {
        assertThat(List.of(
                        hash("unpaired", LABEL),
                        hash("unpaired", LABEL.replace("true", "false")),
                        hash("ranked", LIST),
                        hash("ranked", LIST.replace("[1, 3, 2]", "[1, 4, 2]")),
                        hash("ranked", LIST.replace("[1, 3, 2]", "[2, 3, 1]")),
                        hash("ranked", LIST.replace("\" c\"", "\" d\"")),
                        hash("ranked, pairs: best", LIST),
                        hash("ranked", LIST.replace("\"ratings\": [1, 3, 2]", "\"ranks\": [3, 1, 2]"))))
                .doesNotHaveDuplicates();
        assertThat(hash("ranked", LIST)).isEqualTo(hash("ranked", LIST));
    }

    @Test
    void named_evaluation_sets_have_their_names_in_provenance_messages_and_hash() throws IOException {
        PreparedData data = evaluated("{one: A, two: B}");
        assertThat(data.provenance().keySet()).containsExactly("train", "evaluation.one", "evaluation.two");
        assertThat(data.sources().keySet()).containsExactly("train", "evaluation.one", "evaluation.two");
        assertThat(data.tokens().preferences()).hasSize(1 + 1 + 1);
        assertThat(List.of(
                        data.hash(),
                        evaluated("{two: B, one: A}").hash(),
                        evaluated("{two: A, one: B}").hash(),
                        evaluated("{other: A, two: B}").hash(),
                        evaluated("{one: A}").hash(),
                        evaluated("A").hash(),
                        evaluated("null").hash()))
                .doesNotHaveDuplicates();
        assertThatThrownBy(() -> evaluated("{one: A, two: C}"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("data.evaluation.two must suit the objective");
    }

    private PreparedData evaluated(String evaluation) throws IOException {
        Path rows = Files.writeString(folder.resolve("a.jsonl"), LIST);
        Path others = Files.writeString(folder.resolve("b.jsonl"), LIST.replace("\" c\"", "\" d\""));
        Path labels = Files.writeString(folder.resolve("c.jsonl"), LABEL);
        return prepare("""
                name: prepared
                backend: torch
                model: {path: none}
                data: {train: A, evaluation: EVALUATION, tokenizer: 'TOKENIZER'}
                objective: {preference: {type: softmax_dpo}}
                optimizer: {learning_rate: 0.05}
                """.replace("EVALUATION", evaluation)
                .replace("A,", "{format: ranked, path: '" + rows + "'},")
                .replace("A}", "{format: ranked, path: '" + rows + "'}}")
                .replace(": B", ": {format: ranked, path: '" + others + "'}")
                .replace(": C", ": {format: unpaired, path: '" + labels + "'}")
                .replace("TOKENIZER", TOKENIZER.toAbsolutePath().toString()));
    }

    @Test
    void pairs_of_a_world_need_a_model_whose_backend_samples_them() throws IOException {
        assertThat(sampled("tabular", "vocabulary: 5").tokens().train()).hasSize(3);
        assertThatThrownBy(() -> sampled("torch", "path: none"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data.train.format must be a text format for a model without a world, got world (backend"
                        + " torch)");
    }

    @Test
    void text_needs_a_backend_that_reads_text() {
        String tabular = """
                name: prepared
                backend: tabular
                data: {train: {format: world, pairs: 3}}
                optimizer: {learning_rate: 0.05}
                """;
        assertThatThrownBy(() ->
                        prepare(tabular.replace("{format: world, pairs: 3}", "{format: hh-rlhf, path: absent.jsonl}")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("data.train.format must be world, got hh-rlhf"
                        + " (this model of backend tabular reads only format: world; a checkpoint on backend torch reads"
                        + " text)");
        String sft = "objective: {sft: {weight: 1, data: {format: messages, path: absent.jsonl}}}\n";
        assertThatThrownBy(() -> prepare(tabular + sft))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("objective.sft.data must be absent, got text"
                        + " (this model of backend tabular reads only format: world; a checkpoint on backend torch reads"
                        + " text)");
    }

    @Test
    void cells_with_the_same_data_share_them() throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), LABEL);
        for (String data : List.of(
                "tabular\nmodel: {}\ndata: {train: {format: world, pairs: 3}}\nobjective: {preference: {type: sigmoid}}",
                "torch\nmodel: {path: none}\ndata: {train: {format: unpaired, path: '" + rows + "'}, tokenizer: '"
                        + TOKENIZER.toAbsolutePath() + "'}\nobjective: {preference: {type: sft}}")) {
            Path file = Files.writeString(
                    folder.resolve("sweep.yaml"),
                    "name: shared\nbackend: " + data
                            + "\noptimizer: {learning_rate: 0.05}\nsweep: {optimizer.learning_rate: [0.1, 0.2]}\n");
            DataPreparation preparation = new DataPreparation(Backends.onClassPath());
            List<List<Preference>> cells = ExperimentFile.read(file, List.of(), Backends.onClassPath()).cells().stream()
                    .map(cell -> preparation
                            .prepare(cell.config(), Optional.empty(), 512)
                            .tokens()
                            .train())
                    .toList();
            assertThat(cells.get(0)).isSameAs(cells.get(1));
        }
    }

    private PreparedData sampled(String backend, String model) throws IOException {
        return prepare("""
                name: prepared
                backend: BACKEND
                model: {MODEL}
                data: {train: {format: world, pairs: 3}}
                optimizer: {learning_rate: 0.05}
                """.replace("BACKEND", backend).replace("MODEL", model));
    }

    private String hash(String format, String row) throws IOException {
        return prepare("sft", format, row).hash();
    }

    private static List<Label> labels(PreparedData data) {
        return data.tokens().train().stream().map(Preference::label).toList();
    }

    private PreparedData prepare(String loss, String format, String row) throws IOException {
        Path rows = Files.writeString(Files.createTempFile(folder, "rows", ".jsonl"), row);
        return prepare("""
                name: prepared
                backend: torch
                model: {path: none}
                data: {train: {format: FORMAT, path: 'ROWS'}, tokenizer: 'TOKENIZER'}
                objective: {preference: {type: LOSS}}
                optimizer: {learning_rate: 0.05}
                """.replace("FORMAT", format)
                .replace("ROWS", rows.toString())
                .replace("TOKENIZER", TOKENIZER.toAbsolutePath().toString())
                .replace("LOSS", loss));
    }

    private PreparedData prepare(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("experiment.yaml"), text);
        ExperimentConfig config = ExperimentFile.read(file, List.of(), Backends.onClassPath())
                .cells()
                .get(0)
                .config();
        return new DataPreparation(Backends.onClassPath()).prepare(config, Optional.empty(), 512);
    }
}
