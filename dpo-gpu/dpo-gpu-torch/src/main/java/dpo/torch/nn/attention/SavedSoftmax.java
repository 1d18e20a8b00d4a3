package dpo.torch.nn.attention;

import dpo.torch.tensor.BoxedOperator;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.RetainedTensors;
import java.util.Optional;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Attention of a batch of matrices that saves its softmax P, {@code [batch, queries, keys]}, for the backward pass: with
 * the gradient g of the result, {@code ∂v = Pᵀ g}, {@code ∂S = P ∘ (g vᵀ − rowsum(P ∘ g vᵀ))}, times the slope of the
 * cap, {@code ∂q = s ∂S k} and {@code ∂k = s ∂Sᵀ q}.
 *
 * <p>Scores and softmax are float32; P is saved, and multiplied, in the dtype of matmuls.
 */
final class SavedSoftmax implements AutoCloseable {

    private final Attention settings;
    private final Mask mask;

    /** P, and with a cap the capped scores. */
    private final RetainedTensors saved = new RetainedTensors();

    SavedSoftmax(Attention settings, Mask mask) {
        this.settings = settings;
        this.mask = mask;
    }

    /** Masks scores {@code [batch, queries, keys]}. */
    interface Mask {

        /** {@code s q kᵀ + mask}. */
        Tensor scores(Tensor queries, Tensor keysTransposed, Scalar scale);

        /** {@code scores + mask}. */
        Tensor addedTo(Tensor scores);
    }

    /** {@code P v} for queries {@code [batch, queries, d]}, and keys and values {@code [batch, keys, d]}. */
    Tensor forward(Tensor queries, Tensor keys, Tensor values, boolean forGradient) {
        ScalarType ofMatMuls = values.scalar_type();
        Tensor wide = Precision.widened(queries);
        Tensor keysTransposed = Precision.widened(keys).transpose(1, 2);
        Scalar scale = new Scalar(settings.scale());
        Optional<Tensor> capped = settings.softCap()
                .map(cap -> cap.applyTo(wide.bmm(keysTransposed).mul_(scale)));
        Tensor scores = capped.map(mask::addedTo).orElseGet(() -> mask.scores(wide, keysTransposed, scale));
        Tensor softmax = scores.softmax(-1).to(ofMatMuls);
        if (forGradient) {
            saved.add(softmax);
            capped.ifPresent(within -> saved.add(within.to(ofMatMuls)));
        }
        return softmax.bmm(values);
    }

    /** The gradients of queries, keys and values. */
    record Gradients(Tensor queries, Tensor keys, Tensor values) {}

    /** The gradients for inputs as in {@link #forward} and the gradient of the result. */
    Gradients backward(Tensor queries, Tensor keys, Tensor values, Tensor gradient) {
        Tensor softmax = saved.get(0);
        Tensor ofScores = beforeSoftmax(gradient.bmm(values.transpose(1, 2)), softmax);
        settings.softCap().ifPresent(cap -> ofScores.mul_(cap.slope(saved.get(1))));
        Scalar scale = new Scalar(settings.scale());
        return new Gradients(
                ofScores.bmm(keys).mul_(scale),
                ofScores.transpose(1, 2).bmm(queries).mul_(scale),
                softmax.transpose(1, 2).bmm(gradient));
    }

    /** The gradient of the input of a softmax over the last dimension. */
    private static Tensor beforeSoftmax(Tensor gradient, Tensor softmax) {
        return BoxedOperator.of("aten::_softmax_backward_data")
                .call(new IValue(gradient), new IValue(softmax), new IValue(-1L), new IValue((long)
                        softmax.scalar_type().value));
    }

    @Override
    public void close() {
        saved.close();
    }
}
