package dpo.core.loss;

/** The rating gap of a pair, for the objectives that cannot do without. */
final class RatingGaps {

    private RatingGaps() {}

    /**
     * The rating of the chosen completion minus that of the rejected one.
     *
     * @throws IllegalArgumentException where the data do not rate the pair
     */
    static double of(PairwiseLoss.Pair pair, PairwiseLoss loss) {
        if (!Double.isFinite(pair.ratingGap())) {
            throw new IllegalArgumentException("rating gap of a pair must be finite, got " + pair.ratingGap() + " ("
                    + Objectives.typeOf(loss.getClass()) + " needs data with a rating of both completions)");
        }
        return pair.ratingGap();
    }
}
