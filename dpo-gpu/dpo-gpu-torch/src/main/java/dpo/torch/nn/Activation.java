package dpo.torch.nn;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The activation function of a feed-forward network. */
public enum Activation {

    /** SiLU, {@code x σ(x)}. */
    SILU {
        @Override
        Tensor apply(Tensor input) {
            return torch.silu(input);
        }
    },

    /** GELU, {@code x Φ(x)} (arXiv:1606.08415). */
    GELU {
        @Override
        Tensor apply(Tensor input) {
            return torch.gelu(input);
        }
    },

    /** The tanh approximation of GELU in GPT-2 and Gemma, {@code x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))}. */
    GELU_TANH {
        @Override
        Tensor apply(Tensor input) {
            return torch.gelu(input, "tanh");
        }
    };

    /** The function of every element. */
    abstract Tensor apply(Tensor input);
}
