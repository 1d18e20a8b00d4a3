package dpo.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.Optimizer;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.ScalarModelContract;
import dpo.core.backend.ScalarPass;
import dpo.core.sequence.TokenSequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A network with an output of one number keeps the laws of a scalar model. */
class ScalarNetworkTest implements ScalarModelContract {

    @Override
    public ScalarModel open() {
        return FreshNetworks.BACKEND.openScalar(
                Nd4jModel.of(FreshNetworks.settings(LayerKind.LSTM, 8), Precision.FLOAT64), new Execution("cpu", 1), 1);
    }

    @Override
    public List<TokenSequence> sequences() {
        return List.of(
                TokenSequence.of(new int[] {4, 9}, new int[] {1, 2, 3, 3, 0}),
                TokenSequence.of(new int[] {4, 9}, new int[] {22}),
                TokenSequence.of(new int[] {5, 2, 8}, new int[] {1, 1}),
                TokenSequence.of(new int[] {4}, new int[] {3, 2, 1}));
    }

    @Test
    void a_saved_one_is_a_network_of_deeplearning4j_with_the_same_values(@TempDir Path folder) throws Exception {
        TokenSequence sequence = sequences().get(0);
        Path saved = Files.createDirectory(folder.resolve("saved"));
        double[] values;
        try (ScalarModel model = open();
                Optimizer optimizer = model.optimizer(new AdamW(0.1, List.of(0.9, 0.99), 1e-8, 0, 1));
                ScalarPass pass = model.forward(List.of(sequence))) {
            pass.backward(new double[][] {{1, -1, 2, 0.5, 1, 1}});
            optimizer.step(0.1);
            values = model.values(List.of(sequence))[0];
            model.save(saved);
        }
        ComputationGraph graph = ModelSerializer.restoreComputationGraph(
                saved.resolve("network.zip").toFile());
        INDArray out = graph.outputSingle(Nd4j.createFromArray(new double[][] {{4, 9, 1, 2, 3, 3, 0}}));
        double[] all = out.reshape(7).toDoubleVector();
        assertThat(values).doesNotContain(0);
        assertThat(java.util.Arrays.copyOfRange(all, 1, 7)).containsExactly(values, within(1e-12));
    }
}
