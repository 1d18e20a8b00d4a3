package dpo.torch;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch;

/**
 * A device by name. Making one needs no native code; what has to do with tensors and memory does.
 *
 * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
 */
record TorchDevice(String name) {

    private static final Pattern NAMES = Pattern.compile("cpu|cuda(?::(\\d{1,3}))?");

    TorchDevice {
        if (!NAMES.matcher(name).matches()) {
            throw new IllegalArgumentException("device must be cpu, cuda or cuda:N, got " + name);
        }
    }

    boolean isCpu() {
        return name.equals("cpu");
    }

    /** N of {@code cuda:N}; 0 where none is given. */
    int index() {
        Matcher matcher = NAMES.matcher(name);
        return matcher.matches() && matcher.group(1) != null ? Integer.parseInt(matcher.group(1)) : 0;
    }

    /** Bytes of a CUDA device that are free, and all it has. */
    SizeTPair freeAndTotalMemory() {
        return torch.getMemoryInfo((byte) index());
    }

    /** The options of a new tensor of the given type on this device. */
    TensorOptions options(ScalarType type) {
        return new TensorOptions(type).device(new DeviceOptional(new Device(name)));
    }

    /** The tensor on this device; itself where it is there already. */
    Tensor place(Tensor tensor) {
        return isCpu() ? tensor : tensor.to(new Device(name), tensor.scalar_type());
    }
}
