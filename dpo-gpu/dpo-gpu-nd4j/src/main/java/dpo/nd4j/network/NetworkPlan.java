package dpo.nd4j.network;

import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How a network becomes a language model: what goes in, and where its body ends and its output layer begins.
 *
 * @param json the network's configuration as its file has it
 * @param graph the same as a graph
 */
public record NetworkPlan(String json, ComputationGraphConfiguration graph) {

    /**
     * The plan of a network.
     *
     * @throws IllegalArgumentException if the network breaks a rule of {@link NetworkRules}
     */
    public NetworkPlan {
        NetworkRules.check(graph);
    }

    private LayerVertex output() {
        return (LayerVertex) Objects.requireNonNull(
                graph.getVertices().get(graph.getNetworkOutputs().get(0)));
    }

    /** The configuration of the output layer. */
    NeuralNetConfiguration head() {
        return output().getLayerConf();
    }

    /** Where the output layer has its parameters. */
    ParamInitializer headInitializer() {
        return head().getLayer().initializer();
    }

    /** Whether the time is the last dimension of the body's output, otherwise the second. */
    boolean isNcw() {
        return ((RnnOutputLayer) head().getLayer()).getRnnDataFormat() != RNNFormat.NWC;
    }

    /** Number of token ids. */
    public int vocabulary() {
        return Math.toIntExact(((RnnOutputLayer) head().getLayer()).getNOut());
    }

    /** Number of parameters. */
    long parameters() {
        return graph.getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(true))
                .sum();
    }

    /** Whether the network trains with dropout or noise of weights, which are left out here. */
    public boolean hasDropout() {
        return graph.getVertices().values().stream().anyMatch(vertex -> NetworkRules.layers(vertex)
                .anyMatch(layer -> layer.getIDropout() != null
                        || (layer instanceof BaseLayer base && base.getWeightNoise() != null)));
    }

    /**
     * The graph without its output layer, whose place an identity takes: so its input and preprocessor stay. A copy, as
     * Deeplearning4j changes configurations while it computes.
     */
    ComputationGraphConfiguration body(DataType dataType) {
        ComputationGraphConfiguration body = ComputationGraphConfiguration.fromJson(graph.toJson());
        body.setDataType(dataType);
        body.setTrainingWorkspaceMode(WorkspaceMode.ENABLED);
        body.setInferenceWorkspaceMode(WorkspaceMode.ENABLED);
        body.setBackpropType(BackpropType.Standard);
        Map<String, GraphVertex> vertices = body.getVertices();
        vertices.values().forEach(vertex -> NetworkRules.layers(vertex).forEach(NetworkPlan::prepare));
        String name = body.getNetworkOutputs().get(0);
        LayerVertex output = (LayerVertex) Objects.requireNonNull(vertices.get(name));
        NeuralNetConfiguration identity = output.getLayerConf().clone();
        identity.setLayer(new ActivationLayer(Activation.IDENTITY));
        identity.getLayer().setLayerName(name);
        identity.clearVariables();
        vertices.put(name, new LayerVertex(identity, output.getPreProcessor()));
        return body;
    }

    private static void prepare(Layer layer) {
        layer.setIDropout(null);
        if (layer instanceof BaseLayer base) {
            base.setWeightNoise(null);
        }
        if (layer instanceof EmbeddingSequenceLayer embedding) {
            embedding.setInferInputLength(true);
        }
    }

    /** The input of the graph: token ids {@code [batch, time]}, or one-hot vectors {@code [batch, vocabulary, time]}. */
    INDArray input(TokenRows rows, DataType dataType) {
        int batch = rows.inputs().length;
        int time = rows.time();
        double[] ids = new double[batch * time];
        for (int row = 0; row < batch; row++) {
            for (int position = 0; position < rows.inputs()[row].length; position++) {
                ids[row * time + position] = rows.inputs()[row][position];
            }
        }
        if (first() instanceof EmbeddingSequenceLayer) {
            return Nd4j.create(ids, new long[] {batch, time}, 'c').castTo(dataType);
        }
        INDArray oneHot = Nd4j.zeros(dataType, batch, vocabulary(), time);
        for (int row = 0; row < batch; row++) {
            for (int position = 0; position < rows.inputs()[row].length; position++) {
                oneHot.putScalar(row, rows.inputs()[row][position], position, 1);
            }
        }
        return oneHot;
    }

    /** The layer that reads the input. */
    FeedForwardLayer first() {
        return NetworkRules.first(graph);
    }
}
