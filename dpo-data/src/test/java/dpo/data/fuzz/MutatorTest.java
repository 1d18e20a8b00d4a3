package dpo.data.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MutatorTest {

    private static final byte[] LINES = ("{\"prompt\": \"x\", \"chosen\": [{\"role\": \"user\"}], \"n\": [1, 2]}\n"
                    + "{\"prompt\": \"y\"}\n")
            .getBytes(StandardCharsets.UTF_8);

    private final Campaign campaign = new Campaign(1, List.of(LINES));

    @Test
    void a_mutant_depends_only_on_seed_and_number() {
        for (int i = 0; i < 50; i++) {
            assertThat(campaign.mutant(i, Mutator::any))
                    .isEqualTo(new Campaign(1, List.of(LINES)).mutant(i, Mutator::any));
        }
        assertThat(campaign.mutant(0, Mutator::any))
                .isNotEqualTo(new Campaign(2, List.of(LINES)).mutant(0, Mutator::any));
    }

    @Test
    void most_mutants_differ_from_each_other() {
        Set<String> mutants = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            mutants.add(new String(campaign.mutant(i, Mutator::any), StandardCharsets.ISO_8859_1));
        }
        assertThat(mutants.size()).isGreaterThan(800);
    }

    @Test
    void a_broken_law_is_reported_with_seed_number_and_input() {
        assertThatThrownBy(() -> campaign.run(5, (corpus, random) -> new byte[] {65}, input -> {
                    throw new IllegalStateException("broken");
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("law broken by mutant 0 of seed 1: 1 bytes, base64 QQ==")
                .hasRootCauseMessage("broken");
    }
}
