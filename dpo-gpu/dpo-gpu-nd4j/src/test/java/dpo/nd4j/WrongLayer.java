package dpo.nd4j;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A layer with a fault that its name does not tell. */
public final class WrongLayer extends NoParamLayer {

    private static final long serialVersionUID = 1L;

    public enum Fault {
        REVERSED,
        DOUBLE_GRADIENT,
        LOST_GRADIENT,
        FAILING_GRADIENT,
        BATCH_MEAN
    }

    private Fault fault = Fault.REVERSED;

    public WrongLayer() {}

    WrongLayer(Fault fault) {
        this.fault = fault;
    }

    public Fault getFault() {
        return fault;
    }

    public void setFault(Fault fault) {
        this.fault = fault;
    }

    @Override
    public Layer instantiate(
            NeuralNetConfiguration conf,
            Collection<TrainingListener> listeners,
            int index,
            INDArray parameters,
            boolean initialize,
            DataType dataType) {
        return new Faulty(conf, dataType);
    }

    @Override
    public InputType getOutputType(int index, InputType input) {
        return input;
    }

    @Override
    @SuppressWarnings("NullAway")
    public InputPreProcessor getPreProcessorForInputType(InputType input) {
        return null;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType input) {
        throw new UnsupportedOperationException();
    }

    private static final class Faulty extends AbstractLayer<WrongLayer> {

        private static final long serialVersionUID = 1L;

        Faulty(NeuralNetConfiguration conf, DataType dataType) {
            super(conf, dataType);
        }

        @Override
        public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
            INDArray out =
                    switch (layerConf().getFault()) {
                        case REVERSED ->
                            Nd4j.reverse(input.dup('c').reshape(-1)).reshape(input.shape());
                        case DOUBLE_GRADIENT, LOST_GRADIENT, FAILING_GRADIENT -> input;
                        case BATCH_MEAN -> input.sub(input.mean(0).mean(1).getDouble(0));
                    };
            return workspaces.dup(ArrayType.ACTIVATIONS, out, 'c');
        }

        @Override
        public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
            int factor =
                    switch (layerConf().getFault()) {
                        case LOST_GRADIENT -> 0;
                        case FAILING_GRADIENT -> throw new UnsupportedOperationException("no gradient");
                        default -> 2;
                    };
            return new Pair<>(
                    new DefaultGradient(), workspaces.dup(ArrayType.ACTIVATION_GRAD, epsilon.mul(factor), 'c'));
        }

        @Override
        public boolean isPretrainLayer() {
            return false;
        }

        @Override
        public void clearNoiseWeightParams() {}
    }
}
