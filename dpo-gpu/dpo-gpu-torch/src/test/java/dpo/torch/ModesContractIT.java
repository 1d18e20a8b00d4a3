package dpo.torch;

import dpo.core.backend.BackendContract;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.torch.tensor.Precision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of policies in every mode of training: adapters, bfloat16, gradient checkpointing. */
class ModesContractIT {

    /** One backend for all policies, as in a program. */
    private static final TorchBackend BACKEND = new TorchBackend();

    private interface Contract extends BackendContract {

        TorchModel model();

        @Override
        default Policy open() {
            return BACKEND.open(model(), new Execution("cpu", 2), 1);
        }

        @Override
        default List<TokenSequence> sequences() {
            List<TokenSequence> sequences = new ArrayList<>(Variant.sequences());
            sequences.add(new TokenSequence(
                    new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 8, 30}, List.of(new Span(2, 4), new Span(9, 11))));
            return sequences;
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
    class AdapterOfLlama implements Contract {
        @Override
        public TorchModel model() {
            return variant("llama31").with(Opened.lora(4, 8, 0));
        }
    }

    @Nested
    class AdapterOfGpt2ComputedAnew implements Contract {
        @Override
        public TorchModel model() {
            return variant("gpt2").with(Opened.lora(4, 8, 0)).withCheckpointing();
        }
    }

    @Nested
    class GradientCheckpointing implements Contract {
        @Override
        public TorchModel model() {
            return variant("gemma2").withCheckpointing();
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
