package dpo.core.theory;

/** A twice differentiable function of several numbers, with its gradient. */
@FunctionalInterface
public interface SmoothFunction {

    /** Value and gradient at a point. */
    At at(double[] point);

    /** The function {@code f(x) + weight · g(x)}. */
    default SmoothFunction plus(double weight, SmoothFunction other) {
        return point -> {
            At here = at(point);
            At there = other.at(point);
            double[] gradient = here.gradient().clone();
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] += weight * there.gradient()[i];
            }
            return new At(here.value() + weight * there.value(), gradient);
        };
    }

    /**
     * The function {@code t ↦ f(origin + t · direction)} of one number.
     *
     * @param origin the point at t = 0
     * @param direction change of the point per unit of t
     */
    default SmoothFunction along(double[] origin, double[] direction) {
        return t -> {
            double[] point = origin.clone();
            for (int i = 0; i < point.length; i++) {
                point[i] += t[0] * direction[i];
            }
            At here = at(point);
            double slope = 0;
            for (int i = 0; i < point.length; i++) {
                slope += here.gradient()[i] * direction[i];
            }
            return new At(here.value(), new double[] {slope});
        };
    }

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
