package dpo.nd4j;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

/** Networks as a user of Deeplearning4j writes them. */
final class OwnNetworks {

    static final int VOCABULARY = FreshNetworks.VOCABULARY;
    static final int WIDTH = 8;

    private OwnNetworks() {}

    static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(5)
                .dataType(DataType.DOUBLE)
                .weightInit(WeightInit.XAVIER);
    }

    static EmbeddingSequenceLayer embedding() {
        return new EmbeddingSequenceLayer.Builder()
                .nIn(VOCABULARY)
                .nOut(WIDTH)
                .activation(Activation.IDENTITY)
                .build();
    }

    static LSTM lstm(int from) {
        return new LSTM.Builder()
                .nIn(from)
                .nOut(WIDTH)
                .activation(Activation.TANH)
                .build();
    }

    static RnnOutputLayer output(int from) {
        return new RnnOutputLayer.Builder()
                .nIn(from)
                .nOut(VOCABULARY)
                .activation(Activation.SOFTMAX)
                .dataFormat(RNNFormat.NCW)
                .build();
    }

    /** Embedding, a layer and the output. */
    static GraphBuilder around(Layer layer) {
        return builder()
                .graphBuilder()
                .addInputs("tokens")
                .addLayer("embedding", embedding(), "tokens")
                .addLayer("middle", layer, "embedding")
                .addLayer("output", output(WIDTH), "middle")
                .setOutputs("output");
    }

    /** A graph with random weights, in a zip. */
    static Path saved(GraphBuilder graph, Path folder) {
        ComputationGraph network = new ComputationGraph(graph.build());
        network.init();
        return saved(network, folder);
    }

    static Path saved(org.deeplearning4j.nn.api.Model network, Path folder) {
        Path file = folder.resolve("own.zip");
        try {
            ModelSerializer.writeModel(network, file.toFile(), false);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
