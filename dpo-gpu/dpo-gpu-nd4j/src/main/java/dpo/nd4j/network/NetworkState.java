package dpo.nd4j.network;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.shade.jackson.databind.JsonNode;

/**
 * A network as its file has it, a zip of Deeplearning4j's {@link ModelSerializer}: its configuration, of a graph or of a
 * multi-layer network, and its parameters. Nothing else of the zip is read; a state of Deeplearning4j's updater has no
 * use here.
 *
 * @param plan the network's structure
 * @param parameters {@code [1, n]}
 */
public record NetworkState(NetworkPlan plan, INDArray parameters) {

    /**
     * Reads the zip of a language model.
     *
     * @throws IllegalArgumentException if it is none of Deeplearning4j, or its network cannot be a policy; the message
     *     names the file
     */
    public static NetworkState read(Path file, DataType dataType) {
        return inZip(file, zip -> state(zip, plan(zip), dataType));
    }

    /**
     * Reads the zip of a network of a known structure.
     *
     * @throws IllegalArgumentException if it is another's; the message names the file
     */
    public static NetworkState readAs(NetworkPlan plan, Path file, DataType dataType) {
        return inZip(file, zip -> {
            if (!json(zip).equals(plan.json())) {
                throw new IllegalArgumentException("saved network must have the model's configuration, got another");
            }
            return state(zip, plan, dataType);
        });
    }

    /**
     * The structure of the language model in a zip.
     *
     * @throws IllegalArgumentException as {@link #read}
     */
    public static NetworkPlan plan(Path file) {
        return inZip(file, NetworkState::plan);
    }

    private interface Reader<T> {
        T read(ZipFile zip) throws IOException;
    }

    private static <T> T inZip(Path file, Reader<T> reader) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "path must be a file or a folder with a network, got none (" + file + ")");
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            return reader.read(zip);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + file + ")", e);
        } catch (ZipException e) {
            throw new IllegalArgumentException(
                    "path must be a zip of ModelSerializer, got " + e.getMessage() + " (" + file + ")", e);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "path must be a whole network saved by ModelSerializer, got " + rootMessage(e) + " (" + file + ")",
                    e);
        }
    }

    /** Deeplearning4j's own exceptions repeat the class and message of each cause. */
    private static String rootMessage(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }

    private static NetworkPlan plan(ZipFile zip) throws IOException {
        String json = json(zip);
        return NetworkPlan.ofLanguageModel(json, graph(json));
    }

    private static String json(ZipFile zip) throws IOException {
        return new String(entry(zip, ModelSerializer.CONFIGURATION_JSON), StandardCharsets.UTF_8);
    }

    private static NetworkState state(ZipFile zip, NetworkPlan plan, DataType dataType) throws IOException {
        INDArray parameters =
                Nd4j.read(new DataInputStream(new ByteArrayInputStream(entry(zip, ModelSerializer.COEFFICIENTS_BIN))));
        long expected = plan.parameters();
        if (parameters.length() != expected) {
            throw new IllegalArgumentException(
                    "network must have " + expected + " parameters, got " + parameters.length());
        }
        return new NetworkState(plan, parameters.reshape(1, expected).castTo(dataType));
    }

    /** The same body with an output of one number, whose weights are 0. */
    public NetworkState scalar() {
        NetworkPlan scalar = plan.scalar();
        long ofBody = plan.bodyParameters();
        INDArray all = Nd4j.zeros(parameters.dataType(), 1, scalar.parameters());
        if (ofBody > 0) {
            all.get(NDArrayIndex.all(), NDArrayIndex.interval(0, ofBody))
                    .assign(parameters.get(NDArrayIndex.all(), NDArrayIndex.interval(0, ofBody)));
        }
        return new NetworkState(scalar, all);
    }

    private static byte[] entry(ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new IllegalArgumentException("zip must hold " + name + " as ModelSerializer writes it, got none");
        }
        return zip.getInputStream(entry).readAllBytes();
    }

    /** A multi-layer network is the graph of a chain, with the same parameters in the same order. */
    private static ComputationGraphConfiguration graph(String json) throws IOException {
        JsonNode tree = NeuralNetConfiguration.mapper().readTree(json);
        if (tree.has("vertices")) {
            return ComputationGraphConfiguration.fromJson(json);
        }
        if (!tree.has("confs")) {
            throw new IllegalArgumentException("configuration must be that of a ComputationGraph or MultiLayerNetwork,"
                    + " got neither vertices nor confs");
        }
        MultiLayerNetwork network = new MultiLayerNetwork(MultiLayerConfiguration.fromJson(json));
        network.init();
        return network.toComputationGraph().getConfiguration();
    }

    /** Writes a zip that Deeplearning4j's {@link ModelSerializer} reads, byte for byte the same each time. */
    public void write(Path file) {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            begin(zip, ModelSerializer.CONFIGURATION_JSON);
            zip.write(plan.json().getBytes(StandardCharsets.UTF_8));
            begin(zip, ModelSerializer.COEFFICIENTS_BIN);
            DataOutputStream out = new DataOutputStream(zip);
            Nd4j.write(parameters, out);
            out.flush();
            zip.closeEntry();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e, e);
        }
    }

    /** SHA-256 of configuration, dtype and parameters, in hexadecimal. */
    public String sha256() {
        return Checksum.of(plan.json() + parameters.dataType(), parameters);
    }

    private static void begin(ZipOutputStream zip, String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(0);
        zip.putNextEntry(entry);
    }
}
