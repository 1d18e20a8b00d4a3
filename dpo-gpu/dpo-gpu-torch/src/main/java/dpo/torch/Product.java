package dpo.torch;

import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/** Who computes the products of activations and weights, {@code y = x Wᵀ + b}; always outside of libtorch's graph. */
interface Product {

    /**
     * The product.
     *
     * @param input x, {@code [rows, in]}
     * @param weight W, {@code [out, in]}, of the same type; either may be a transposed view
     * @param bias b, {@code [out]}, of the same type
     * @return {@code [rows, out]}, contiguous, of the same type
     */
    Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias);

    /** {@code x Wᵀ}. */
    default Tensor linear(Tensor input, Tensor weight) {
        return linear(input, weight, Optional.empty());
    }

    /**
     * Adds {@code a x Wᵀ} to a sum, in its place.
     *
     * @param sum {@code [rows, out]}, contiguous
     * @param scale a
     */
    default void addLinear(Tensor sum, Tensor input, Tensor weight, double scale) {
        sum.add_(linear(input, weight), new Scalar(scale));
    }

    /**
     * {@code gᵀ x}, the sum over rows.
     *
     * @param left g, {@code [rows, out]}
     * @param right x, {@code [rows, in]}
     * @return {@code [out, in]}, contiguous
     */
    default Tensor overRows(Tensor left, Tensor right) {
        return linear(left.t(), right.t());
    }

    /**
     * libtorch's own choice: cuBLAS on a GPU, and for bfloat16 on a CPU oneDNN, which takes transposed views as they are.
     * float32 factors are rounded where {@link Machine#use} allows it: those of logits beside bfloat16 products.
     */
    record OfLibtorch() implements Product {

        @Override
        public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
            return torch.linear(input, weight, optional(bias));
        }

        @Override
        public void addLinear(Tensor sum, Tensor input, Tensor weight, double scale) {
            sum.addmm_(input, weight.t(), new Scalar(1.0), new Scalar(scale));
        }
    }

    /**
     * oneDNN's matrix product, called by the name under which libtorch's compiler does: {@code mkldnn::_linear_pointwise}.
     * It computes in the type of its arguments, whereas {@code torch.linear} takes OpenBLAS for float32, which has one
     * thread here, or oneDNN with factors rounded to bfloat16 where that is faster.
     */
    final class OfOneDnn implements Product {

        private static final String NAME = "mkldnn::_linear_pointwise";
        private static final int SCALARS = 4;

        private final OperatorHandle operator;
        private final Type.TypePtr scalar;

        OfOneDnn() {
            try (PointerScope scope = new PointerScope()) {
                operator = Dispatcher.singleton().findSchemaOrThrow(NAME, "").retainReference();
                scalar = new Type.TypePtr(
                        operator.schema().arguments().getPointer(SCALARS).real_type().get().containedType(0));
                scalar.retainReference();
            }
        }

        @Override
        public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
            IValueVector stack = new IValueVector(
                    new IValue(input), new IValue(weight), bias.map(IValue::new).orElseGet(IValue::new),
                    new IValue("none"), new IValue(new GenericList(scalar)), new IValue(""));
            operator.callBoxed(stack);
            return new Tensor(stack.get(0).toTensor());
        }

        /** The smaller way of two, since the first argument of the operator is laid out anew where it is transposed. */
        @Override
        public Tensor overRows(Tensor left, Tensor right) {
            long rows = left.size(0);
            long out = left.size(1);
            long in = right.size(1);
            return rows * out <= rows * in + in * out
                    ? linear(left.t(), right.t())
                    : linear(right.t(), left.t()).t().contiguous();
        }
    }

    /**
     * bfloat16 on a processor without instructions for it: the numbers are exact in float32, in which the sum is taken
     * and then rounded, as such instructions do.
     *
     * @param float32 computes the product of float32 matrices
     */
    record Rounded(Product float32) implements Product {

        @Override
        public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
            return float32.linear(
                            input.to(ScalarType.Float),
                            weight.to(ScalarType.Float),
                            bias.map(present -> present.to(ScalarType.Float)))
                    .to(ScalarType.BFloat16);
        }

        @Override
        public void addLinear(Tensor sum, Tensor input, Tensor weight, double scale) {
            Tensor product = float32.linear(input.to(ScalarType.Float), weight.to(ScalarType.Float));
            sum.copy_(sum.to(ScalarType.Float).add_(product, new Scalar(scale)));
        }
    }

    /** On a GPU: float32 numbers, rounded to bfloat16 as factors; sums and results are float32. */
    record WideSums() implements Product {

        @Override
        public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
            IValueVector stack = new IValueVector(
                    new IValue(input.to(ScalarType.BFloat16)),
                    new IValue(weight.to(ScalarType.BFloat16).t()),
                    new IValue(ScalarType.Float.value));
            Dispatcher.singleton().findSchemaOrThrow("aten::mm", "dtype").callBoxed(stack);
            Tensor product = new Tensor(stack.get(0).toTensor());
            return bias.map(product::add_).orElse(product);
        }
    }

    private static TensorOptional optional(Optional<Tensor> tensor) {
        return tensor.map(TensorOptional::new).orElseGet(TensorOptional::new);
    }
}
