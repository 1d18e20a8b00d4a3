package dpo.torch.block;

import dpo.torch.block.PackedRows.Segment;
import java.util.OptionalInt;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Which keys a query sees: those of its row up to itself, and with a sliding window of w only the last w of them.
 * Positions count in the row, whatever was packed between.
 */
final class CausalMask {

    private CausalMask() {}

    /** {@code [copies · length, before + length]}: 0 where a key is seen and −∞ where not, once for each copy. */
    static Tensor of(Segment segment, OptionalInt window, int copies) {
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
