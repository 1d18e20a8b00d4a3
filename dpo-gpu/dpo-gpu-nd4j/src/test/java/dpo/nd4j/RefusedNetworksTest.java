package dpo.nd4j;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.core.backend.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** What cannot be a policy is refused when it is opened, by the name of what is wrong. */
class RefusedNetworksTest {

    private static final int WIDTH = OwnNetworks.WIDTH;

    @TempDir
    private Path folder;

    private void assertRefused(Path path, String... parts) {
        assertRefused(path, Precision.FLOAT64, parts);
    }

    private void assertRefused(Path path, Precision dtype, String... parts) {
        assertThatThrownBy(() -> FreshNetworks.BACKEND.open(Nd4jModel.at(path, dtype), new Execution("cpu", 1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts)
                .hasMessageContaining(path.toString());
    }

    private void assertRefused(Layer layer, String... parts) {
        assertRefused(OwnNetworks.saved(OwnNetworks.around(layer), folder), parts);
    }

    @Test
    void layers_that_see_later_tokens() {
        assertRefused(
                new Bidirectional(Bidirectional.Mode.ADD, OwnNetworks.lstm(WIDTH)),
                "network must not see later tokens, got Bidirectional (middle)");
        assertRefused(
                new SelfAttentionLayer.Builder()
                        .nIn(WIDTH)
                        .nOut(WIDTH)
                        .nHeads(2)
                        .projectInput(true)
                        .build(),
                "network must not see later tokens, got SelfAttentionLayer (middle)");
        assertRefused(
                new Convolution1DLayer.Builder(3, 1)
                        .convolutionMode(ConvolutionMode.Same)
                        .nIn(WIDTH)
                        .nOut(WIDTH)
                        .build(),
                "convolution must have the mode Causal, got Same (middle)");
    }

    @Test
    void layers_without_an_output_for_each_token() {
        assertRefused(
                new LastTimeStep(OwnNetworks.lstm(WIDTH)),
                "network must have an output for each token, got LastTimeStep (middle)");
        assertRefused(
                new Convolution1DLayer.Builder(3, 2)
                        .convolutionMode(ConvolutionMode.Causal)
                        .nIn(WIDTH)
                        .nOut(WIDTH)
                        .build(),
                "network must have an output for each token, got 6 for 12");
    }

    @Test
    void layers_that_depend_on_the_batch() {
        assertRefused(
                new BatchNormalization.Builder().nIn(WIDTH).nOut(WIDTH).build(),
                "without BatchNormalization, got BatchNormalization (middle)");
    }

    @Test
    void layers_that_are_not_trained() {
        String message = "network must have no frozen layers, as all parameters are trained, got ";
        assertRefused(new FrozenLayer(OwnNetworks.lstm(WIDTH)), message + "FrozenLayer (middle)");
        assertRefused(
                new FrozenLayerWithBackprop(OwnNetworks.lstm(WIDTH)), message + "FrozenLayerWithBackprop (middle)");
    }

    /** Names no rule has, which the tiny batch finds. */
    @Test
    void layers_that_are_wrong_in_secret() {
        assertRefused(new WrongLayer(WrongLayer.Fault.REVERSED), "network must be causal", "got a difference of");
        assertRefused(
                new WrongLayer(WrongLayer.Fault.DOUBLE_GRADIENT),
                "gradient of embedding.W must be that of the log-probs, got one that is 2.0",
                "times as large");
        assertRefused(new WrongLayer(WrongLayer.Fault.BATCH_MEAN), "logits must not depend on");
        assertRefused(
                new WrongLayer(WrongLayer.Fault.FAILING_GRADIENT),
                "network must compute logits for each token and their gradient, got",
                "no gradient");
    }

    @ParameterizedTest
    @EnumSource
    void a_layer_whose_gradient_is_lost(Precision dtype) {
        Path zip = OwnNetworks.saved(OwnNetworks.around(new WrongLayer(WrongLayer.Fault.LOST_GRADIENT)), folder);
        assertRefused(zip, dtype, "gradient of embedding.W must be that of the log-probs, got one that is 0.0");
    }

    @Test
    void several_inputs_or_outputs() {
        GraphBuilder inputs = OwnNetworks.builder()
                .graphBuilder()
                .addInputs("tokens", "others")
                .addLayer("one", OwnNetworks.embedding(), "tokens")
                .addLayer("two", OwnNetworks.embedding(), "others")
                .addVertex("both", new MergeVertex(), "one", "two")
                .addLayer("output", OwnNetworks.output(2 * WIDTH), "both")
                .setOutputs("output");
        assertRefused(OwnNetworks.saved(inputs, folder), "network must have one input, got 2: [tokens, others]");
        GraphBuilder outputs = OwnNetworks.around(OwnNetworks.lstm(WIDTH))
                .addLayer("second", OwnNetworks.output(WIDTH), "middle")
                .setOutputs("output", "second");
        assertRefused(OwnNetworks.saved(outputs, folder), "network must have one output, got 2: [output, second]");
    }

    @Test
    void an_output_that_is_no_distribution_over_the_vocabulary() {
        GraphBuilder body = OwnNetworks.builder()
                .graphBuilder()
                .addInputs("tokens")
                .addLayer("embedding", OwnNetworks.embedding(), "tokens")
                .setOutputs("output");
        assertRefused(
                OwnNetworks.saved(body.addLayer("output", OwnNetworks.lstm(WIDTH), "embedding"), folder),
                "network must end with an RnnOutputLayer over the vocabulary, got LSTM (output)");
        RnnOutputLayer linear = OwnNetworks.output(WIDTH);
        linear.setActivationFn(Activation.IDENTITY.getActivationFunction());
        GraphBuilder other = OwnNetworks.builder()
                .graphBuilder()
                .addInputs("tokens")
                .addLayer("embedding", OwnNetworks.embedding(), "tokens")
                .addLayer("output", linear, "embedding")
                .setOutputs("output")
                .validateOutputLayerConfig(false);
        assertRefused(
                OwnNetworks.saved(other, folder),
                "output layer must have the activation softmax, got identity (output)");
        GraphBuilder smaller = OwnNetworks.builder()
                .graphBuilder()
                .addInputs("tokens")
                .addLayer("embedding", OwnNetworks.embedding(), "tokens")
                .addLayer(
                        "output",
                        new RnnOutputLayer.Builder()
                                .nIn(WIDTH)
                                .nOut(7)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "embedding")
                .setOutputs("output");
        assertRefused(
                OwnNetworks.saved(smaller, folder),
                "network must have as many input tokens as output tokens (7), got 23 (embedding)");
    }

    @Test
    void files_that_are_no_network() throws IOException {
        assertRefused(folder.resolve("absent.zip"), "path must be a file or a folder with a network, got none");
        assertRefused(Files.writeString(folder.resolve("text.zip"), "no zip"), "path must be a zip of ModelSerializer");
        Path zip = folder.resolve("other.zip");
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(zip))) {
            out.putNextEntry(new java.util.zip.ZipEntry("weights.bin"));
        }
        assertRefused(zip, "zip must hold configuration.json as ModelSerializer writes it, got none");
        assertRefused(
                zip(Map.of("configuration.json", "{\"a\": 1}".getBytes())),
                "configuration must be that of a ComputationGraph or MultiLayerNetwork, got neither vertices nor confs");
        assertRefused(
                zip(Map.of("configuration.json", "{\"vertices\": 1}".getBytes())),
                "path must be a whole network saved by ModelSerializer, got");
    }

    @Test
    void parameters_of_another_network() throws IOException {
        String json = OwnNetworks.around(OwnNetworks.lstm(WIDTH)).build().toJson();
        var bytes = new java.io.ByteArrayOutputStream();
        Nd4j.write(Nd4j.ones(DataType.DOUBLE, 1, 10), new java.io.DataOutputStream(bytes));
        assertRefused(
                zip(Map.of("configuration.json", json.getBytes(), "coefficients.bin", bytes.toByteArray())),
                "network must have 935 parameters, got 10");
        assertRefused(
                zip(Map.of("configuration.json", json.getBytes(), "coefficients.bin", new byte[] {1, 2, 3})),
                "path must be a whole network saved by ModelSerializer, got");
    }

    private Path zip(Map<String, byte[]> entries) throws IOException {
        Path zip = folder.resolve("made.zip");
        try (var out = new java.util.zip.ZipOutputStream(Files.newOutputStream(zip))) {
            for (var entry : entries.entrySet()) {
                out.putNextEntry(new java.util.zip.ZipEntry(entry.getKey()));
                out.write(entry.getValue());
            }
        }
        return zip;
    }
}
