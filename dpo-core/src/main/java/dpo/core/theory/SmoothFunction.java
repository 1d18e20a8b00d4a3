package dpo.core.theory;

/** A twice differentiable function of several numbers, with its gradient. */
@FunctionalInterface
public interface SmoothFunction {

    /** Value and gradient at a point. */
    At at(double[] point);

    /**
     * A function at a point.
     *
     * @param value the value
     * @param gradient the partial derivatives, of the length of the point
     */
    record At(double value, double[] gradient) {

        /** The largest absolute partial derivative. */
        public double slope() {
            double largest = 0;
            for (double derivative : gradient) {
                largest = Math.max(largest, Math.abs(derivative));
            }
            return largest;
        }
    }
}
