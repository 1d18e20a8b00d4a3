package dpo.torch;

import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Who computes the float32 products of activations and weights, {@code y = x Wᵀ + b}. */
enum Product {

    /** libtorch's own way on the CPU: OpenBLAS, on one thread. */
    OPENBLAS,

    /** oneDNN's matrix product, which libtorch takes on processors with AVX-512 once it is allowed to. */
    ONEDNN_PRODUCT,

    /**
     * oneDNN's convolution with filters of size 1, which is the same sum and which libtorch takes on any processor,
     * where it has several threads. Tokens are the pixels of one image, features its channels, innermost: nothing is
     * copied.
     */
    ONEDNN_CONVOLUTION,

    /** cuBLAS, without TF32. */
    CUBLAS;

    /**
     * The product, in libtorch's graph.
     *
     * @param input x, {@code [rows, in]}
     * @param weight W, {@code [out, in]}
     * @param bias b, {@code [out]}
     * @return {@code [rows, out]}, contiguous
     */
    Tensor linear(Tensor input, Tensor weight, Optional<Tensor> bias) {
        TensorOptional added = bias.map(TensorOptional::new).orElseGet(TensorOptional::new);
        if (this != ONEDNN_CONVOLUTION) {
            return torch.linear(input, weight, added);
        }
        Tensor image = input.t().unsqueeze(0).unsqueeze(3);
        Tensor filters = weight.unsqueeze(2).unsqueeze(3);
        return torch.conv2d(image, filters, added, new long[] {1, 1}, new long[] {0, 0}, new long[] {1, 1}, 1)
                .squeeze(3)
                .squeeze(0)
                .t()
                .contiguous();
    }
}
