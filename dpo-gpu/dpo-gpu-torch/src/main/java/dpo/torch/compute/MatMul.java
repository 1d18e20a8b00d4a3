package dpo.torch.compute;

import dpo.torch.tensor.BoxedOperator;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A matmul kernel for activations and weights, {@code y = x Wᵀ + b}, always outside libtorch's graph. */
public interface MatMul {

    /**
     * Multiplies activations by a weight matrix.
     *
     * @param input x, {@code [rows, in]}
     * @param weight W, {@code [out, in]}, of the same dtype; either may be a transposed view
     * @param bias b, {@code [out]}, of the same dtype
     * @return {@code [rows, out]}, contiguous, of the same dtype
     */
    Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias);

    /** {@code x Wᵀ}. */
    default Tensor linear(Tensor input, Tensor weight) {
        return linear(input, weight, Optional.empty());
    }

    /**
     * Adds {@code a x Wᵀ} to a sum, in place.
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
     * libtorch's own choice: cuBLAS on a GPU, and for bfloat16 on a CPU oneDNN, which accepts transposed views. Float32
     * factors are rounded if {@link ComputeDevice#activate} allows it, as it does for logits next to bfloat16 matmuls.
     */
    record Libtorch() implements MatMul {

        @Override
        public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
            return torch.linear(input, weight, bias.map(TensorOptional::new).orElseGet(TensorOptional::new));
        }

        @Override
        public void addLinear(Tensor sum, Tensor input, Tensor weight, double scale) {
            sum.addmm_(input, weight.t(), new Scalar(1.0), new Scalar(scale));
        }
    }

    /**
     * oneDNN's matmul {@code mkldnn::_linear_pointwise}, as libtorch's compiler calls it. It computes in the dtype of
     * its arguments, while {@code torch.linear} takes OpenBLAS for float32, which has one thread here, or oneDNN with
     * factors rounded to bfloat16 where that is faster.
     */
    final class OneDnn implements MatMul {

        private static final int SCALARS = 4;

        private final BoxedOperator operator;
        private final Type.TypePtr scalar;

        OneDnn() {
            try (PointerScope scope = new PointerScope()) {
                operator = BoxedOperator.of("mkldnn::_linear_pointwise");
                operator.handle().retainReference();
                scalar = new Type.TypePtr(operator.handle()
                        .schema()
                        .arguments()
                        .getPointer(SCALARS)
                        .real_type()
                        .get()
                        .containedType(0));
                scalar.retainReference();
            }
        }

        @Override
        public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
            return operator.call(
                    new IValue(input),
                    new IValue(weight),
                    bias.map(IValue::new).orElseGet(IValue::new),
                    new IValue("none"),
                    new IValue(new GenericList(scalar)),
                    new IValue(""));
        }

        /** The cheaper order of the two, since the operator copies its first argument if it is transposed. */
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
     * bfloat16 on a processor without bfloat16 instructions: the factors are exact in float32, in which the sum is
     * taken and then rounded, as such instructions do.
     *
     * @param float32 kernel for float32 matrices
     */
    record EmulatedBfloat16(MatMul float32) implements MatMul {

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

    /** On a GPU: factors are rounded from float32 to bfloat16; sums and results are float32. */
    record Bfloat16ToFloat32() implements MatMul {

        @Override
        public Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
            Tensor product = BoxedOperator.of("aten::mm", "dtype")
                    .call(
                            new IValue(input.to(ScalarType.BFloat16)),
                            new IValue(weight.to(ScalarType.BFloat16).t()),
                            new IValue(ScalarType.Float.value));
            return bias.map(product::add_).orElse(product);
        }
    }
}
