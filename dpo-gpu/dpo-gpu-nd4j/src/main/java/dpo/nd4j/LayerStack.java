package dpo.nd4j;

import dpo.core.setting.Requirement;
import dpo.nd4j.layer.CausalAttention;
import dpo.nd4j.network.NetworkPlan;
import dpo.nd4j.network.NetworkState;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A new network: an embedding, some layers of one kind, and the output layer.
 *
 * @param type the kind of the layers
 * @param hiddenSize their width
 * @param layers their number
 * @param heads of attention; 4 if absent
 * @param intermediateSize width of the feed-forward layers between attention; four times the width if absent
 * @param kernel length of a causal convolution; 3 if absent
 */
record LayerStack(
        LayerKind type,
        int hiddenSize,
        int layers,
        Optional<Integer> heads,
        Optional<Integer> intermediateSize,
        Optional<Integer> kernel) {

    LayerStack {
        Requirement.atLeast("hidden_size", hiddenSize, 1);
        Requirement.atLeast("layers", layers, 1);
        requireOnly(LayerKind.ATTENTION, type, "heads", heads);
        requireOnly(LayerKind.ATTENTION, type, "intermediate_size", intermediateSize);
        requireOnly(LayerKind.CONV, type, "kernel", kernel);
        if (type == LayerKind.ATTENTION) {
            int number = Requirement.atLeast("heads", heads.orElse(4), 1);
            Requirement.holds(
                    hiddenSize % number == 0,
                    "hidden_size",
                    "must be a multiple of heads = " + number,
                    hiddenSize,
                    "heads");
        }
        intermediateSize.ifPresent(size -> Requirement.atLeast("intermediate_size", size, 1));
        kernel.ifPresent(size -> Requirement.atLeast("kernel", size, 2));
    }

    private static void requireOnly(LayerKind kind, LayerKind type, String key, Optional<Integer> value) {
        Requirement.holds(
                value.isEmpty() || type == kind,
                key,
                "must be absent unless type is " + kind.name().toLowerCase(Locale.ROOT),
                value.orElse(0),
                "type");
    }

    /** A network over a vocabulary, with drawn weights. */
    NetworkState draw(int vocabulary, RandomGenerator random, DataType dataType) {
        NetworkPlan plan = plan(vocabulary);
        ComputationGraph graph = new ComputationGraph(plan.graph().clone());
        graph.getConfiguration().setDataType(dataType);
        graph.init(); // with its biases and gains; the weights are drawn again below, so that seeds are the run's
        for (var layer : graph.getLayers()) {
            var configuration = layer.conf().getLayer();
            ParamInitializer initializer = configuration.initializer();
            boolean isEmbedding = configuration instanceof EmbeddingSequenceLayer;
            layer.paramTable().forEach((name, values) -> {
                if (initializer.isWeightParam(configuration, name)) {
                    draw(
                            values,
                            isEmbedding ? 1 : values.rank() == 2 ? values.size(0) : values.length() / values.size(0),
                            random);
                }
            });
        }
        return new NetworkState(plan, graph.params().dup().reshape(1, graph.numParams()));
    }

    private static void draw(INDArray values, long fanIn, RandomGenerator random) {
        double[] drawn = new double[Math.toIntExact(values.length())];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = random.nextGaussian() / Math.sqrt((double) fanIn);
        }
        values.assign(Nd4j.create(drawn, values.shape(), 'c').castTo(values.dataType()));
    }

    /** The structure of the network over a vocabulary. */
    NetworkPlan plan(int vocabulary) {
        GraphBuilder graph =
                new NeuralNetConfiguration.Builder().seed(0).graphBuilder().addInputs("tokens");
        graph.addLayer(
                "embedding",
                new EmbeddingSequenceLayer.Builder()
                        .nIn(vocabulary)
                        .nOut(hiddenSize)
                        .hasBias(false)
                        .activation(Activation.IDENTITY)
                        .build(),
                "tokens");
        String last = "embedding";
        for (int layer = 1; layer <= layers; layer++) {
            last = switch (type) {
                case ATTENTION -> attention(graph, layer, last);
                case LSTM -> lstm(graph, layer, last);
                case CONV -> convolution(graph, layer, last);
            };
        }
        RnnOutputLayer output = new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nIn(hiddenSize)
                .nOut(vocabulary)
                .activation(Activation.SOFTMAX)
                .dataFormat(RNNFormat.NCW)
                .build();
        ComputationGraphConfiguration built =
                graph.addLayer("output", output, last).setOutputs("output").build();
        return NetworkPlan.ofLanguageModel(built.toJson(), built);
    }

    private String lstm(GraphBuilder graph, int layer, String input) {
        String name = "lstm" + layer;
        graph.addLayer(
                name,
                new LSTM.Builder()
                        .nIn(hiddenSize)
                        .nOut(hiddenSize)
                        .activation(Activation.TANH)
                        .build(),
                input);
        return name;
    }

    private String convolution(GraphBuilder graph, int layer, String input) {
        String name = "conv" + layer;
        Convolution1DLayer convolution = new Convolution1DLayer.Builder(kernel.orElse(3), 1)
                .convolutionMode(ConvolutionMode.Causal)
                .nIn(hiddenSize)
                .nOut(hiddenSize)
                .activation(Activation.RELU)
                .build();
        return added(graph.addLayer(name, convolution, input), name, input);
    }

    private String attention(GraphBuilder graph, int layer, String input) {
        String name = "attention" + layer;
        int inner = intermediateSize.orElse(4 * hiddenSize);
        graph.addLayer(name + "-projections", dense(hiddenSize, 3 * hiddenSize, true, Activation.IDENTITY), input)
                .addLayer(name + "-heads", new CausalAttention(heads.orElse(4)), name + "-projections")
                .addLayer(name, dense(hiddenSize, hiddenSize, false, Activation.IDENTITY), name + "-heads");
        String attended = added(graph, name, input);
        String feed = "feed" + layer;
        graph.addLayer(feed + "-inner", dense(hiddenSize, inner, true, Activation.GELU), attended)
                .addLayer(feed, dense(inner, hiddenSize, false, Activation.IDENTITY), feed + "-inner");
        return added(graph, feed, attended);
    }

    private static String added(GraphBuilder graph, String name, String to) {
        graph.addVertex(name + "-added", new ElementWiseVertex(ElementWiseVertex.Op.Add), name, to);
        return name + "-added";
    }

    /** A dense layer at each token; with a norm, its output before the activation has mean 0 and variance 1 times gains. */
    private static TimeDistributed dense(int from, int to, boolean norm, Activation activation) {
        DenseLayer dense = new DenseLayer.Builder()
                .nIn(from)
                .nOut(to)
                .hasLayerNorm(norm)
                .activation(activation)
                .build();
        return new TimeDistributed(dense, RNNFormat.NCW);
    }
}
