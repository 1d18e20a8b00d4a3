package dpo.torch;

import dpo.core.backend.Availability;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Whether libtorch is there, told without loading it where that is possible. */
final class NativeLibrary {

    private NativeLibrary() {}

    /** Whether libtorch can compute on a device. */
    static Availability availability(TorchDevice device) {
        if (!present("") && !present("-gpu")) {
            return new Availability.Missing("libtorch for " + platform() + " is not on the class path: build with"
                    + " -Dnative.platform=" + platform() + " if org.bytedeco:pytorch has it");
        }
        if (device.isCpu()) {
            return loadable();
        }
        if (!present("-gpu")) {
            return new Availability.Missing("this build has libtorch for the CPU only: " + device.name()
                    + " needs org.bytedeco:pytorch with classifier " + platform() + "-gpu on the class path");
        }
        Availability loadable = loadable();
        return loadable instanceof Availability.Available ? onGpu(device) : loadable;
    }

    private static Availability onGpu(TorchDevice device) {
        long devices = torch.cuda_is_available() ? torch.cuda_device_count() : 0;
        return device.index() < devices
                ? new Availability.Available()
                : new Availability.Missing(
                        device.name() + " is not there: libtorch finds " + devices + " CUDA devices");
    }

    private static Availability loadable() {
        try {
            torch.get_num_threads();
            return new Availability.Available();
        } catch (LinkageError e) {
            return new Availability.Missing("libtorch cannot be loaded: " + e);
        }
    }

    /** Platform in the words of JavaCPP, e.g. {@code linux-x86_64}. */
    static String platform() {
        return Loader.getPlatform();
    }

    private static boolean present(String extension) {
        String resource = "org/bytedeco/pytorch/" + platform() + extension + "/" + System.mapLibraryName("jnitorch");
        return NativeLibrary.class.getClassLoader().getResource(resource) != null;
    }
}
