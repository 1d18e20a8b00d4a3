package dpo.nd4j.network;

import dpo.core.numeric.LogSpace;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.deeplearning4j.nn.api.Layer;
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

    /**
     * One array of parameters.
     *
     * @param values a part of the row of parameters
     * @param gradient the same part of its gradient
     * @param decays whether weight decay applies: to matrices, not to biases and gains
     */
    public record Parameters(INDArray values, INDArray gradient, boolean decays) {}

    private final NetworkPlan plan;
    private final DataType dataType;
    private final INDArray parameters;
    private final INDArray gradient;
    private final BodyGraph body;
    private final @Nullable INDArray ofBody; // a network may be an output layer alone
    private final LanguageHead head;
    private final Map<String, Parameters> arrays = new LinkedHashMap<>();
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
        long split = plan.bodyParameters();
        this.body = new BodyGraph(plan.body(dataType), split == 0 ? null : part(parameters, 0, split));
        this.ofBody = split == 0 ? null : part(gradient, 0, split);
        this.head = head(part(parameters, split, parameters.length()), part(gradient, split, parameters.length()));
        collectArrays();
    }

    private static INDArray part(INDArray row, long from, long to) {
        return row.get(NDArrayIndex.all(), NDArrayIndex.interval(from, to));
    }

    private LanguageHead head(INDArray values, INDArray gradients) {
        NeuralNetConfiguration conf = plan.head().clone();
        Map<String, INDArray> of = plan.headInitializer().init(conf, values, false);
        Map<String, INDArray> ofGradient = plan.headInitializer().getGradientsFromFlattened(conf, gradients);
        return new LanguageHead(
                Objects.requireNonNull(of.get(DefaultParamInitializer.WEIGHT_KEY)),
                optional(of, DefaultParamInitializer.BIAS_KEY),
                Objects.requireNonNull(ofGradient.get(DefaultParamInitializer.WEIGHT_KEY)),
                optional(ofGradient, DefaultParamInitializer.BIAS_KEY));
    }

    private static @Nullable INDArray optional(Map<String, INDArray> arrays, String key) {
        return arrays.get(key);
    }

    private void collectArrays() {
        for (Layer layer : body.getLayers()) {
            collect(layer.conf().getLayer().getLayerName(), layer.conf().getLayer(), layer.paramTable());
        }
        Map<String, INDArray> ofHead = new LinkedHashMap<>();
        ofHead.put(DefaultParamInitializer.WEIGHT_KEY, head.weights());
        if (head.bias() != null) {
            ofHead.put(DefaultParamInitializer.BIAS_KEY, head.bias());
        }
        collect(plan.graph().getNetworkOutputs().get(0), plan.head().getLayer(), ofHead);
    }

    private void collect(
            String name, org.deeplearning4j.nn.conf.layers.Layer layer, @Nullable Map<String, INDArray> views) {
        if (views == null) {
            return; // Deeplearning4j's word for a layer without parameters
        }
        views.forEach((key, view) -> {
            long from = view.offset() - parameters.offset();
            arrays.put(
                    name + "." + key,
                    new Parameters(
                            part(parameters, from, from + view.length()),
                            part(gradient, from, from + view.length()),
                            layer.initializer().isWeightParam(layer, key)));
        });
    }

    /** The network's structure. */
    public NetworkPlan plan() {
        return plan;
    }

    /** Number of token ids. */
    public int vocabulary() {
        return plan.vocabulary();
    }

    /** All parameters, {@code [1, n]}. */
    public INDArray parameters() {
        return parameters;
    }

    /** The gradient that backward passes have added up, {@code [1, n]}. */
    public INDArray gradient() {
        return gradient;
    }

    /** The arrays of parameters by layer and name, in the order of the row. */
    public Map<String, Parameters> arrays() {
        return arrays;
    }

    /** A short checksum of each array of parameters by its name. */
    public Map<String, String> checksums() {
        Map<String, String> checksums = new TreeMap<>();
        arrays.forEach((name, array) ->
                checksums.put(name, Checksum.of("", array.values()).substring(0, 8)));
        return checksums;
    }

    /** The logits of the next token at the places of rows, {@code [place][token]}, in doubles. */
    public double[][] logits(TokenRows rows) {
        double[][] all = new double[rows.places().length][head.outputs()];
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

    /** The log-probs of all next tokens at the places of rows, {@code [place][token]}, flat. */
    public double[] logProbs(TokenRows rows) {
        return Arrays.stream(logits(rows))
                .flatMapToDouble(logits -> {
                    double logSumExp = LogSpace.logSumExp(logits);
                    return Arrays.stream(logits).map(logit -> logit - logSumExp);
                })
                .toArray();
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
        INDArray all = flat(body.forward(plan.input(rows, dataType)));
        if (all.size(0) != (long) rows.inputs().length * rows.time()) {
            throw new IllegalArgumentException("network must have an output for each token, got " + all.size(0)
                    + " for " + rows.inputs().length * rows.time());
        }
        try {
            return Nd4j.pullRows(all, 1, rows.places(), 'c');
        } finally {
            // ND4J frees the memory of arrays that nobody refers to any more, even while it still reads them.
            Reference.reachabilityFence(all);
        }
    }

    /** Back-propagates through the body, whose last pass was over the same rows. */
    void backward(TokenRows rows, INDArray ofHidden) {
        if (ofBody == null) {
            return;
        }
        INDArray byTime = scattered(rows, ofHidden);
        ofBody.addi(body.backward(plan.isNcw() ? byTime.permute(0, 2, 1).dup('c') : byTime));
    }

    /** Rows at their places among zeros, {@code [batch, time, width]}. */
    private INDArray scattered(TokenRows rows, INDArray atPlaces) {
        int width = Math.toIntExact(atPlaces.size(1));
        INDArray all = Nd4j.zeros(dataType, (long) rows.inputs().length * rows.time(), width);
        HostRows from = new HostRows(atPlaces.dup('c').transpose());
        HostRows to = new HostRows(all.transpose());
        double[] row = new double[width];
        for (int i = 0; i < rows.places().length; i++) {
            from.get(i, row);
            to.put(rows.places()[i], row);
        }
        to.written();
        return all.reshape('c', rows.inputs().length, rows.time(), width);
    }

    /** From Deeplearning4j's order of the output to {@code [batch · time, width]}. */
    private INDArray flat(INDArray output) {
        INDArray byTime = plan.isNcw() ? output.permute(0, 2, 1) : output;
        return byTime.dup('c').reshape('c', byTime.size(0) * byTime.size(1), byTime.size(2));
    }

    @Override
    public void close() {
        body.close();
        parameters.close();
        gradient.close();
        Activations.free();
    }
}
