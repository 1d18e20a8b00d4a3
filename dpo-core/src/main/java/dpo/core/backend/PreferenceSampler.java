package dpo.core.backend;

import dpo.core.sequence.Preference;
import java.util.List;
import java.util.random.RandomGenerator;

/** Draws labelled preferences from a known distribution over the tokens of a model. */
public interface PreferenceSampler {

    /**
     * Samples labelled pairs.
     *
     * @param n number of pairs, at least 1; their ids count from 0
     * @param random source of all choices
     * @throws IllegalStateException if the distribution does not give two different completions
     */
    List<Preference> samplePairs(int n, RandomGenerator random);
}
