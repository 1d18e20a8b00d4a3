package dpo.torch.training;

import dpo.core.backend.ScalarPass;
import dpo.torch.layout.PrefixRows;
import dpo.torch.lm.LanguageModel;
import dpo.torch.lm.ScalarHead;
import dpo.torch.tensor.Tensors;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A forward pass of a scalar model that can be back-propagated through head and body. */
@SuppressWarnings("try") // pointer scopes are only opened and closed
public final class TorchScalarPass implements ScalarPass {

    private final ScalarHead head;
    private final BodyPass body;
    private final double[][] values;

    /** Runs the pass. */
    public TorchScalarPass(LanguageModel model, ScalarHead head, PrefixRows rows, PassSettings settings) {
        this.head = head;
        this.body = new BodyPass(model, rows, settings);
        this.values = Tensors.freedOnFailure(
                body::close, () -> PhaseEvent.in(PhaseEvent.HEAD_FORWARD, () -> rows.byRows(flatValues())));
    }

    private double[] flatValues() {
        try (PointerScope scope = new PointerScope()) {
            return Tensors.toDoubles(head.values(body.hidden()));
        }
    }

    @Override
    public double[][] values() {
        return Arrays.stream(values).map(double[]::clone).toArray(double[][]::new);
    }

    @Override
    public void backward(double[][] gradient) {
        requireShape(gradient);
        body.spend();
        try (PointerScope scope = new PointerScope()) {
            Tensor ofHidden = PhaseEvent.in(PhaseEvent.HEAD_BACKWARD, () -> {
                Tensor hidden = body.hidden();
                Tensor flat = Tensor.create(
                        Stream.of(gradient).flatMapToDouble(Arrays::stream).toArray());
                return head.backward(
                        hidden, torch.empty_like(hidden.select(1, 0)).copy_(flat));
            });
            PhaseEvent.run(PhaseEvent.BODY_BACKWARD, () -> body.backward(ofHidden));
        }
    }

    private void requireShape(double[][] gradient) {
        int[] expected = Arrays.stream(values).mapToInt(row -> row.length).toArray();
        int[] got = Arrays.stream(gradient).mapToInt(row -> row.length).toArray();
        if (!Arrays.equals(expected, got)) {
            throw new IllegalArgumentException("gradient must have the shape of the values, rows of "
                    + Arrays.toString(expected) + ", got " + Arrays.toString(got));
        }
    }

    @Override
    public void close() {
        body.close();
    }
}
