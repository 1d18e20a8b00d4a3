package dpo.nd4j.network;

import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * How a network becomes a language model: what goes in, and where its body ends and its output layer begins.
 *
 * <p>A body with an output of one number, of a reward model or value function, has the same form.
 *
 * @param json the network's configuration as its file has it
 * @param graph the same as a graph
 */
public record NetworkPlan(String json, ComputationGraphConfiguration graph) {

    /**
     * The plan of a language model.
     *
     * @throws IllegalArgumentException if the network breaks a rule of {@link NetworkRules}
     */
    public static NetworkPlan ofLanguageModel(String json, ComputationGraphConfiguration graph) {
        NetworkRules.check(graph);
        return new NetworkPlan(json, graph);
    }

    /** The same body with an output of one number in place of the distribution of the next token. */
    NetworkPlan scalar() {
        ComputationGraphConfiguration scalar = ComputationGraphConfiguration.fromJson(graph.toJson());
        RnnOutputLayer number = new RnnOutputLayer.Builder(LossFunction.MSE)
                .nIn(((RnnOutputLayer) head().getLayer()).getNIn())
                .nOut(1)
                .activation(Activation.IDENTITY)
                .dataFormat(isNcw() ? RNNFormat.NCW : RNNFormat.NWC)
                .build();
        replaceOutput(scalar, number);
        return new NetworkPlan(scalar.toJson(), scalar);
    }

    /** Puts a layer in the place of the output layer; input and preprocessor stay. */
    private static void replaceOutput(ComputationGraphConfiguration graph, Layer layer) {
        String name = graph.getNetworkOutputs().get(0);
        LayerVertex output =
                (LayerVertex) Objects.requireNonNull(graph.getVertices().get(name));
        NeuralNetConfiguration configuration = output.getLayerConf().clone();
        configuration.setLayer(layer);
        layer.setLayerName(name);
        configuration.clearVariables();
        graph.getVertices().put(name, new LayerVertex(configuration, output.getPreProcessor()));
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

    /** Number of token ids that the network reads. */
    public int vocabulary() {
        return Math.toIntExact(first().getNIn());
    }

    /** Classes of layers, vertices, activations and preprocessors that are not Deeplearning4j's own. */
    public Set<Class<?>> ownClasses() {
        return graph.getVertices().values().stream()
                .flatMap(NetworkPlan::parts)
                .map(Object::getClass)
                .filter(type -> !type.getName().startsWith("org.deeplearning4j."))
                .filter(type -> !type.getName().startsWith("org.nd4j."))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static Stream<Object> parts(GraphVertex vertex) {
        Stream<Object> ofLayers = NetworkRules.layers(vertex)
                .flatMap(layer -> layer instanceof BaseLayer base && base.getActivationFn() != null
                        ? Stream.of(layer, base.getActivationFn())
                        : Stream.of(layer));
        Stream<Object> preprocessor =
                vertex instanceof LayerVertex of ? Stream.ofNullable(of.getPreProcessor()) : Stream.empty();
        return Stream.of(Stream.<Object>of(vertex), ofLayers, preprocessor).flatMap(parts -> parts);
    }

    /** Number of parameters. */
    long parameters() {
        return graph.getVertices().values().stream()
                .mapToLong(vertex -> vertex.numParams(true))
                .sum();
    }

    /** Number of parameters before those of the output layer. */
    long bodyParameters() {
        return parameters() - headInitializer().numParams(head());
    }

    /** Whether the network trains with dropout or noise of weights, which are left out here. */
    public boolean hasDropout() {
        return graph.getVertices().values().stream().anyMatch(vertex -> NetworkRules.layers(vertex)
                .anyMatch(layer -> layer.getIDropout() != null
                        || (layer instanceof BaseLayer base && base.getWeightNoise() != null)));
    }

    /** A copy of the graph with an identity in place of the output layer; Deeplearning4j changes it while it computes. */
    ComputationGraphConfiguration body(DataType dataType) {
        ComputationGraphConfiguration body = ComputationGraphConfiguration.fromJson(graph.toJson());
        body.setDataType(dataType);
        body.setTrainingWorkspaceMode(WorkspaceMode.ENABLED);
        body.setInferenceWorkspaceMode(WorkspaceMode.ENABLED);
        body.setBackpropType(BackpropType.Standard);
        body.getVertices().values().forEach(vertex -> NetworkRules.layers(vertex)
                .forEach(NetworkPlan::prepare));
        replaceOutput(body, new ActivationLayer(Activation.IDENTITY));
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
