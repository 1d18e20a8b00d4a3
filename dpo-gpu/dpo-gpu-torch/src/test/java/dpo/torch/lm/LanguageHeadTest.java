package dpo.torch.lm;

import static dpo.core.logprob.TokenStatistic.REFERENCE_KL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.torch.compute.ComputeDevice;
import dpo.torch.lm.LanguageHead.OfDivergence;
import dpo.torch.lm.LanguageHead.Reference;
import dpo.torch.lm.LanguageHead.Scores;
import dpo.torch.tensor.Tensors;
import dpo.torch.tensor.TorchDevice;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // pointer scopes are only opened and closed
class LanguageHeadTest {

    private static final int VOCABULARY = 64;

    private final ComputeDevice device = ComputeDevice.configure(new TorchDevice("cpu"), 2);

    @Test
    void rows_in_several_chunks_have_the_scores_and_gradients_of_single_rows() {
        try (PointerScope scope = new PointerScope()) {
            LanguageHead head = head(0);
            Reference reference = new Reference(head(1), states(0.7f, -0.4f, 0.2f));
            Tensor hidden = states(-0.3f, 0.9f, 0.5f);
            Tensor ids = Tensor.create(new long[] {3, 1, 2});
            Tensor slopes = Tensor.create(0.5f, -1.5f, 2f);
            Scores together = head.score(hidden, ids, Set.of(REFERENCE_KL), Optional.of(reference), true);
            Tensor gradient =
                    head.backward(hidden, ids, together, slopes, Optional.of(new OfDivergence(reference, slopes)));
            for (int row = 0; row < 3; row++) {
                Tensor state = hidden.narrow(0, row, 1);
                Tensor id = ids.narrow(0, row, 1);
                Tensor slope = slopes.narrow(0, row, 1);
                Reference ofRow = reference.chunk(row, 1);
                Scores alone = head.score(state, id, Set.of(REFERENCE_KL), Optional.of(ofRow), true);
                double divergence = at(alone.statistics().get(REFERENCE_KL), 0);
                assertThat(divergence).isGreaterThan(1e-2);
                assertThat(at(together.statistics().get(REFERENCE_KL), row)).isCloseTo(divergence, within(1e-6));
                assertThat(at(together.logProbs(), row)).isCloseTo(at(alone.logProbs(), 0), within(1e-6));
                Tensor ofState = head.backward(state, id, alone, slope, Optional.of(new OfDivergence(ofRow, slope)));
                assertThat(Math.abs(at(ofState, 0))).isGreaterThan(1e-2);
                assertThat(at(gradient, row)).isCloseTo(at(ofState, 0), within(1e-6));
            }
        }
    }

    /** A head for chunks of two rows, with one hidden number per token and weights from −1 to 1 or from 1 to −1. */
    private LanguageHead head(int direction) {
        float[] weights = new float[VOCABULARY];
        for (int token = 0; token < VOCABULARY; token++) {
            float rising = 2f * token / VOCABULARY - 1;
            weights[token] = direction == 0 ? rising : -rising;
        }
        Tensor matrix = Tensor.create(weights).view(-1, 1).set_requires_grad(true);
        return new LanguageHead(matrix, Optional.empty(), device.matMul(), 2 * VOCABULARY);
    }

    private static Tensor states(float... values) {
        return Tensor.create(values).view(-1, 1);
    }

    private static double at(Tensor tensor, int row) {
        return Tensors.toDoubles(tensor)[row];
    }
}
