package dpo.nd4j.network;

import java.util.Objects;
import org.deeplearning4j.nn.api.FwdPassType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A graph whose forward and backward pass are two calls, both inside {@link Activations}. Deeplearning4j's own methods
 * for errors from outside either copy all activations out of workspaces, or use none; the parts that it composes them
 * of are protected, which is the reason for this subclass.
 */
final class BodyGraph extends ComputationGraph {

    private static final long serialVersionUID = 1L;

    BodyGraph(ComputationGraphConfiguration configuration, @Nullable INDArray parameters) {
        super(configuration);
        init(parameters, false);
        if (parameters != null) {
            initGradientsView();
        }
    }

    /** The workspace of the activations on this thread. */
    static MemoryWorkspace workspace() {
        return Nd4j.getWorkspaceManager().getWorkspaceForCurrentThread(WS_ALL_LAYERS_ACT_CONFIG, WS_ALL_LAYERS_ACT);
    }

    /** The output; the layers keep their inputs for {@link #backward}. */
    INDArray forward(INDArray input) {
        String output = configuration.getNetworkOutputs().get(0);
        return Objects.requireNonNull(ffToLayerActivationsInWS(
                        true, -1, null, FwdPassType.STANDARD, false, new INDArray[] {input}, null, null, false)
                .get(output));
    }

    /**
     * Back-propagates the gradient with respect to the output of the last {@link #forward}.
     *
     * @return the gradient with respect to the parameters, overwritten by the next call
     */
    INDArray backward(INDArray ofOutput) {
        calcBackpropGradients(false, false, ofOutput);
        return flattenedGradients;
    }

    /** Frees the gradient; the parameters are not this graph's. Deeplearning4j's own method also collects all garbage. */
    @Override
    public void close() {
        if (flattenedGradients != null) { // there is none without parameters
            flattenedGradients.close();
        }
    }
}
