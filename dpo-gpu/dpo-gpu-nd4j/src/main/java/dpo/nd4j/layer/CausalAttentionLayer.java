package dpo.nd4j.layer;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Computes {@link CausalAttention}; the gradient is written out, and the probabilities are computed again for it. */
final class CausalAttentionLayer extends AbstractLayer<CausalAttention> {

    private static final long serialVersionUID = 1L;

    /** Low enough that the probability is exactly 0. */
    private static final double NEVER = -1e9;

    CausalAttentionLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        INDArray probabilities = probabilities();
        INDArray out = Nd4j.matmul(part(2), probabilities, false, true, false);
        return workspaces.dup(
                ArrayType.ACTIVATIONS, out.reshape('c', input.size(0), input.size(1) / 3, input.size(2)), 'c');
    }

    /** With P the probabilities: dV = dO P, dS = P ∘ (dP − rowsum(dP ∘ P)) with dP = dOᵀ V, dQ = K dSᵀ, dK = Q dS. */
    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        assertInputSet(true);
        INDArray p = probabilities();
        INDArray ofOut = heads(epsilon);
        INDArray ofP = Nd4j.matmul(ofOut, part(2), true, false, false);
        INDArray ofScores = ofP.subi(ofP.mul(p).sum(true, 2)).muli(p).muli(scale());
        INDArray all = workspaces.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, input.shape(), 'c');
        put(all, 0, Nd4j.matmul(part(1), ofScores, false, true, false));
        put(all, 1, Nd4j.matmul(part(0), ofScores, false, false, false));
        put(all, 2, Nd4j.matmul(ofOut, p, false, false, false));
        return new Pair<>(new DefaultGradient(), all);
    }

    /** {@code [batch · heads, query, key]}. */
    private INDArray probabilities() {
        INDArray scores = Nd4j.matmul(part(0), part(1), true, false, false).muli(scale());
        long heads = layerConf().getHeads();
        long time = input.size(2);
        INDArray biased = scores.reshape('c', input.size(0), heads, time, time).add(bias(heads, time));
        return Nd4j.nn().softmax(biased.reshape('c', input.size(0) * heads, time, time), 2);
    }

    private INDArray bias(long heads, long time) {
        double[] bias = new double[Math.toIntExact(heads * time * time)];
        int at = 0;
        for (long head = 1; head <= heads; head++) {
            double slope = Math.pow(2, -8.0 * head / heads);
            for (long query = 0; query < time; query++) {
                for (long key = 0; key < time; key++) {
                    bias[at++] = key > query ? NEVER : -slope * (query - key);
                }
            }
        }
        return Nd4j.create(bias, new long[] {1, heads, time, time}, 'c').castTo(dataType);
    }

    private double scale() {
        return 1 / Math.sqrt(input.size(1) / 3.0 / layerConf().getHeads());
    }

    /** Queries (0), keys (1) or values (2): {@code [batch · heads, width / heads, time]}. */
    private INDArray part(int index) {
        long width = input.size(1) / 3;
        return heads(input.get(
                NDArrayIndex.all(), NDArrayIndex.interval(index * width, (index + 1) * width), NDArrayIndex.all()));
    }

    private INDArray heads(INDArray array) {
        long heads = layerConf().getHeads();
        return array.dup('c').reshape('c', array.size(0) * heads, array.size(1) / heads, array.size(2));
    }

    private void put(INDArray all, int index, INDArray part) {
        long width = input.size(1) / 3;
        all.get(NDArrayIndex.all(), NDArrayIndex.interval(index * width, (index + 1) * width), NDArrayIndex.all())
                .assign(part.reshape('c', input.size(0), width, input.size(2)));
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }

    @Override
    public void clearNoiseWeightParams() {
        // There are no parameters.
    }
}
