package dpo.core.tabular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.BackendContract;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.random.RandomStreams;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TabularBackendTest implements BackendContract {

    static final TabularModel MODEL = new TabularModel(4, 5, 2, 3, 1.0, 1.0);

    /** Prompts are the tokens 4 and 5. */
    static final List<TokenSequence> SEQUENCES = List.of(
            TokenSequence.of(new int[] {4}, new int[] {1, 2, 3, 3, 0}),
            TokenSequence.of(new int[] {5}, new int[] {0}),
            TokenSequence.of(new int[] {5, 2}, new int[] {1, 1}),
            new TokenSequence(new int[] {4, 3, 2, 1, 2, 2}, List.of(new Span(1, 2), new Span(4, 6))),
            TokenSequence.of(new int[] {4}, new int[] {1, 2, 1}));

    private final TabularBackend backend = new TabularBackend();

    @Override
    public Policy open() {
        return backend.open(MODEL, new Execution("cpu", 1), 1);
    }

    @Override
    public List<TokenSequence> sequences() {
        return SEQUENCES;
    }

    /** Completions cannot contain prompt tokens. */
    @Override
    public int completionVocabulary(Policy policy) {
        return 4;
    }

    @Test
    void the_backend_is_found_by_its_name() {
        List<String> names = new ArrayList<>();
        for (Backend<?> found : ServiceLoader.load(Backend.class)) {
            names.add(found.name());
        }
        assertThat(names).containsExactly("tabular");
        assertThat(backend.modelSettings()).isEqualTo(TabularModel.class);
    }

    @Test
    void a_device_other_than_the_cpu_is_refused_and_not_replaced() {
        assertThat(backend.availability("cpu")).isEqualTo(new Availability.Available());
        assertThat(backend.availability("cuda")).isInstanceOf(Availability.Missing.class);
        assertThatThrownBy(() -> backend.open(MODEL, new Execution("cuda", 1), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("device must be cpu, got cuda");
    }

    @Test
    void the_seed_of_the_run_does_not_change_the_policy_but_the_seed_of_the_world_does() {
        Execution cpu = new Execution("cpu", 1);
        assertThat(backend.open(MODEL, cpu, 2).fingerprint()).isEqualTo(open().fingerprint());
        assertThat(backend.open(new TabularModel(4, 5, 2, 4, 1.0, 1.0), cpu, 1).fingerprint())
                .isNotEqualTo(open().fingerprint());
    }

    @Test
    void settings_out_of_range_are_refused() {
        assertThatThrownBy(() -> new TabularModel(2, 5, 2, 0, 1, 1)).hasMessage("vocabulary must be at least 3, got 2");
        assertThatThrownBy(() -> new TabularModel(50_000, 50_000, 2, 0, 1, 1).world())
                .hasMessageContaining("at most 2147483647 entries");
        assertThatThrownBy(() -> new TabularModel(3, 0, 2, 0, 1, 1)).hasMessage("length must be at least 1, got 0");
        assertThatThrownBy(() -> new TabularModel(3, 5, 0, 0, 1, 1)).hasMessage("prompts must be at least 1, got 0");
        assertThatThrownBy(() -> new TabularModel(3, 5, 2, 0, Double.NaN, 1)).hasMessageContaining("sharpness");
        assertThatThrownBy(() -> new TabularModel(3, 5, 2, 0, 1, -1)).hasMessageContaining("reward_scale");
    }

    @Test
    void the_data_of_a_model_are_sampled_from_its_world() {
        List<Preference> pairs = backend.sampler(MODEL).orElseThrow().samplePairs(20, stream());
        assertThat(pairs).isEqualTo(MODEL.world().samplePairs(20, stream()));
    }

    private static RandomGenerator stream() {
        return new RandomStreams(7).stream("pairs");
    }
}
