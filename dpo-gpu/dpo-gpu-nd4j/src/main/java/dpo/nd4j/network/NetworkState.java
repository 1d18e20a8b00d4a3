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
     * Reads a zip.
     *
     * @throws IllegalArgumentException if it is none of Deeplearning4j, or its network cannot be a policy; the message
     *     names the file
     */
    public static NetworkState read(Path file, DataType dataType) {
        try {
            NetworkPlan plan = plan(file);
            INDArray parameters;
            try (ZipFile zip = new ZipFile(file.toFile());
                    DataInputStream in = new DataInputStream(
                            new ByteArrayInputStream(entry(zip, ModelSerializer.COEFFICIENTS_BIN)))) {
                parameters = Nd4j.read(in);
            }
            long expected = plan.parameters();
            if (parameters.length() != expected) {
                throw new IllegalArgumentException(
                        "network must have " + expected + " parameters, got " + parameters.length());
            }
            return new NetworkState(plan, parameters.reshape(1, expected).castTo(dataType));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + " (" + file + ")", e);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "path must be a network saved by ModelSerializer, got " + e + " (" + file + ")", e);
        }
    }

    /**
     * The structure of the network in a zip.
     *
     * @throws IOException if it cannot be read
     */
    public static NetworkPlan plan(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("path must be a file or a folder with a network, got none");
        }
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String json = new String(entry(zip, ModelSerializer.CONFIGURATION_JSON), StandardCharsets.UTF_8);
            return new NetworkPlan(json, graph(json));
        } catch (ZipException e) {
            throw new IllegalArgumentException("path must be a zip of ModelSerializer, got " + e.getMessage(), e);
        }
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
