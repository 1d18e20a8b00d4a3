package dpo.torch;

import dpo.core.backend.Execution;
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

    TorchDevice {
        Execution.requireDevice(name);
    }

    boolean isCpu() {
        return name.equals("cpu");
    }

    /** N of {@code cuda:N}; 0 where none is given. */
    int index() {
        return name.contains(":") ? Integer.parseInt(name.substring(name.indexOf(':') + 1)) : 0;
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
