package dpo.core.loss.pairwise;

import dpo.core.loss.PairwiseLoss;
import dpo.core.loss.PreferenceLoss;
import dpo.core.sequence.Label;

/** The rating gap of a pair, for objectives that require it. */
final class RatingGaps {

    private RatingGaps() {}

    /**
     * The rating of the chosen completion minus that of the rejected one.
     *
     * @throws IllegalArgumentException if the pair has no ratings
     */
    static double of(PairwiseLoss.Pair pair, PairwiseLoss loss) {
        if (!Double.isFinite(pair.ratingGap())) {
            throw new IllegalArgumentException("rating gap of a pair must be finite, got " + pair.ratingGap() + " ("
                    + PreferenceLoss.typeOf(loss.getClass()) + " needs data with a rating of both completions)");
        }
        return pair.ratingGap();
    }

    /** Requires the label of a rated pair; see {@link PreferenceLoss#requireUsable}. */
    static void require(Label label, PairwiseLoss loss) {
        if (!label.isPair() || label.ratings().isEmpty()) {
            throw new IllegalArgumentException("preference must be a pair with a rating of both completions for "
                    + PreferenceLoss.typeOf(loss.getClass()) + ", got " + label.completions()
                    + " completions and the ratings " + label.ratings());
        }
    }
}
