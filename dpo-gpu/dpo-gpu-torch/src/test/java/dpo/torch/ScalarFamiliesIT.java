package dpo.torch;

import dpo.core.backend.Execution;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarModelContract;
import dpo.core.sequence.TokenSequence;
import dpo.torch.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of scalar models for the families and the modes of training. */
class ScalarFamiliesIT {

    /** One backend for all models, as in a program. */
    private static final TorchBackend BACKEND = new TorchBackend();

    private interface Contract extends ScalarModelContract {

        TorchModel model();

        @Override
        default ScalarModel open() {
            return BACKEND.openScalar(model(), new Execution("cpu", 2), 1);
        }

        @Override
        default List<TokenSequence> sequences() {
            return List.of(
                    TokenSequence.of(new int[] {4, 9}, new int[] {1, 2, 3, 3, 0}),
                    TokenSequence.of(new int[] {4, 9}, new int[] {7}),
                    TokenSequence.of(new int[] {5, 2, 8}, new int[] {1, 1}),
                    TokenSequence.of(new int[] {4, 9, 1}, new int[] {2, 1, 7, 7, 7, 7}));
        }

        @Override
        default double tolerance() {
            return 2e-5;
        }
    }

    private static TorchModel variant(String name) {
        return TorchModel.at(new Variant(name).folder());
    }

    @Nested
    class Gpt2 implements Contract {
        @Override
        public TorchModel model() {
            return variant("gpt2");
        }
    }

    @Nested
    class GptNeoX implements Contract {
        @Override
        public TorchModel model() {
            return variant("neox");
        }
    }

    @Nested
    class Gemma2ComputedAnew implements Contract {
        @Override
        public TorchModel model() {
            return variant("gemma2").withCheckpointing();
        }
    }

    @Nested
    class AdapterOfLlama implements Contract {
        @Override
        public TorchModel model() {
            return variant("llama31").with(Opened.lora(4, 8, 0));
        }
    }

    @Nested
    class AdapterOfQwen3 implements Contract {
        @Override
        public TorchModel model() {
            return variant("qwen3").with(Opened.lora(4, 8, 0));
        }
    }

    @Nested
    class Bfloat16 implements Contract {
        @Override
        public TorchModel model() {
            return variant("llama31").with(Precision.BFLOAT16);
        }

        /** Two orders of a sum may differ by a rounding of 1/256. */
        @Override
        public double tolerance() {
            return 5e-2;
        }
    }
}
