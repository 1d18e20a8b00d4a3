package dpo.core.theory;

/** Minimises the larger of two functions. */
public final class Minimax {

    private static final int BISECTIONS = 60;
    private static final int NEWTON_STEPS = 200;

    private Minimax() {}

    /**
     * The minimum of {@code max(f, g)}.
     *
     * @param point where it is
     * @param weight q of the first function: the point minimises {@code q f + (1 − q) g}
     * @param first f there
     * @param second g there
     */
    public record Saddle(double[] point, double weight, double first, double second) {}

    /**
     * Minimises {@code max(f, g)} by bisection of the weight q in {@code min_x q f(x) + (1 − q) g(x)}: at its minimiser
     * f − g falls as q grows, and the minimum is where f = g, or at the minimum of the larger function. Both functions
     * must have one minimum, and so must their weighted means.
     *
     * @param start first point of Newton's method, for every weight
     */
    public static Saddle minimise(SmoothFunction first, SmoothFunction second, double[] start) {
        Saddle ofFirst = at(first, second, 1, start);
        if (ofFirst.first() >= ofFirst.second()) {
            return ofFirst;
        }
        Saddle ofSecond = at(first, second, 0, start);
        if (ofSecond.second() >= ofSecond.first()) {
            return ofSecond;
        }
        Saddle middle = at(first, second, 0.5, start);
        double low = 0;
        double high = 1;
        for (int i = 0; i < BISECTIONS && middle.first() != middle.second(); i++) {
            if (middle.first() > middle.second()) {
                low = middle.weight();
            } else {
                high = middle.weight();
            }
            middle = at(first, second, 0.5 * (low + high), start);
        }
        return middle;
    }

    private static Saddle at(SmoothFunction first, SmoothFunction second, double weight, double[] start) {
        SmoothFunction mean = second.plus(weight, first.plus(-1, second));
        double[] point = Newton.minimise(mean, start, NEWTON_STEPS).point();
        return new Saddle(
                point, weight, first.at(point).value(), second.at(point).value());
    }
}
