package dpo.torch;

import dpo.core.backend.BackendContract;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contract of policies for every family; {@link TorchBackendTest} tests the Llama family. */
class FamilyContractIT {

    private interface Contract extends BackendContract {

        String variant();

        @Override
        default Policy open() {
            return new Variant(variant()).open();
        }

        /** Longer and shorter than the windows, with shared prefixes, and one with two turns. */
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

    @Nested
    class Mistral implements Contract {
        @Override
        public String variant() {
            return "mistral";
        }
    }

    @Nested
    class Qwen2 implements Contract {
        @Override
        public String variant() {
            return "qwen2";
        }
    }

    @Nested
    class Qwen3 implements Contract {
        @Override
        public String variant() {
            return "qwen3";
        }
    }

    @Nested
    class SmolLm3 implements Contract {
        @Override
        public String variant() {
            return "smollm3";
        }
    }

    @Nested
    class Gpt2 implements Contract {
        @Override
        public String variant() {
            return "gpt2";
        }
    }

    @Nested
    class GptNeoX implements Contract {
        @Override
        public String variant() {
            return "neox";
        }
    }

    @Nested
    class Gemma2 implements Contract {
        @Override
        public String variant() {
            return "gemma2";
        }
    }

    @Nested
    class Gemma3 implements Contract {
        @Override
        public String variant() {
            return "gemma3";
        }
    }
}
