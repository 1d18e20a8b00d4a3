package dpo.torch.nn;

import dpo.core.setting.Requirement;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A normalization of vectors over their last dimension. */
public interface Norm {

    /** The parameters, each of one dimension; weight decay does not apply to them. */
    Stream<Parameter> parameters();

    /**
     * The normalized vectors, in float32 for inputs of any dtype.
     *
     * @param input {@code […, size]}
     * @return {@code […, size]}
     */
    Tensor apply(Tensor input, ForwardContext context);

    /** The activations saved for the backward pass of a number of vectors, besides the input. */
    SavedActivations savedActivations(long vectors);

    /**
     * RMSNorm, {@code x / √(mean(x²) + ε) · (offset + w)} (arXiv:1910.07467).
     *
     * @param name of its parameter, before {@code .weight}
     * @param size length of a vector
     * @param epsilon ε
     * @param offset added to the stored weight: 0, or 1 in the Gemma families
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
        public Tensor apply(Tensor input, ForwardContext context) {
            return context.apply(new RmsNormalization(context.parameter(name + ".weight"), offset, epsilon), input);
        }

        /** The result, and products of the same size while the gradient is computed. */
        @Override
        public SavedActivations savedActivations(long vectors) {
            return SavedActivations.inFloat32(vectors * size).plus(SavedActivations.matMulInputs(vectors * size));
        }
    }

    /**
     * LayerNorm, {@code (x − mean(x)) / √(var(x) + ε) · w + b} (arXiv:1607.06450).
     *
     * @param name of its parameters, before {@code .weight} and {@code .bias}
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
        public Tensor apply(Tensor input, ForwardContext context) {
            TensorOptional weight = new TensorOptional(context.parameter(name + ".weight"));
            TensorOptional bias = new TensorOptional(context.parameter(name + ".bias"));
            return torch.layer_norm(input.to(ScalarType.Float), new long[] {size}, weight, bias, epsilon, false);
        }

        /** The result. */
        @Override
        public SavedActivations savedActivations(long vectors) {
            return SavedActivations.matMulInputs(vectors * size);
        }
    }
}
