package dpo.nd4j.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A network as a language model: its body up to the output layer, run by Deeplearning4j, and the output layer at the
 * scored places. All parameters are one row of numbers in Deeplearning4j's order, and so is their gradient.
 *
 * <p>Every array that a method returns lives in the current {@link Activations}.
 */
public final class LanguageNetwork implements AutoCloseable {

    private final NetworkPlan plan;
    private final DataType dataType;
    private final INDArray parameters;
    private final INDArray gradient;
    private final BodyGraph body;
    private final INDArray ofBody;
    private final LanguageHead head;
    private final List<INDArray> decaying = new ArrayList<>();
    private int passes;
    private int updates;

    /**
     * A network with given parameters.
     *
     * @param parameters {@code [1, n]}, which training changes and {@link #close} frees
     */
    public LanguageNetwork(NetworkPlan plan, INDArray parameters) {
        this.plan = plan;
        this.dataType = parameters.dataType();
        this.parameters = parameters;
        this.gradient = Nd4j.zeros(dataType, 1, parameters.length());
        long ofHead = plan.headInitializer().numParams(plan.head());
        long split = parameters.length() - ofHead;
        this.body = new BodyGraph(plan.body(dataType), part(parameters, 0, split));
        this.ofBody = part(gradient, 0, split);
        this.head = head(part(parameters, split, parameters.length()), part(gradient, split, parameters.length()));
        collectDecaying();
    }

    private static INDArray part(INDArray row, long from, long to) {
        return row.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }

    private LanguageHead head(INDArray values, INDArray gradients) {
        NeuralNetConfiguration conf = plan.head().clone();
        Map<String, INDArray> of = plan.headInitializer().init(conf, values, false);
        Map<String, INDArray> ofGradient = plan.headInitializer().getGradientsFromFlattened(conf, gradients);
        return new LanguageHead(
                of.get(DefaultParamInitializer.WEIGHT_KEY),
                optional(of, DefaultParamInitializer.BIAS_KEY),
                ofGradient.get(DefaultParamInitializer.WEIGHT_KEY),
                optional(ofGradient, DefaultParamInitializer.BIAS_KEY));
    }

    private static @Nullable INDArray optional(Map<String, INDArray> arrays, String key) {
        return arrays.get(key);
    }

    private void collectDecaying() {
        for (Layer layer : body.getLayers()) {
            ParamInitializer initializer = layer.conf().getLayer().initializer();
            layer.paramTable().forEach((name, values) -> {
                if (initializer.isWeightParam(layer.conf().getLayer(), name)) {
                    decaying.add(values);
                }
            });
        }
        decaying.add(head.weights());
    }

    /** The network's structure. */
    public NetworkPlan plan() {
        return plan;
    }

    /** Number of token ids. */
    public int vocabulary() {
        return head.vocabulary();
    }

    /** All parameters, {@code [1, n]}. */
    public INDArray parameters() {
        return parameters;
    }

    /** The gradient that backward passes have added up, {@code [1, n]}. */
    public INDArray gradient() {
        return gradient;
    }

    /** The weight matrices, to which weight decay applies: no biases, gains and embeddings' biases. */
    public List<INDArray> decaying() {
        return decaying;
    }

    /** A short checksum of each array of parameters by its name in Deeplearning4j. */
    public Map<String, String> checksums() {
        Map<String, String> checksums = new TreeMap<>();
        body.paramTable()
                .forEach((name, values) ->
                        checksums.put(name, Checksum.of("", values).substring(0, 8)));
        String output = plan.graph().getNetworkOutputs().get(0);
        checksums.put(output + "_W", Checksum.of("", head.weights()).substring(0, 8));
        if (head.bias() != null) {
            checksums.put(output + "_b", Checksum.of("", head.bias()).substring(0, 8));
        }
        return checksums;
    }

    /**
     * The logits of the next token at the places of rows, {@code [place][token]}, in doubles; for generation and exact
     * evaluation.
     */
    public double[][] logits(TokenRows rows) {
        double[][] all = new double[rows.places().length][vocabulary()];
        try (Activations activations = new Activations()) {
            activations.in(() -> {
                HostRows logits = new HostRows(head.logits(hidden(rows)));
                for (int place = 0; place < all.length; place++) {
                    logits.get(place, all[place]);
                }
                return all;
            });
        }
        return all;
    }

    /** The output layer. */
    LanguageHead head() {
        return head;
    }

    /** Number of forward passes so far: the layers hold what the last one needs for its gradient. */
    int passes() {
        return passes;
    }

    /** Number of changes of the parameters so far. */
    int updates() {
        return updates;
    }

    /** Says that the parameters have changed. */
    public void changed() {
        updates++;
    }

    /** The hidden states at the places of rows, {@code [places, width]}. */
    INDArray hidden(TokenRows rows) {
        passes++;
        INDArray all = body.forward(plan.input(rows, dataType));
        return Nd4j.pullRows(flat(all), 1, rows.places(), 'c');
    }

    /** Back-propagates through the body, whose last pass was over the same rows. */
    void backward(TokenRows rows, INDArray ofHidden) {
        int width = Math.toIntExact(ofHidden.size(1));
        INDArray flat = Nd4j.zeros(dataType, (long) rows.inputs().length * rows.time(), width);
        for (int i = 0; i < rows.places().length; i++) {
            flat.putRow(rows.places()[i], ofHidden.getRow(i));
        }
        INDArray byTime = flat.reshape('c', rows.inputs().length, rows.time(), width);
        ofBody.addi(body.backward(plan.isNcw() ? byTime.permute(0, 2, 1).dup('c') : byTime));
    }

    /** From Deeplearning4j's order of the output to {@code [batch · time, width]}. */
    private INDArray flat(INDArray output) {
        INDArray byTime = plan.isNcw() ? output.permute(0, 2, 1) : output;
        return byTime.dup('c').reshape('c', byTime.size(0) * byTime.size(1), byTime.size(2));
    }

    @Override
    public void close() {
        parameters.close();
        gradient.close();
        Activations.free();
    }
}
