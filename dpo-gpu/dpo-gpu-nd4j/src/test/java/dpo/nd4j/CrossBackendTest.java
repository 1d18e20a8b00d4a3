package dpo.nd4j;

import static dpo.core.numeric.CloseNumbers.assertAllClose;
import static org.assertj.core.api.Assertions.assertThat;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import dpo.core.tabular.TabularBackend;
import dpo.core.tabular.TabularModel;
import dpo.core.world.ControlledWorld;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Equal networks have equal log-probs, and equal trajectories of AdamW, on nd4j, libtorch and the tabular backend. */
class CrossBackendTest {

    private static final int STEPS = 20;
    private static final double RATE = 0.01;

    @TempDir
    private Path folder;

    private static AdamW adam() {
        return new AdamW(RATE, List.of(0.9, 0.999), 1e-8, 0, Double.POSITIVE_INFINITY);
    }

    @Test
    void an_lstm_with_copied_weights_equals_that_of_libtorch() {
        try (Policy policy =
                FreshNetworks.BACKEND.open(Nd4jModel.of(oneLayer(), Precision.FLOAT32), new Execution("cpu", 1), 1)) {
            assertSameTrajectory(policy);
        }
    }

    private static FreshNetwork oneLayer() {
        FreshNetwork two = FreshNetworks.settings(LayerKind.LSTM, 16);
        return new FreshNetwork(
                two.tokenizer(),
                two.vocabSize(),
                two.maxLength(),
                two.type(),
                two.hiddenSize(),
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void an_embedding_with_a_linear_layer_equals_that_of_libtorch() {
        Path zip = OwnNetworks.saved(
                OwnNetworks.builder()
                        .graphBuilder()
                        .addInputs("tokens")
                        .addLayer("embedding", OwnNetworks.embedding(), "tokens")
                        .addLayer("output", OwnNetworks.output(OwnNetworks.WIDTH), "embedding")
                        .setOutputs("output"),
                folder);
        try (Policy policy =
                FreshNetworks.BACKEND.open(Nd4jModel.at(zip, Precision.FLOAT32), new Execution("cpu", 1), 1)) {
            assertSameTrajectory(policy);
        }
    }

    private static void assertSameTrajectory(Policy policy) {
        Random random = new Random(3);
        int[][] ids = new int[4][];
        Arrays.setAll(ids, row -> random.ints(9, 0, FreshNetworks.VOCABULARY).toArray());
        List<TokenSequence> sequences = Arrays.stream(ids)
                .map(row -> TokenSequence.of(new int[] {row[0]}, Arrays.copyOfRange(row, 1, row.length)))
                .toList();
        double[] gradient = random.doubles(32, -1, 1).toArray();
        TorchLstm torch = new TorchLstm(policy, RATE);
        try (Optimizer optimizer = policy.optimizer(adam())) {
            for (int step = 0; step <= STEPS; step++) {
                double[] expected = torch.step(ids, gradient);
                try (ForwardPass pass = policy.forward(sequences)) {
                    double largest =
                            Arrays.stream(expected).map(Math::abs).max().orElseThrow();
                    assertAllClose(
                            "log-probs at step " + step,
                            pass.logProbs().toArray(),
                            expected,
                            step == 0 ? 1e-5 : 1e-3 * largest);
                    pass.backward(TokenGradient.of(pass.logProbs().shape(), gradient));
                }
                optimizer.step(RATE);
            }
        }
    }

    /** A network of an output layer alone, on one-hot vectors, is a table of logits by the token before. */
    @Test
    void a_table_of_logits_equals_that_of_the_tabular_backend() {
        TabularModel model = new TabularModel(5, 1, 3, 0, 1, 1);
        ControlledWorld world = model.world();
        ComputationGraph table = new ComputationGraph(OwnNetworks.builder()
                .graphBuilder()
                .addInputs("tokens")
                .addLayer(
                        "output",
                        new RnnOutputLayer.Builder()
                                .nIn(8)
                                .nOut(8)
                                .hasBias(false)
                                .activation(Activation.SOFTMAX)
                                .dataFormat(RNNFormat.NCW)
                                .build(),
                        "tokens")
                .setOutputs("output")
                .build());
        table.init();
        INDArray logits = table.getParam("output_W").assign(-1e9);
        for (int prompt = 0; prompt < 3; prompt++) {
            for (int token = 0; token < 5; token++) {
                logits.putScalar(5 + prompt, token, world.referenceLogits()[prompt * 5 + token]);
            }
        }
        List<TokenSequence> sequences = List.of(
                TokenSequence.of(new int[] {5}, new int[] {1}),
                TokenSequence.of(new int[] {6}, new int[] {4}),
                TokenSequence.of(new int[] {7}, new int[] {0}),
                TokenSequence.of(new int[] {5}, new int[] {2}));
        try (Policy one = FreshNetworks.BACKEND.open(
                        Nd4jModel.at(OwnNetworks.saved(table, folder), Precision.FLOAT64), new Execution("cpu", 1), 1);
                Policy other = new TabularBackend().open(model, new Execution("cpu", 1), 1)) {
            double[] of = trained(one, sequences);
            assertThat(of).hasSize(4 * (STEPS + 1));
            assertAllClose("log-probs along the trajectory", of, trained(other, sequences), 1e-11);
        }
    }

    private static double[] trained(Policy policy, List<TokenSequence> sequences) {
        double[] all = new double[4 * (STEPS + 1)];
        try (Optimizer optimizer = policy.optimizer(adam())) {
            for (int step = 0; step <= STEPS; step++) {
                try (ForwardPass pass = policy.forward(sequences)) {
                    System.arraycopy(pass.logProbs().toArray(), 0, all, 4 * step, 4);
                    pass.backward(TokenGradient.of(pass.logProbs().shape(), new double[] {1, -0.5, 2, -1}));
                }
                optimizer.step(RATE);
            }
        }
        return all;
    }
}
