package dpo.harness.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parses the files with its own reader of TFRecords, checksums and messages. */
final class TensorBoardEventsTest {

    @TempDir
    private Path folder;

    @Test
    void records_are_read_back_as_written() throws IOException {
        Map<String, Double> scalars = new LinkedHashMap<>();
        scalars.put("rewards/margins β", 0.5);
        scalars.put("loss", Double.NaN);
        try (TensorBoardEvents events = TensorBoardEvents.open(folder)) {
            events.write(300, 1_700_000_000.25, scalars);
            events.write(301, 1_700_000_001.5, Map.of("loss", -2.0));
        }

        List<Map<Integer, List<Object>>> records = records(files().get(0));

        assertThat(records).hasSize(4);
        assertThat(text(records.get(0).get(3))).isEqualTo("brain.Event:2");
        assertThat(fields((byte[]) records.get(1).get(7).get(0)).get(1)).containsExactly(1L);
        assertThat(records.get(1).get(2)).containsExactly(300L);
        assertThat(records.get(2).get(1)).containsExactly(1_700_000_000.25);
        assertThat(records.get(2).get(2)).containsExactly(300L);
        assertThat(scalars(records.get(2)))
                .containsExactly(Map.entry("rewards/margins β", 0.5f), Map.entry("loss", Float.NaN));
        assertThat(records.get(3).get(2)).containsExactly(301L);
        assertThat(scalars(records.get(3))).containsExactly(Map.entry("loss", -2f));
    }

    @Test
    void reopening_creates_a_new_file_that_sorts_last() throws IOException {
        for (int i = 0; i < 12; i++) {
            try (TensorBoardEvents events = TensorBoardEvents.open(folder.resolve("new"))) {
                events.write(i, i, Map.of("x", 1.0 * i));
            }
        }

        List<Path> files;
        try (Stream<Path> list = Files.list(folder.resolve("new"))) {
            files = list.sorted().toList();
        }

        assertThat(files).hasSize(12);
        for (int i = 0; i < 12; i++) {
            assertThat(records(files.get(i)).get(2).get(2)).containsExactly((long) i);
            assertThat(files.get(i).getFileName().toString()).startsWith("events.out.tfevents.");
        }
    }

    @Test
    void a_record_is_on_disk_as_soon_as_it_is_written() throws IOException {
        try (TensorBoardEvents events = TensorBoardEvents.open(folder)) {
            events.write(1, 0, Map.of("x", 1.0));
            assertThat(records(files().get(0))).hasSize(3);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.sorted().toList();
        }
    }

    private static List<Map<Integer, List<Object>>> records(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Map<Integer, List<Object>>> records = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int start = bytes.position();
            byte[] data = new byte[(int) bytes.getLong()];
            assertThat(bytes.getInt()).isEqualTo(masked(crc32c(bytes.array(), start, 8)));
            bytes.get(data);
            assertThat(bytes.getInt()).isEqualTo(masked(crc32c(data, 0, data.length)));
            records.add(fields(data));
        }
        return records;
    }

    private static int masked(int crc) {
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }

    @Test
    void the_checksum_of_this_reader_is_crc_32c() {
        // RFC 3720, B.4: 32 bytes of zeros, and of ones.
        assertThat(crc32c(new byte[32], 0, 32)).isEqualTo(0x8a9136aa);
        assertThat(crc32c(HexFormat.of().parseHex("ff".repeat(32)), 0, 32)).isEqualTo(0x62a8ab43);
    }

    private static int crc32c(byte[] bytes, int offset, int length) {
        int crc = ~0;
        for (int i = offset; i < offset + length; i++) {
            crc ^= bytes[i] & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78;
            }
        }
        return ~crc;
    }

    private static Map<Integer, List<Object>> fields(byte[] message) {
        ByteBuffer bytes = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        Map<Integer, List<Object>> fields = new LinkedHashMap<>();
        while (bytes.hasRemaining()) {
            int key = (int) varint(bytes);
            Object value =
                    switch (key & 7) {
                        case 0 -> varint(bytes);
                        case 1 -> bytes.getDouble();
                        case 5 -> bytes.getFloat();
                        case 2 -> {
                            byte[] data = new byte[(int) varint(bytes)];
                            bytes.get(data);
                            yield data;
                        }
                        default -> throw new AssertionError("wire type " + (key & 7));
                    };
            fields.computeIfAbsent(key >>> 3, field -> new ArrayList<>()).add(value);
        }
        return fields;
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static Map<String, Float> scalars(Map<Integer, List<Object>> event) {
        Map<String, Float> scalars = new LinkedHashMap<>();
        for (Object value : fields((byte[]) event.get(5).get(0)).get(1)) {
            Map<Integer, List<Object>> fields = fields((byte[]) value);
            scalars.put(text(fields.get(1)), (Float) fields.get(2).get(0));
        }
        return scalars;
    }

    private static String text(List<Object> values) {
        return new String((byte[]) values.get(0), StandardCharsets.UTF_8);
    }
}
