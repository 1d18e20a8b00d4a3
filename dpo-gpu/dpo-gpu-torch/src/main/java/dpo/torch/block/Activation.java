package dpo.torch.block;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The nonlinearity of a feed-forward network. */
public enum Activation {

    /** {@code x σ(x)}. */
    SILU {
        @Override
        Tensor apply(Tensor input) {
            return torch.silu(input);
        }
    },

    /** {@code x Φ(x)} (arXiv:1606.08415). */
    GELU {
        @Override
        Tensor apply(Tensor input) {
            return torch.gelu(input);
        }
    },

    /** {@code x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))}, the approximation of GELU that GPT-2 and Gemma have. */
    GELU_TANH {
        @Override
        Tensor apply(Tensor input) {
            return torch.gelu(input, "tanh");
        }
    };

    /** The function of every element. */
    abstract Tensor apply(Tensor input);
}
