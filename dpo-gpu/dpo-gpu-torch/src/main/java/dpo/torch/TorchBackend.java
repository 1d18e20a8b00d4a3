package dpo.torch;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.backend.Policy;
import dpo.core.random.RandomStreams;
import java.util.Map;

/** Language models in Hugging Face layout, on libtorch. */
public final class TorchBackend implements Backend<TorchModel> {

    private final FrozenModels frozen = new FrozenModels();

    @Override
    public String name() {
        return "torch";
    }

    @Override
    public Class<TorchModel> modelSettings() {
        return TorchModel.class;
    }

    @Override
    public Availability availability(String device) {
        return NativeLibrary.availability(new TorchDevice(device));
    }

    @Override
    public Map<String, String> facts() {
        return NativeLibrary.availability(new TorchDevice("cpu")) instanceof Availability.Missing missing
                ? Map.of("libtorch", missing.reason())
                : Facts.collect();
    }

    @Override
    public Policy open(TorchModel model, Execution execution, long seed) {
        TorchDevice device = new TorchDevice(execution.device());
        if (NativeLibrary.availability(device) instanceof Availability.Missing missing) {
            throw new IllegalArgumentException(
                    "device must be available, got " + device.name() + ": " + missing.reason());
        }
        Machine machine = Machine.configure(device, execution.threads(), model.dtype());
        return TorchPolicy.open(model, new RandomStreams(seed), machine, frozen);
    }
}
