package dpo.torch.tensor;

import dpo.core.backend.Execution;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.SizeTPair;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A device by name. Its methods for tensors and memory need libtorch, the others do not.
 *
 * @param name {@code cpu}, {@code cuda} or {@code cuda:N}
 */
public record TorchDevice(String name) {

    public TorchDevice {
        Execution.requireDevice(name);
    }

    public boolean isCpu() {
        return name.equals("cpu");
    }

    /** N of {@code cuda:N}; 0 for {@code cuda}. */
    public int index() {
        return name.contains(":") ? Integer.parseInt(name.substring(name.indexOf(':') + 1)) : 0;
    }

    /** Free and total memory of a CUDA device, in bytes. */
    public SizeTPair freeAndTotalMemory() {
        return torch.getMemoryInfo((byte) index());
    }

    /** The options of a new tensor with the given dtype on this device. */
    public TensorOptions options(ScalarType type) {
        return new TensorOptions(type).device(new DeviceOptional(new Device(name)));
    }

    /** The tensor on this device; the same object if it is there already. */
    public Tensor place(Tensor tensor) {
        return isCpu() ? tensor : tensor.to(new Device(name), tensor.scalar_type());
    }
}
