package dpo.torch.nn.attention;

import dpo.torch.layout.PackedRows.Segment;
import dpo.torch.nn.ForwardContext;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The causal mask of a segment: a query attends to the keys of its row up to itself, and with a sliding window of w
 * only the last w of them. Positions are those in the row, independent of packing.
 *
 * @param segment the queries, and the keys before them
 * @param window w
 * @param copies how often the mask is repeated
 */
record CausalMask(Segment segment, OptionalInt window, int copies) {

    /** The mask of a segment, made once per pass. */
    Tensor of(ForwardContext context) {
        return context.shared(this, keep -> keep.apply(tensor()));
    }

    /** {@code [copies · length, before + length]}, float32: 0 for visible keys and −∞ for hidden ones. */
    Tensor tensor() {
        long before = segment.tokensBefore();
        Tensor hidden = torch.full(
                new long[] {segment.length(), before + segment.length()}, new Scalar(Double.NEGATIVE_INFINITY));
        Tensor mask = hidden.triu(before + 1);
        if (window.isPresent()) {
            mask.add_(hidden.tril(before - window.getAsInt()));
        }
        return copies == 1 ? mask : mask.repeat(copies, 1);
    }
}
