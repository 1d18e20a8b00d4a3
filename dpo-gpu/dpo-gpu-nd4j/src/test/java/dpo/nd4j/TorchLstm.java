package dpo.nd4j;

import dpo.core.backend.Policy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A network of an embedding, perhaps an LSTM, and the output layer on libtorch, with the weights of a policy. */
final class TorchLstm {

    /** Deeplearning4j's block of each of libtorch's gates, which are input, forget, cell and output. */
    private static final int[] BLOCKS = {3, 1, 0, 2};

    private final Tensor embedding;
    private final Tensor output;
    private final Tensor bias;
    private final LSTMImpl lstm;
    private final boolean hasLstm;
    private final AdamW optimizer;

    TorchLstm(Policy policy, double learningRate) {
        Map<String, INDArray> weights = weights(policy);
        this.embedding = matrix(weights.get("embedding_W"));
        this.output = matrix(weights.get("output_W"));
        this.bias = matrix(weights.get("output_b"));
        this.hasLstm = weights.containsKey("lstm1_W");
        this.lstm = new LSTMImpl(new LSTMOptions(embedding.size(1), output.size(0)));
        TensorVector trained = new TensorVector(embedding, output, bias);
        if (hasLstm) {
            copy(weights);
            trained.push_back(lstm.named_parameters().find("weight_ih_l0"));
            trained.push_back(lstm.named_parameters().find("weight_hh_l0"));
            trained.push_back(lstm.named_parameters().find("bias_ih_l0"));
        }
        AdamWOptions options = new AdamWOptions(learningRate);
        options.weight_decay().put(0);
        this.optimizer = new AdamW(trained, options);
    }

    private static Map<String, INDArray> weights(Policy policy) {
        try {
            Path folder = Files.createTempDirectory("lstm");
            policy.save(folder);
            ComputationGraph graph = ModelSerializer.restoreComputationGraph(
                    folder.resolve("network.zip").toFile());
            return graph.paramTable();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Tensor matrix(INDArray values) {
        Tensor copied = Tensor.create(values.dup('c').data().asFloat()).reshape(values.shape());
        return copied.set_requires_grad(true);
    }

    private void copy(Map<String, INDArray> weights) {
        try (NoGradGuard noGrad = new NoGradGuard()) {
            gates("weight_ih_l0", matrix(weights.get("lstm1_W")).t());
            gates("weight_hh_l0", matrix(weights.get("lstm1_RW")).t());
            gates("bias_ih_l0", matrix(weights.get("lstm1_b")).reshape(-1));
            lstm.named_parameters().find("bias_hh_l0").zero_();
        }
    }

    private void gates(String name, Tensor blocks) {
        Tensor target = lstm.named_parameters().find(name);
        long width = target.size(0) / 4;
        for (int gate = 0; gate < 4; gate++) {
            target.narrow(0, gate * width, width).copy_(blocks.narrow(0, BLOCKS[gate] * width, width));
        }
    }

    /** The gradients of the last step by the names of Deeplearning4j's arrays, in the order f of their shapes. */
    Map<String, double[]> gradients() {
        Map<String, double[]> gradients = new HashMap<>();
        try (PointerScope scope = new PointerScope()) {
            gradients.put("embedding.W", doubles(embedding.grad().t()));
            gradients.put("output.W", doubles(output.grad().t()));
            gradients.put("output.b", doubles(bias.grad()));
            if (hasLstm) {
                gradients.put("lstm1.W", doubles(blocks("weight_ih_l0")));
                gradients.put("lstm1.RW", doubles(blocks("weight_hh_l0")));
                gradients.put("lstm1.b", doubles(blocks("bias_ih_l0")));
            }
        }
        return gradients;
    }

    /** The gradient of an array of gates, in Deeplearning4j's order of blocks. */
    private Tensor blocks(String name) {
        Tensor gates = lstm.named_parameters().find(name).grad();
        Tensor blocks = torch.empty_like(gates);
        long width = gates.size(0) / 4;
        for (int gate = 0; gate < 4; gate++) {
            blocks.narrow(0, BLOCKS[gate] * width, width).copy_(gates.narrow(0, gate * width, width));
        }
        return blocks;
    }

    private static double[] doubles(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.numel())];
        tensor.contiguous().data_ptr_float().get(values);
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** The log-probs of the tokens after the first, {@code [row][token]}, flat; a step of ascent on Σ g log π follows. */
    double[] step(int[][] ids, double[] gradient) {
        try (PointerScope scope = new PointerScope()) {
            int time = ids[0].length - 1;
            long[] inputs = new long[ids.length * time];
            long[] next = new long[ids.length * time];
            for (int row = 0; row < ids.length; row++) {
                for (int i = 0; i < time; i++) {
                    inputs[i * ids.length + row] = ids[row][i];
                    next[i * ids.length + row] = ids[row][i + 1];
                }
            }
            Tensor hidden = torch.embedding(embedding, Tensor.create(inputs).reshape(time, ids.length));
            if (hasLstm) {
                hidden = lstm.forward(hidden).get0();
            }
            Tensor logits = hidden.matmul(output).add(bias.reshape(-1));
            Tensor logProbs = logits.log_softmax(2)
                    .gather(2, Tensor.create(next).reshape(time, ids.length, 1))
                    .reshape(time, ids.length)
                    .t()
                    .contiguous();
            double[] values = doubles(logProbs);
            float[] slopes = new float[gradient.length];
            for (int i = 0; i < slopes.length; i++) {
                slopes[i] = (float) gradient[i];
            }
            optimizer.zero_grad();
            logProbs.mul(Tensor.create(slopes).reshape(ids.length, time)).sum().backward();
            optimizer.step();
            return values;
        }
    }
}
