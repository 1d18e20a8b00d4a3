package dpo.torch;

import dpo.core.random.RandomStreams;
import dpo.torch.compute.ComputeDevice;
import dpo.torch.layout.PackedRows;
import dpo.torch.linear.Dropout;
import dpo.torch.lm.LanguageModel;
import dpo.torch.lm.ModelWeights;
import dpo.torch.lora.Adapter;
import dpo.torch.model.BaseModel;
import dpo.torch.model.FrozenModels;
import dpo.torch.tensor.NamedTensors;
import dpo.torch.tensor.Tensors;
import dpo.torch.training.PassSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** An opened model whose parameters are all trained, or only those of an adapter. */
final class TrainedModel implements AutoCloseable {

    private final BaseModel model;
    private final Runnable closeModel;
    private final Optional<Adapter> adapter;
    private final LanguageModel languageModel;
    private final String fingerprint;
    private final boolean checkpointing;
    private final long dropoutSeed;

    private TrainedModel(
            BaseModel model,
            Runnable closeModel,
            Optional<Adapter> adapter,
            ComputeDevice device,
            boolean checkpointing,
            long dropoutSeed) {
        this.model = model;
        this.closeModel = closeModel;
        this.adapter = adapter;
        this.checkpointing = checkpointing;
        this.dropoutSeed = dropoutSeed;
        trained().train();
        this.languageModel = new LanguageModel(
                model.architecture(),
                device,
                new ModelWeights(model.architecture(), model.parameters(), adapter, device));
        this.fingerprint =
                adapter.map(added -> added.fingerprint(model.fingerprint())).orElse(model.fingerprint());
    }

    /**
     * Opens the model that the settings describe.
     *
     * @param frozen models that policies share
     * @param world the pre-trained transformer, if the settings are those of a world
     * @throws IllegalArgumentException if the model or its adapter is missing or damaged
     */
    static TrainedModel open(
            TorchModel settings,
            RandomStreams streams,
            ComputeDevice device,
            FrozenModels frozen,
            Optional<PretrainedWorlds.Pretrained> world) {
        boolean isFrozen = settings.adapter().isPresent();
        if (isFrozen && settings.path().isEmpty()) {
            throw new IllegalArgumentException("model.adapter must be absent with model."
                    + (settings.fresh().isPresent() ? "fresh" : "world")
                    + ": an adapter belongs to a model in a folder, got both");
        }
        Supplier<BaseModel> open = () -> settings.path()
                .map(folder -> BaseModel.read(folder, device, isFrozen))
                .or(() -> world.map(pretrained -> pretrained.copy(device)))
                .orElseGet(() -> BaseModel.fresh(settings.fresh().orElseThrow(), streams.stream("init"), device));
        FrozenModels.Lease lease = isFrozen
                ? frozen.lease(List.of(settings.path(), device.torchDevice(), device.precision()), open)
                : owned(open.get());
        return Tensors.freedOnFailure(lease.release(), () -> {
            Optional<Adapter> adapter = settings.adapter()
                    .map(added -> Adapter.open(
                            added, lease.model().architecture(), streams.stream("adapter"), device.torchDevice()));
            return Tensors.freedOnFailure(
                    () -> adapter.ifPresent(Adapter::close),
                    () -> new TrainedModel(
                            lease.model(),
                            lease.release(),
                            adapter,
                            device,
                            settings.gradientCheckpointing(),
                            streams.stream("dropout").nextLong()));
        });
    }

    /** A model whose parameters are all trained, and which is closed with this. */
    static TrainedModel of(BaseModel model, ComputeDevice device) {
        return new TrainedModel(model, model::close, Optional.empty(), device, false, 0);
    }

    private static FrozenModels.Lease owned(BaseModel model) {
        return new FrozenModels.Lease(model, model::close);
    }

    /** The model with its files. */
    BaseModel base() {
        return model;
    }

    /** The adapter, if one is trained. */
    Optional<Adapter> adapter() {
        return adapter;
    }

    /** The model on its device. */
    LanguageModel onDevice() {
        return languageModel;
    }

    /** The trained parameters. */
    NamedTensors trained() {
        return adapter.map(Adapter::tensors).orElse(model.parameters());
    }

    /** Content hash of the model as it was opened. */
    String fingerprint() {
        return fingerprint;
    }

    /**
     * Settings of a training pass. The dropout depends on the rows and the number of updates, so a repeated or resumed
     * pass has the same one.
     */
    PassSettings passSettings(PackedRows rows, long updates) {
        return new PassSettings(
                adapter.map(added -> added.dropout(dropoutSeed(rows, updates))).orElse(Dropout.NONE), checkpointing);
    }

    private long dropoutSeed(PackedRows rows, long updates) {
        return new RandomStreams(dropoutSeed)
                .stream(updates + " " + Arrays.toString(rows.ids())).nextLong();
    }

    /** Writes the trained weights into an empty folder: a checkpoint, or an adapter in PEFT's format. */
    void save(Path folder) {
        requireEmpty(folder);
        adapter.ifPresentOrElse(
                added -> {
                    added.save(folder, model.architecture(), model.folder());
                    model.companions().write(folder);
                },
                () -> model.save(folder));
    }

    /** Writes a checkpoint into an empty folder; an adapter is merged into the model. */
    void saveModel(Path folder) {
        requireEmpty(folder);
        if (adapter.isEmpty()) {
            model.save(folder);
            return;
        }
        try (NamedTensors merged = model.stored()) {
            adapter.get().mergeInto(model.architecture(), merged);
            model.with(merged).save(folder);
        }
    }

    private static void requireEmpty(Path folder) {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> content = Files.list(folder)) {
                if (content.findAny().isPresent()) {
                    throw new IllegalArgumentException("folder must be empty, got " + folder);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write into " + folder + ": " + e, e);
        }
    }

    /** Reads what {@link #save} has written. */
    void restore(Path folder) {
        adapter.ifPresentOrElse(added -> added.restore(folder), () -> model.restore(folder));
        changed();
    }

    /** Announces that parameters have changed. */
    void changed() {
        languageModel.weights().changed();
    }

    @Override
    public void close() {
        languageModel.weights().close();
        adapter.ifPresent(Adapter::close);
        closeModel.run();
    }
}
