package dpo.nd4j.network;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.rnn.DuplicateToTimeSeriesVertex;
import org.deeplearning4j.nn.conf.graph.rnn.LastTimeStepVertex;
import org.deeplearning4j.nn.conf.graph.rnn.ReverseTimeSeriesVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LearnedSelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.layers.samediff.SameDiffVertex;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;

/**
 * What a network must be to be a policy, by its configuration alone; {@link NetworkProbe} tries what a configuration
 * does not show.
 */
final class NetworkRules {

    @SuppressWarnings("deprecation") // old networks have them
    private static final Set<Class<?>> SEES_LATER_TOKENS = Set.of(
            Bidirectional.class,
            GravesBidirectionalLSTM.class,
            SelfAttentionLayer.class,
            LearnedSelfAttentionLayer.class,
            RecurrentAttentionLayer.class,
            AttentionVertex.class,
            ReverseTimeSeriesVertex.class);

    private static final Set<Class<?>> LOSES_THE_TIME = Set.of(
            LastTimeStep.class, GlobalPoolingLayer.class, LastTimeStepVertex.class, DuplicateToTimeSeriesVertex.class);

    private static final Set<Class<?>> IS_FROZEN =
            Set.of(FrozenLayer.class, FrozenLayerWithBackprop.class, FrozenVertex.class);

    private NetworkRules() {}

    /** @throws IllegalArgumentException with the layer and the rule that it breaks */
    static void check(ComputationGraphConfiguration graph) {
        requireOne("input", graph.getNetworkInputs());
        requireOne("output", graph.getNetworkOutputs());
        graph.getVertices().forEach((name, vertex) -> {
            checkPart(name, vertex);
            layers(vertex).forEach(layer -> checkPart(name, layer));
        });
        require(
                graph.getVertices().values().stream()
                        .flatMap(NetworkRules::layers)
                        .noneMatch(EmbeddingLayer.class::isInstance),
                "network must embed tokens by an EmbeddingSequenceLayer",
                "an EmbeddingLayer");
        RnnOutputLayer output = output(graph);
        long vocabulary = output.getNOut();
        FeedForwardLayer first = first(graph);
        require(
                first.getNIn() == vocabulary,
                "network must have as many input tokens as output tokens (" + vocabulary + ")",
                first.getNIn() + " (" + first.getLayerName() + ")");
    }

    private static void requireOne(String what, List<String> names) {
        require(names.size() == 1, "network must have one " + what, names.size() + ": " + names);
    }

    private static RnnOutputLayer output(ComputationGraphConfiguration graph) {
        String name = graph.getNetworkOutputs().get(0);
        GraphVertex vertex = Objects.requireNonNull(graph.getVertices().get(name));
        if (vertex instanceof LayerVertex of && of.getLayerConf().getLayer() instanceof RnnOutputLayer output) {
            require(
                    output.getActivationFn() instanceof ActivationSoftmax,
                    "output layer must have the activation softmax",
                    output.getActivationFn() + " (" + name + ")");
            return output;
        }
        throw new IllegalArgumentException("network must end with an RnnOutputLayer over the vocabulary, got "
                + layers(vertex)
                        .findFirst()
                        .<Object>map(layer -> layer)
                        .orElse(vertex)
                        .getClass()
                        .getSimpleName()
                + " (" + name + ")");
    }

    private static void checkPart(String name, Object part) {
        String got = part.getClass().getSimpleName() + " (" + name + ")";
        require(!SEES_LATER_TOKENS.contains(part.getClass()), "network must not see later tokens", got);
        require(!LOSES_THE_TIME.contains(part.getClass()), "network must have an output for each token", got);
        require(
                !IS_FROZEN.contains(part.getClass()),
                "network must have no frozen layers, as all parameters are trained",
                got);
        require(
                !(part instanceof AbstractSameDiffLayer || part instanceof SameDiffVertex),
                "network must not have layers by SameDiff, whose gradients are wrong by a factor of 2",
                got);
        require(
                !(part instanceof BatchNormalization),
                "network must give a sequence the same log-probs in any batch, without BatchNormalization",
                got);
        if (part instanceof Convolution1DLayer convolution) {
            require(
                    convolution.getConvolutionMode() == ConvolutionMode.Causal,
                    "convolution must have the mode Causal",
                    convolution.getConvolutionMode() + " (" + name + ")");
        }
    }

    /** The layer of a vertex, and those inside of it. */
    static Stream<Layer> layers(GraphVertex vertex) {
        return vertex instanceof LayerVertex of ? layers(of.getLayerConf().getLayer()) : Stream.empty();
    }

    private static Stream<Layer> layers(Layer layer) {
        Stream<Layer> inner =
                layer instanceof BaseWrapperLayer wrapper ? layers(wrapper.getUnderlying()) : Stream.empty();
        return Stream.concat(Stream.of(layer), inner);
    }

    /** The layer that reads the input. */
    static FeedForwardLayer first(ComputationGraphConfiguration graph) {
        String input = graph.getNetworkInputs().get(0);
        List<FeedForwardLayer> readers = graph.getVertexInputs().entrySet().stream()
                .filter(vertex -> vertex.getValue().contains(input))
                .map(Map.Entry::getKey)
                .flatMap(name ->
                        layers(Objects.requireNonNull(graph.getVertices().get(name))))
                .filter(FeedForwardLayer.class::isInstance)
                .map(FeedForwardLayer.class::cast)
                .toList();
        require(readers.size() == 1, "network must have one layer that reads the tokens", readers.size());
        return readers.get(0);
    }

    private static void require(boolean condition, String constraint, Object got) {
        if (!condition) {
            throw new IllegalArgumentException(constraint + ", got " + got);
        }
    }
}
