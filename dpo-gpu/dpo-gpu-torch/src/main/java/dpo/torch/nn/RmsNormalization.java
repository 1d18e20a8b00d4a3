package dpo.torch.nn;

import dpo.torch.autograd.Gradients;
import dpo.torch.autograd.Operation;
import dpo.torch.tensor.RetainedTensors;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * RMSNorm of vectors x of n numbers, {@code y = r x ∘ w} with {@code r = (|x|²/n + ε)^(−1/2)}, and its gradient: {@code
 * ∂x = r (g ∘ w) − r³/n (g ∘ x · w) x} and {@code ∂w = Σ r (g ∘ x)}, where g is that of y. libtorch has no kernel of it
 * for CPUs, and differentiates ten small operations.
 */
final class RmsNormalization implements Operation {

    private final Tensor weight;
    private final double offset;
    private final double epsilon;

    /** r, {@code […, 1]}. */
    private final RetainedTensors saved = new RetainedTensors();

    /**
     * @param weight the parameter
     * @param offset added to it: w is their sum
     */
    RmsNormalization(Tensor weight, double offset, double epsilon) {
        this.weight = weight;
        this.offset = offset;
        this.epsilon = epsilon;
    }

    @Override
    public Tensor forward(List<Tensor> inputs, boolean forGradient) {
        Tensor input = inputs.get(0).to(ScalarType.Float);
        Tensor norm = torch.linalg_vector_norm(input, new Scalar(2.0), new long[] {-1}, true, new ScalarTypeOptional());
        Tensor inverse = norm.mul_(norm)
                .div_(new Scalar((double) input.size(-1)))
                .add_(new Scalar(epsilon))
                .rsqrt_();
        if (forGradient) {
            saved.add(inverse);
        }
        return input.mul(inverse).mul_(factor());
    }

    @Override
    public List<Tensor> backward(List<Tensor> inputs, Tensor gradient) {
        long size = gradient.size(-1);
        Tensor vectors = inputs.get(0).to(ScalarType.Float).reshape(-1, size);
        Tensor ofResult = gradient.reshape(-1, size);
        Tensor inverse = saved.get(0).view(-1);
        Tensor products = ofResult.mul(vectors);
        if (weight.requires_grad()) {
            Gradients.add(weight, products.t().mv(inverse));
        }
        Tensor factor = factor();
        Tensor slopes = products.mv(factor).mul_(inverse).mul_(inverse).mul_(inverse);
        Tensor ofVectors = ofResult.mul(factor).mul_(inverse.unsqueeze(1));
        ofVectors.addcmul_(vectors, slopes.unsqueeze(1), new Scalar(-1.0 / size));
        return List.of(ofVectors.view(gradient.sizes()).to(inputs.get(0).scalar_type()));
    }

    private Tensor factor() {
        Tensor stored = weight.detach();
        return offset == 0 ? stored : stored.add(new Scalar(offset));
    }

    @Override
    public void close() {
        saved.close();
    }
}
