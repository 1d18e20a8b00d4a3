package dpo.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dpo.core.backend.AdamW;
import dpo.core.backend.Execution;
import dpo.core.backend.ForwardPass;
import dpo.core.backend.Optimizer;
import dpo.core.backend.Policy;
import dpo.core.logprob.TokenGradient;
import dpo.core.sequence.TokenSequence;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Networks of a user's own have the log-probs that Deeplearning4j gives them, before and after training. */
class OwnNetworksTest {

    private static final int[] IDS = {4, 9, 1, 2, 3, 22, 0};
    private static final TokenSequence SEQUENCE = TokenSequence.of(new int[] {IDS[0]}, new int[] {9, 1, 2, 3, 22, 0});

    @TempDir
    private Path folder;

    private Policy open(Path path) {
        return FreshNetworks.BACKEND.open(
                new Nd4jModel(
                        Optional.of(path), Optional.empty(), Optional.empty(), Precision.FLOAT64, Optional.of(12)),
                new Execution("cpu", 1),
                1);
    }

    private static void train(Policy policy) {
        try (Optimizer optimizer = policy.optimizer(new AdamW(0.01, List.of(0.9, 0.99), 1e-8, 0.1, 1));
                ForwardPass pass = policy.forward(List.of(SEQUENCE))) {
            pass.backward(TokenGradient.of(pass.logProbs().shape(), new double[] {1, -1, 2, 0.5, 1, 1}));
            optimizer.step(0.01);
        }
    }

    /** Opens a graph, compares, trains, saves, and compares what Deeplearning4j opens from the saved zip. */
    private void assertSame(Path zip) throws Exception {
        Path saved = Files.createDirectories(folder.resolve("saved"));
        double[] before;
        double[] after;
        try (Policy policy = open(zip)) {
            before = policy.logProbs(List.of(SEQUENCE)).row(0);
            train(policy);
            after = policy.logProbs(List.of(SEQUENCE)).row(0);
            policy.save(saved);
            try (Policy again = open(saved)) {
                assertThat(again.logProbs(List.of(SEQUENCE)).row(0)).containsExactly(after);
                assertThat(again.maxLength()).isEqualTo(12);
            }
        }
        assertThat(after).isNotEqualTo(before);
        assertThat(ofDeeplearning4j(zip)).containsExactly(before, within(1e-12));
        assertThat(ofDeeplearning4j(saved.resolve("network.zip"))).containsExactly(after, within(1e-12));
    }

    private static double[] ofDeeplearning4j(Path zip) throws Exception {
        String json = new String(new java.util.zip.ZipFile(zip.toFile())
                .getInputStream(new java.util.zip.ZipEntry(ModelSerializer.CONFIGURATION_JSON))
                .readAllBytes());
        boolean graph = json.contains("\"networkInputs\"");
        boolean embeds = json.contains("EmbeddingSequenceLayer");
        INDArray input = embeds ? ids() : oneHot();
        INDArray out = graph
                ? ModelSerializer.restoreComputationGraph(zip.toFile()).outputSingle(input)
                : ModelSerializer.restoreMultiLayerNetwork(zip.toFile()).output(input);
        boolean ncw = out.size(1) == OwnNetworks.VOCABULARY;
        double[] logProbs = new double[IDS.length - 1];
        for (int i = 0; i < logProbs.length; i++) {
            logProbs[i] = Math.log(ncw ? out.getDouble(0, IDS[i + 1], i) : out.getDouble(0, i, IDS[i + 1]));
        }
        return logProbs;
    }

    private static INDArray ids() {
        return Nd4j.createFromArray(new double[][] {{4, 9, 1, 2, 3, 22, 0}});
    }

    private static INDArray oneHot() {
        INDArray oneHot = Nd4j.zeros(DataType.DOUBLE, 1, OwnNetworks.VOCABULARY, IDS.length);
        for (int i = 0; i < IDS.length; i++) {
            oneHot.putScalar(0, IDS[i], i, 1);
        }
        return oneHot;
    }

    @Test
    void a_graph_of_lstms() throws Exception {
        assertSame(OwnNetworks.saved(OwnNetworks.around(OwnNetworks.lstm(OwnNetworks.WIDTH)), folder));
    }

    @Test
    void a_multi_layer_network_that_reads_one_hot_vectors() throws Exception {
        MultiLayerNetwork network = new MultiLayerNetwork(OwnNetworks.builder()
                .list()
                .layer(OwnNetworks.lstm(OwnNetworks.VOCABULARY))
                .layer(OwnNetworks.lstm(OwnNetworks.WIDTH))
                .layer(OwnNetworks.output(OwnNetworks.WIDTH))
                .build());
        network.init();
        assertSame(OwnNetworks.saved(network, folder));
    }

    @Test
    void dense_layers_between_preprocessors_and_merged_branches() throws Exception {
        assertSame(OwnNetworks.saved(
                OwnNetworks.builder()
                        .graphBuilder()
                        .addInputs("tokens")
                        .addLayer("embedding", OwnNetworks.embedding(), "tokens")
                        .addLayer("lstm", OwnNetworks.lstm(OwnNetworks.WIDTH), "embedding")
                        .addLayer(
                                "rnn",
                                new SimpleRnn.Builder()
                                        .nIn(OwnNetworks.WIDTH)
                                        .nOut(4)
                                        .activation(Activation.TANH)
                                        .build(),
                                "embedding")
                        .addVertex("merged", new MergeVertex(), "lstm", "rnn")
                        .addLayer(
                                "dense",
                                new DenseLayer.Builder()
                                        .nIn(OwnNetworks.WIDTH + 4)
                                        .nOut(OwnNetworks.WIDTH)
                                        .activation(Activation.TANH)
                                        .build(),
                                new RnnToFeedForwardPreProcessor(RNNFormat.NCW),
                                "merged")
                        .addLayer(
                                "output",
                                OwnNetworks.output(OwnNetworks.WIDTH),
                                new FeedForwardToRnnPreProcessor(RNNFormat.NCW),
                                "dense")
                        .setOutputs("output"),
                folder));
    }

    @Test
    void causal_convolutions() throws Exception {
        assertSame(OwnNetworks.saved(
                OwnNetworks.around(new Convolution1DLayer.Builder(3, 1)
                        .convolutionMode(ConvolutionMode.Causal)
                        .nIn(OwnNetworks.WIDTH)
                        .nOut(OwnNetworks.WIDTH)
                        .activation(Activation.TANH)
                        .build()),
                folder));
    }

    /** The gradient of the body is 0 then, and so are the derivatives. */
    @Test
    void a_body_under_an_output_layer_of_zeros() throws Exception {
        RnnOutputLayer zeros = OwnNetworks.output(OwnNetworks.WIDTH);
        zeros.setWeightInitFn(WeightInit.ZERO.getWeightInitFunction());
        assertSame(OwnNetworks.saved(
                OwnNetworks.builder()
                        .graphBuilder()
                        .addInputs("tokens")
                        .addLayer("embedding", OwnNetworks.embedding(), "tokens")
                        .addLayer("output", zeros, "embedding")
                        .setOutputs("output"),
                folder));
    }

    @Test
    void dropout_is_left_out_and_said() throws Exception {
        Path zip = OwnNetworks.saved(
                OwnNetworks.around(new SimpleRnn.Builder()
                        .nIn(OwnNetworks.WIDTH)
                        .nOut(OwnNetworks.WIDTH)
                        .dropOut(0.5)
                        .activation(Activation.TANH)
                        .build()),
                folder);
        assertSame(zip);
        try (Policy policy = open(zip)) {
            assertThat(policy.notices()).singleElement().asString().contains("without its dropout");
        }
    }

    @Test
    void a_network_saved_by_a_run_is_opened_by_its_zip_too() throws Exception {
        Path saved = Files.createDirectories(folder.resolve("saved"));
        try (Policy policy = FreshNetworks.open(LayerKind.ATTENTION, Precision.FLOAT32)) {
            policy.save(saved);
            double[] expected = policy.logProbs(List.of(SEQUENCE)).row(0);
            try (Policy again = FreshNetworks.BACKEND.open(
                    Nd4jModel.at(saved.resolve("network.zip"), Precision.FLOAT32), new Execution("cpu", 1), 1)) {
                assertThat(again.logProbs(List.of(SEQUENCE)).row(0)).containsExactly(expected);
                assertThat(again.fingerprint()).isEqualTo(policy.fingerprint());
            }
            ComputationGraph graph = ModelSerializer.restoreComputationGraph(
                    saved.resolve("network.zip").toFile());
            assertThat(graph.params().dataType()).isEqualTo(DataType.FLOAT);
        }
    }
}
