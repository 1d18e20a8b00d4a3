package dpo.torch.block;

import dpo.core.setting.Requirement;
import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/** A normalisation of vectors over their last dimension. */
public interface Norm {

    /** Its parameters, of one dimension each: weight decay spares them. */
    Stream<Parameter> parameters();

    /**
     * The normalised vectors, in float32 whatever the format of the input.
     *
     * @param input {@code […, size]}
     * @return {@code […, size]}
     */
    Tensor apply(Tensor input, Weights weights);

    /** What a pass keeps of it for the gradient of so many vectors, its input apart. */
    Kept kept(long vectors);

    /**
     * {@code x / √(mean(x²) + ε) · (offset + w)} (arXiv:1910.07467).
     *
     * @param name what its parameter is called before {@code .weight}
     * @param size length of a vector
     * @param epsilon ε
     * @param offset what is added to the stored weight: 0, or 1 in the Gemma families
     */
    record Rms(String name, int size, double epsilon, double offset) implements Norm {

        public Rms {
            Requirement.positive("epsilon of " + name, epsilon);
        }

        @Override
        public Stream<Parameter> parameters() {
            return Stream.of(Parameter.of(name + ".weight", size));
        }

        @Override
        public Tensor apply(Tensor input, Weights weights) {
            Tensor stored = weights.get(name + ".weight");
            Tensor factor = offset == 0 ? stored : stored.add(new Scalar(offset));
            return torch.rms_norm(
                    input.to(ScalarType.Float), new long[] {size}, new TensorOptional(factor), new DoubleOptional(epsilon));
        }

        /** The numbers before the weight, and the result. */
        @Override
        public Kept kept(long vectors) {
            return Kept.wide(vectors * size).plus(Kept.intoProducts(vectors * size));
        }
    }

    /**
     * {@code (x − mean(x)) / √(var(x) + ε) · w + b} (arXiv:1607.06450).
     *
     * @param name what its parameters are called before {@code .weight} and {@code .bias}
     * @param size length of a vector
     * @param epsilon ε
     */
    record Layer(String name, int size, double epsilon) implements Norm {

        public Layer {
            Requirement.positive("epsilon of " + name, epsilon);
        }

        @Override
        public Stream<Parameter> parameters() {
            return Stream.of(Parameter.of(name + ".weight", size), Parameter.of(name + ".bias", size));
        }

        @Override
        public Tensor apply(Tensor input, Weights weights) {
            TensorOptional weight = new TensorOptional(weights.get(name + ".weight"));
            TensorOptional bias = new TensorOptional(weights.get(name + ".bias"));
            return torch.layer_norm(input.to(ScalarType.Float), new long[] {size}, weight, bias, epsilon, false);
        }

        /** The result. */
        @Override
        public Kept kept(long vectors) {
            return Kept.intoProducts(vectors * size);
        }
    }
}
