package dpo.report.comparison;

import dpo.statistics.Correction;
import java.util.Optional;

/** The correction of p-values over the settings that are compared with one baseline, for each metric. */
public enum Adjustment {

    /** {@link Correction#HOLM}. */
    HOLM(Optional.of(Correction.HOLM)),

    /** {@link dpo.statistics.Dunnett}: one baseline, seeds that all settings share. */
    DUNNETT(Optional.empty()),

    /** {@link Correction#BENJAMINI_HOCHBERG}. */
    BENJAMINI_HOCHBERG(Optional.of(Correction.BENJAMINI_HOCHBERG)),

    /** {@link Correction#NONE}. */
    NONE(Optional.of(Correction.NONE));

    private final Optional<Correction> correction;

    Adjustment(Optional<Correction> correction) {
        this.correction = correction;
    }

    /** The correction of separate p-values; empty for Dunnett's test, which is one test of all settings. */
    Optional<Correction> correction() {
        return correction;
    }

    /** The correction in words, for captions. */
    public String description() {
        return correction.map(Correction::description).orElse("Dunnett's test");
    }
}
