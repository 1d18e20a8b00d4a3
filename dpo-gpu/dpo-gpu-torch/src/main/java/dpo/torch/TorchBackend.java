package dpo.torch;

import dpo.core.backend.Availability;
import dpo.core.backend.Backend;
import dpo.core.backend.Execution;
import dpo.core.backend.MemoryEstimate;
import dpo.core.backend.Policy;
import dpo.core.backend.PreferenceSampler;
import dpo.core.backend.Ranks;
import dpo.core.backend.ScalarModel;
import dpo.core.backend.Workload;
import dpo.core.random.RandomStreams;
import dpo.core.world.ControlledWorld;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.lora.LoraAdapter;
import dpo.torch.memory.MemoryCalibration;
import dpo.torch.model.FrozenModels;
import dpo.torch.platform.NativeLibrary;
import dpo.torch.ranks.TorchRanks;
import dpo.torch.tensor.Precision;
import dpo.torch.tensor.TorchDevice;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Language models in Hugging Face layout, on libtorch. */
public final class TorchBackend implements Backend<TorchModel> {

    private final FrozenModels frozen = new FrozenModels();
    private final PretrainedWorlds worlds = new PretrainedWorlds();
    private final Map<Object, ComputeDevice> devices = new HashMap<>();
    private final Map<String, MemoryCalibration.OfDevice> calibrations = new ConcurrentHashMap<>();

    @Override
    public String name() {
        return "torch";
    }

    @Override
    public Class<TorchModel> modelSettings() {
        return TorchModel.class;
    }

    @Override
    public String version() {
        return "libtorch " + NativeLibrary.version();
    }

    @Override
    public Availability availability(String device) {
        return NativeLibrary.availability(new TorchDevice(device));
    }

    @Override
    public Map<String, String> diagnostics() {
        return NativeLibrary.availability(new TorchDevice("cpu")) instanceof Availability.Missing missing
                ? Map.of("libtorch", missing.reason())
                : Diagnostics.collect();
    }

    @Override
    public Map<String, String> environment() {
        return NativeLibrary.availability(new TorchDevice("cpu")) instanceof Availability.Missing
                ? Map.of()
                : Diagnostics.recorded(System.getenv());
    }

    @Override
    public Set<Class<?>> code(TorchModel model) {
        return Set.of(model.family().getClass());
    }

    /** Whether libtorch may round the factors of float32 matmuls is a setting of the process, not of a matmul. */
    @Override
    public Map<String, String> processSettings(TorchModel model, Execution execution) {
        return Map.of(
                "dtype", model.dtype().name(),
                "device", execution.device(),
                "threads", Integer.toString(execution.threads()));
    }

    @Override
    public Policy open(TorchModel model, Execution execution, long seed) {
        ComputeDevice device = device(model, execution);
        return TorchPolicy.open(model, new RandomStreams(seed), device, frozen, pretrained(model, device));
    }

    /** A new adapter does not change the fingerprint, since its B is 0. */
    @Override
    public boolean isStored(TorchModel model) {
        return model.path().isPresent();
    }

    @Override
    public ScalarModel openScalar(TorchModel model, Execution execution, long seed) {
        ComputeDevice device = device(model, execution);
        return TorchScalarModel.open(model, new RandomStreams(seed), device, frozen, pretrained(model, device));
    }

    @Override
    public Ranks join(String device, int rank, int count, Path meeting, Runnable beforeMeeting) {
        return new TorchRanks(new TorchDevice(device), rank, count, meeting, beforeMeeting);
    }

    private Optional<PretrainedWorlds.Pretrained> pretrained(TorchModel model, ComputeDevice device) {
        return model.world().map(world -> worlds.of(world, device));
    }

    /** Pairs of a controlled world, drawn from its own reference, on which the transformer is pre-trained. */
    @Override
    public Optional<PreferenceSampler> sampler(TorchModel model) {
        return model.world().map(world -> {
            ControlledWorld controlled = world.controlled();
            return controlled::samplePairs;
        });
    }

    private ComputeDevice device(TorchModel model, Execution execution) {
        TorchDevice device = new TorchDevice(execution.device());
        if (NativeLibrary.availability(device) instanceof Availability.Missing missing) {
            throw new IllegalArgumentException(
                    "device must be available, got " + device.name() + ": " + missing.reason());
        }
        return configured(device, execution.threads(), model.dtype());
    }

    @Override
    public Optional<MemoryEstimate> memory(TorchModel model, Workload workload) {
        String device = new TorchDevice(workload.device()).isCpu() ? "cpu" : "cuda";
        MemoryCalibration.OfDevice calibrated = calibrations.computeIfAbsent(
                device, absent -> MemoryCalibration.of(System.getenv()).ofDevice(device));
        MemoryEstimate estimate = model.trainingMemory().estimate(workload, calibrated.constants());
        return Optional.of(new MemoryEstimate(estimate.components(), calibrated.error()));
    }

    @Override
    public OptionalLong freeMemory(String device) {
        TorchDevice named = new TorchDevice(device);
        return named.isCpu() || NativeLibrary.availability(named) instanceof Availability.Missing
                ? OptionalLong.empty()
                : OptionalLong.of(named.freeAndTotalMemory().first());
    }

    @Override
    public Map<String, TorchModel> memorySavingAlternatives(TorchModel model) {
        Map<String, TorchModel> alternatives = new LinkedHashMap<>();
        if (!model.gradientCheckpointing()) {
            alternatives.put("gradient_checkpointing: true", model.withCheckpointing());
        }
        if (model.dtype() == Precision.FLOAT32) {
            alternatives.put("dtype: bfloat16", model.with(Precision.BFLOAT16));
        }
        if (model.adapter().isEmpty() && model.path().isPresent()) {
            alternatives.put("adapter: {type: lora}", model.with(LoraAdapter.ofDefaults()));
        }
        return alternatives;
    }

    /**
     * The device, configured at its first use: configuring changes settings of the process, which must not change while
     * policies compute on other threads.
     */
    private synchronized ComputeDevice configured(TorchDevice device, int threads, Precision precision) {
        ComputeDevice configured = devices.computeIfAbsent(
                List.of(device, threads, precision), absent -> ComputeDevice.configure(device, threads, precision));
        configured.activate();
        return configured;
    }
}
