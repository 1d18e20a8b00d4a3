package dpo.torch.memory;

import dpo.core.InvalidInputException;
import dpo.core.backend.EstimateError;
import dpo.core.setting.Requirement;
import dpo.torch.family.Families;
import dpo.torch.model.FreshModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The measured constants of the memory estimate, the measurements that they were fitted to, and others that test it.
 *
 * @param measurements dates, machines and methods of measurements, by name
 * @param constants the constants of {@link TrainingMemory}
 * @param models shapes of the measured models, by name
 * @param fitted peaks that the constants were fitted to
 * @param heldOut peaks that the constants were not fitted to
 */
public record MemoryCalibration(
        Map<String, Measurement> measurements,
        MemoryConstants constants,
        Map<String, ModelShape> models,
        List<MeasuredPeak> fitted,
        List<MeasuredPeak> heldOut) {

    /** The environment variable that names a file to use instead of the built-in calibration. */
    public static final String VARIABLE = "DPO_MEMORY_CALIBRATION";

    private static final String BUILT_IN = "calibration.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(
                    DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    public MemoryCalibration {
        measurements = Map.copyOf(measurements);
        models = Map.copyOf(models);
        fitted = List.copyOf(fitted);
        heldOut = List.copyOf(heldOut);
        models.values().forEach(shape -> shape.fresh(Path.of(""))); // throws if there is no such model
        requireKnown(fitted, measurements.keySet(), models.keySet());
        requireKnown(heldOut, measurements.keySet(), models.keySet());
    }

    private static void requireKnown(List<MeasuredPeak> peaks, Set<String> measurements, Set<String> models) {
        for (MeasuredPeak peak : peaks) {
            Requirement.holds(models.contains(peak.model()), "model", "must be a name in models", peak.model());
            Requirement.holds(
                    measurements.contains(peak.measurement()),
                    "measurement",
                    "must be a name in measurements",
                    peak.measurement());
        }
    }

    /**
     * Date, machine and method of the measurement of peaks.
     *
     * @param date of the measurement
     * @param device the kind of device, {@code cpu} or {@code cuda}, whose memory was measured
     * @param machine processor and memory
     * @param java version of the virtual machine
     * @param libtorch version of libtorch
     * @param threads of the backend
     * @param environment the variables of the allocator and of libtorch
     * @param method the command, and what it measures
     */
    public record Measurement(
            String date,
            String device,
            String machine,
            String java,
            String libtorch,
            int threads,
            Map<String, String> environment,
            String method) {

        public Measurement {
            environment = Map.copyOf(environment);
        }
    }

    /** The shape of a decoder of the Llama family. */
    public record ModelShape(
            int vocabulary, int hidden, int intermediate, int layers, int heads, int keyValueHeads, boolean tied) {

        private static final int LONGEST = 8192;

        /** The model of this shape with random weights. */
        public FreshModel fresh(Path tokenizer) {
            return new FreshModel(
                    tokenizer, vocabulary, hidden, intermediate, layers, heads, keyValueHeads, LONGEST, tied, 0.02);
        }
    }

    /** The estimate for a measured training. */
    public long estimate(MeasuredPeak peak) {
        return TrainingMemory.of(
                        Families.read(shape(peak).fresh(Path.of("")).config()),
                        peak.dtype(),
                        peak.checkpointing(),
                        peak.adapter(),
                        peak.model())
                .estimate(peak.workload(measurement(peak).device()), constants)
                .bytes();
    }

    /**
     * The constants, and the error of the estimates on a kind of device.
     *
     * @param error over the held-out peaks of the device; empty if there are none
     */
    public record OfDevice(MemoryConstants constants, Optional<EstimateError> error) {}

    /** The part for a kind of device, {@code cpu} or {@code cuda}. */
    public OfDevice ofDevice(String device) {
        double[] errors = heldOut.stream()
                .filter(peak -> measurement(peak).device().equals(device))
                .mapToDouble(peak -> estimate(peak) / (double) peak.peakBytes() - 1)
                .toArray();
        return new OfDevice(constants, EstimateError.of(errors));
    }

    private Measurement measurement(MeasuredPeak peak) {
        return Objects.requireNonNull(measurements.get(peak.measurement()));
    }

    /** The shape of the model of a peak. */
    public ModelShape shape(MeasuredPeak peak) {
        return Objects.requireNonNull(models.get(peak.model()));
    }

    /**
     * The calibration that a process uses: the file that {@link #VARIABLE} names, or the built-in one.
     *
     * @param environment variables of the process
     * @throws InvalidInputException if the file cannot be used
     */
    public static MemoryCalibration of(Map<String, String> environment) {
        String file = environment.getOrDefault(VARIABLE, "");
        if (file.isEmpty()) {
            return builtIn();
        }
        try {
            return parse(Files.readAllBytes(Path.of(file)));
        } catch (IOException | JacksonException | InvalidPathException e) {
            throw new InvalidInputException(
                    VARIABLE + " must name a calibration of the memory estimate, got " + file + ": " + reason(e), e);
        }
    }

    /** The calibration that belongs to this version. */
    public static MemoryCalibration builtIn() {
        try (InputStream resource =
                Objects.requireNonNull(MemoryCalibration.class.getResourceAsStream(BUILT_IN), BUILT_IN)) {
            return parse(resource.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MemoryCalibration parse(byte[] json) throws IOException {
        MemoryCalibration parsed = JSON.readValue(json, MemoryCalibration.class);
        if (parsed == null) {
            throw new IOException("content must be a JSON object, got null");
        }
        return parsed;
    }

    /** The problem and where it is. */
    private static String reason(Exception e) {
        if (!(e instanceof JacksonException json)) {
            return e.toString();
        }
        String problem = json.getCause() instanceof IllegalArgumentException wrong
                ? wrong.getMessage()
                : json.getOriginalMessage();
        return problem + " (line " + json.getLocation().getLineNr() + ")";
    }

    /** A peak as a line of the file. */
    public static String line(MeasuredPeak peak) {
        return JSON.writeValueAsString(peak);
    }
}
