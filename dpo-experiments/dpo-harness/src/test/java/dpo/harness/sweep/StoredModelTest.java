package dpo.harness.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.backend.PreferenceSampler;
import dpo.core.setting.Setting;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.harness.cache.InputCache;
import dpo.harness.config.Backends;
import dpo.harness.config.ExperimentFile;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plans of models in files, by a backend that counts how often it opens one. */
class StoredModelTest {

    /** A controlled world whose number of prompts is the length of a file. */
    public static final class Counting implements Backend<Counting.Model> {

        public record Model(@Setting(about = "a file") Path path) {

            TabularModel world() {
                return new TabularModel(4, 2, (int) path.toFile().length(), 0, 1, 1);
            }
        }

        private final TabularBackend tabular = new TabularBackend();
        private int opened;

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public Class<Model> modelSettings() {
            return Model.class;
        }

        @Override
        public boolean isStored(Model model) {
            return true;
        }

        @Override
        public Availability availability(String device) {
            return tabular.availability(device);
        }

        @Override
        public Map<String, String> diagnostics() {
            return Map.of();
        }

        @Override
        public Optional<PreferenceSampler> sampler(Model model) {
            return tabular.sampler(model.world());
        }

        @Override
        public Policy open(Model model, Execution execution, long seed) {
            opened++;
            return tabular.open(model.world(), execution, seed);
        }
    }

    private static final String EXPERIMENT = """
            name: stored
            backend: counting
            model: {path: weights}
            data: {train: {format: world, pairs: 8}}
            objective: {preference: {type: sigmoid}}
            optimizer: {learning_rate: 0.05}
            sweep: {seed: [1, 2, 3]}
            """;

    @TempDir
    Path folder;

    private final ClassLoader usual = Thread.currentThread().getContextClassLoader();
    private Backends backends;

    @BeforeEach
    void addBackend() throws IOException {
        Path services = Files.createDirectories(folder.resolve("classes/META-INF/services"));
        Files.writeString(services.resolve(Backend.class.getName()), Counting.class.getName());
        URL classes = folder.resolve("classes/").toUri().toURL();
        Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {classes}, usual));
        backends = Backends.onClassPath();
        Files.writeString(folder.resolve("weights"), "abc");
    }

    @AfterEach
    void removeBackend() {
        Thread.currentThread().setContextClassLoader(usual);
    }

    private List<String> plan(InputCache cache) throws IOException {
        Path file = Files.writeString(folder.resolve("experiment.yaml"), EXPERIMENT);
        return new Planner(backends, cache)
                .plan(ExperimentFile.read(file, List.of(), backends).cells()).stream()
                        .map(PlannedRun::id)
                        .toList();
    }

    /** How often models have been opened since the last question. */
    private int opened() {
        Counting counting = (Counting) backends.find("counting").orElseThrow();
        int opened = counting.opened;
        counting.opened = 0;
        return opened;
    }

    @Test
    void a_plan_opens_a_stored_model_once_for_all_seeds() throws IOException {
        assertThat(plan(InputCache.none())).hasSize(3).doesNotHaveDuplicates();
        assertThat(opened()).isEqualTo(1);
    }

    @Test
    void a_later_plan_opens_it_only_if_a_file_has_changed_and_has_the_same_runs_as_without_a_cache()
            throws IOException {
        List<String> runs = plan(InputCache.in(folder.resolve("cache")));
        assertThat(opened()).isEqualTo(1);
        assertThat(plan(InputCache.in(folder.resolve("cache")))).isEqualTo(runs);
        assertThat(opened()).isZero();
        assertThat(plan(InputCache.none())).isEqualTo(runs);
        opened();
        Files.writeString(folder.resolve("weights"), "abcd");
        assertThat(plan(InputCache.in(folder.resolve("cache")))).doesNotContainAnyElementsOf(runs);
        assertThat(opened()).isEqualTo(1);
    }
}
