package dpo.nd4j.layer;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Causal multi-head attention without parameters, in the format NCW: from queries, keys and values
 * {@code [batch, 3·width, time]}, stacked in this order, to {@code [batch, width, time]}.
 *
 * <pre>
 *  out_i = Σ_{j ≤ i} softmax_j(q_i·k_j / √(width / heads) − m_h (i − j)) v_j,   m_h = 2^(−8h / heads), h = 1 … heads
 * </pre>
 *
 * The slopes m_h are the positions of ALiBi (arXiv:2108.12409). The layers around it have the parameters: a projection
 * to 3·width numbers before it, one of width numbers after it. Deeplearning4j's own attention layers see later tokens.
 */
public final class CausalAttention extends NoParamLayer {

    private static final long serialVersionUID = 1L;

    /** Number of heads; a field without final, since Deeplearning4j reads layers from JSON. */
    private int heads = 1;

    /** One head; for Deeplearning4j, which reads layers from JSON. */
    public CausalAttention() {}

    /**
     * Attention with some heads.
     *
     * @param heads at least 1, a divisor of the width
     */
    public CausalAttention(int heads) {
        setHeads(heads);
    }

    /** Number of heads. */
    public int getHeads() {
        return heads;
    }

    /** Sets the number of heads; for Deeplearning4j, which reads layers from JSON. */
    public void setHeads(int heads) {
        if (heads < 1) {
            throw new IllegalArgumentException("heads must be at least 1, got " + heads);
        }
        this.heads = heads;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType dataType) {
        CausalAttentionLayer layer = new CausalAttentionLayer(conf, dataType);
        layer.setListeners(listeners);
        layer.setIndex(index);
        return layer;
    }

    @Override
    public InputType getOutputType(int index, InputType input) {
        InputType.InputTypeRecurrent recurrent = (InputType.InputTypeRecurrent) input;
        return InputType.recurrent(recurrent.getSize() / 3, recurrent.getTimeSeriesLength());
    }

    @Override
    @SuppressWarnings("NullAway") // none is needed, which Deeplearning4j says by null
    public InputPreProcessor getPreProcessorForInputType(InputType input) {
        return null;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType input) {
        return new LayerMemoryReport.Builder(getLayerName(), CausalAttention.class, input, getOutputType(0, input))
                .standardMemory(0, 0)
                .build();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CausalAttention that && that.heads == heads && super.equals(other);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + heads;
    }
}
