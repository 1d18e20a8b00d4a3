package dpo.nd4j;

import dpo.core.backend.BackendContract;
import dpo.core.backend.Policy;
import dpo.core.sequence.TokenSequence;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Every kind of layers, and both dtypes, keep the laws of a backend. */
class NetworkContractTest {

    private interface NetworkContract extends BackendContract {

        LayerKind type();

        Precision dtype();

        @Override
        default Policy open() {
            return FreshNetworks.open(type(), dtype());
        }

        @Override
        default List<TokenSequence> sequences() {
            return FreshNetworks.sequences();
        }

        @Override
        default double tolerance() {
            return dtype() == Precision.FLOAT64 ? 1e-12 : 1e-5;
        }
    }

    @Nested
    class OfLstmInFloat64 implements NetworkContract {
        @Override
        public LayerKind type() {
            return LayerKind.LSTM;
        }

        @Override
        public Precision dtype() {
            return Precision.FLOAT64;
        }
    }

    @Nested
    class OfLstmInFloat32 implements NetworkContract {
        @Override
        public LayerKind type() {
            return LayerKind.LSTM;
        }

        @Override
        public Precision dtype() {
            return Precision.FLOAT32;
        }
    }

    @Nested
    class OfAttentionInFloat64 implements NetworkContract {
        @Override
        public LayerKind type() {
            return LayerKind.ATTENTION;
        }

        @Override
        public Precision dtype() {
            return Precision.FLOAT64;
        }
    }

    @Nested
    class OfAttentionInFloat32 implements NetworkContract {
        @Override
        public LayerKind type() {
            return LayerKind.ATTENTION;
        }

        @Override
        public Precision dtype() {
            return Precision.FLOAT32;
        }
    }

    @Nested
    class OfCausalConvolutionInFloat64 implements NetworkContract {
        @Override
        public LayerKind type() {
            return LayerKind.CONV;
        }

        @Override
        public Precision dtype() {
            return Precision.FLOAT64;
        }
    }

    @Nested
    class OfCausalConvolutionInFloat32 implements NetworkContract {
        @Override
        public LayerKind type() {
            return LayerKind.CONV;
        }

        @Override
        public Precision dtype() {
            return Precision.FLOAT32;
        }
    }
}
