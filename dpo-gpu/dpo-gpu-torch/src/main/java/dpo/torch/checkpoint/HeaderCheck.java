package dpo.torch.checkpoint;

import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Checks each tensor of a safetensors header as it is read, and finally that all tensors fill the file exactly. */
final class HeaderCheck {

    /** The largest number of dimensions of a tensor in libtorch. */
    private static final int MOST_DIMENSIONS = 64;

    private final Path path;
    private final long dataStart;
    private final long fileSize;
    private final Map<String, TensorEntry> tensors = new LinkedHashMap<>();

    HeaderCheck(Path path, long dataStart, long fileSize) {
        this.path = path;
        this.dataStart = dataStart;
        this.fileSize = fileSize;
    }

    /** Checks and adds one tensor of the header. */
    void add(String name, JsonNode described) {
        JsonNode dtype = described.path("dtype");
        DataType type = DataType.named(dtype.asString(""))
                .orElseThrow(() -> wrong(
                        name,
                        "dtype must be one of " + Arrays.toString(DataType.values()) + ", got "
                                + JsonFile.shown(dtype)));
        List<Long> shape = longs(name, described, "shape");
        List<Long> offsets = longs(name, described, "data_offsets");
        if (offsets.size() != 2 || offsets.get(1) < offsets.get(0)) {
            throw wrong(name, "data_offsets must be [begin, end] with begin <= end, got " + offsets);
        }
        long bytes = offsets.get(1) - offsets.get(0);
        if (offsets.get(1) > fileSize - dataStart) {
            BigInteger end = BigInteger.valueOf(dataStart).add(BigInteger.valueOf(offsets.get(1)));
            throw wrong(
                    name,
                    "data must end inside the file, got end at byte " + end + " of " + fileSize + " (truncated?)");
        }
        if (bytes != expectedBytes(name, shape, type)) {
            throw wrong(
                    name,
                    "data_offsets must span shape × dtype = " + expectedBytes(name, shape, type) + " bytes (" + shape
                            + " " + type + "), got " + bytes);
        }
        tensors.put(name, new TensorEntry(name, type, shape, dataStart + offsets.get(0), bytes));
    }

    /** The tensors, after a check that they follow each other without gaps and fill the file. */
    Map<String, TensorEntry> finish() {
        List<TensorEntry> inFileOrder = new ArrayList<>(tensors.values());
        inFileOrder.sort(Comparator.comparingLong(TensorEntry::start).thenComparingLong(TensorEntry::bytes));
        long expected = dataStart;
        for (TensorEntry entry : inFileOrder) {
            if (entry.start() != expected) {
                throw wrong(
                        entry.name(),
                        "data must begin where the tensor before it ends, at byte " + expected + ", got "
                                + entry.start() + (entry.start() < expected ? " (overlap)" : " (gap)"));
            }
            expected += entry.bytes();
        }
        if (expected != fileSize) {
            throw new IllegalArgumentException("tensors must fill the file: they end at byte " + expected
                    + ", but the file has " + fileSize + " (" + path + ")");
        }
        return tensors;
    }

    private long expectedBytes(String name, List<Long> shape, DataType type) {
        try {
            return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw wrong(name, "shape must have fewer than 2^63 bytes, got " + shape);
        }
    }

    private List<Long> longs(String name, JsonNode described, String field) {
        JsonNode array = described.path(field);
        if (array.size() > MOST_DIMENSIONS) {
            throw wrong(name, field + " must have at most " + MOST_DIMENSIONS + " numbers, got " + array.size());
        }
        List<Long> values = new ArrayList<>();
        for (JsonNode element : array) {
            if (!element.isIntegralNumber() || !element.canConvertToLong() || element.asLong() < 0) {
                throw wrong(name, field + " must hold integers of at least 0, got " + JsonFile.shown(element));
            }
            values.add(element.asLong());
        }
        if (!array.isArray()) {
            throw wrong(name, field + " must be a list, got " + JsonFile.shown(array));
        }
        return values;
    }

    private IllegalArgumentException wrong(String name, String what) {
        return new IllegalArgumentException(what + " (tensor " + SafetensorsFile.shown(name) + " in " + path + ")");
    }
}
