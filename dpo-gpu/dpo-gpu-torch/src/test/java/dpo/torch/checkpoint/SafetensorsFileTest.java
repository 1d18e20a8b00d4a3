package dpo.torch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.torch.checkpoint.SafetensorsWriter.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("model.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of("format", "pt"),
                List.of(
                        new TensorData("b", List.of(2L, 3L), sink -> {
                            sink.accept(floats(1, 2));
                            sink.accept(floats(3, 4, 5, 6));
                        }),
                        new TensorData("a", List.of(), sink -> sink.accept(floats(7)))));
    }

    @Test
    void written_tensors_are_read_back() {
        SafetensorsFile read = SafetensorsFile.open(file);
        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
        assertThat(read.tensors().keySet()).containsExactly("b", "a");
        TensorEntry entry = read.tensors().get("b");
        assertThat(entry.type()).isEqualTo(DataType.F32);
        assertThat(entry.shape()).containsExactly(2L, 3L);
        assertThat(entry.start() % 8).isZero();
        float[] values = new float[6];
        read.forEachChunk(entry, chunk -> chunk.asFloatBuffer().get(values));
        assertThat(values).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void a_truncated_file_is_refused_by_name() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Path cut = folder.resolve("cut");
            Files.write(cut, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> SafetensorsFile.open(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(cut.toString());
        }
    }

    @Test
    void the_message_about_a_truncated_file_counts_bytes() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 3));
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .hasMessage("data must end inside the file, got end at byte " + whole.length + " of "
                        + (whole.length - 3) + " (truncated?) (tensor a in " + file + ")");
    }

    @Test
    void bytes_after_the_last_tensor_are_refused() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length + 3));
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .hasMessageContaining("tensors must fill the file")
                .hasMessageContaining(file.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}} | must be one of [F32, F16, BF16, BOOL, U8], got \"F64\"",
                "{\"a\":{\"shape\":[1],\"data_offsets\":[0,8]}} | dtype must be one of",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | must span shape × dtype = 12 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | integers of at least 0, got -2",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}} | shape must be a list, got 2",
                "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}} | shape must be a list, got nothing",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | begin <= end",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | [begin, end]",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}} | must end inside the file, got end at byte",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}} | fewer than 2^63 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                        + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | (overlap)",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | (gap)",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | tensors must fill the file",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | header must be JSON, got: Duplicate",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9223372036854775807]}} | must end inside the file",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,1e400]}} | integers of at least 0, got",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[true],\"data_offsets\":[0,8]}} | integers of at least 0, got true",
                "{\"a\":{\"dtype\":[\"F32\"],\"shape\":[2],\"data_offsets\":[0,8]}} | dtype must be one of",
                "{\"a\":3} | dtype must be one of",
                "{\"__metadata__\":[1]} | __metadata__ must map names to strings, got [1]",
                "{\"__metadata__\":\"pt\"} | __metadata__ must map names to strings, got \"pt\"",
                "{\"__metadata__\":{\"format\":{\"a\":1}}} | __metadata__ must map names to strings, got",
                "{\"__metadata__\":{\"steps\":3}} | __metadata__ must map names to strings, got {\"steps\":3}",
                "{} {} | header must be one JSON object, got more content after it",
                "[1, 2] | header must be a JSON object",
                "{\"a\": | header must be JSON"
            })
    void a_wrong_header_is_refused_with_file_and_reason(String header, String reason) throws IOException {
        write(header);
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining(file.toString());
    }

    @Test
    void an_impossible_header_length_is_refused() throws IOException {
        Files.write(file, "this is no safetensors file at all".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("header length must be in")
                .hasMessageContaining(file.toString());
    }

    @Test
    void headers_of_any_size_need_bounded_memory() throws IOException {
        String padding = " ".repeat(97_000_000);
        Files.writeString(file, "\0\0\0\0\0\0\0\0" + padding);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(padding.length())
                    .flip());
        }
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .hasMessageContaining("header length must be in [2, 16777216], got 97000000");
        write("{" + "\"a\":[".repeat(1_000_000));
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("header must be JSON");
        write("{\"a\":{\"shape\":[" + "1,".repeat(5_000_000) + "1]}}");
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("dtype must be one of");
        write("{\"" + "n".repeat(70_000) + "\":3}");
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .message()
                .hasSizeLessThan(1000)
                .contains(file.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "0x0000, 0.0",
        "0x3c00, 1.0",
        "0xc000, -2.0",
        "0x0001, 5.9604645E-8",
        "0x03ff, 6.097555E-5",
        "0x0400, 6.1035156E-5",
        "0x7bff, 65504.0",
        "0x7c00, Infinity",
        "0xfc00, -Infinity",
        "0x7e00, NaN",
        "0x3555, 0.33325195"
    })
    void half_precision_is_converted_to_float32_exactly(String bits, Float value) {
        ByteBuffer half = ByteBuffer.allocate(2)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort(Integer.decode(bits).shortValue());
        assertThat(DataType.F16.at(half, 0)).isEqualTo(value);
    }

    @Test
    void messages_about_missing_and_existing_files_name_them() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void a_tensor_with_the_wrong_number_of_bytes_is_refused() {
        List<TensorData> short1 = List.of(new TensorData("a", List.of(2L), sink -> sink.accept(floats(1))));
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("short"), Map.of(), short1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor must have 8 bytes, got 4 (tensor a)");
    }

    private void write(String header) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(json.length).put(json).array());
    }

    private static ByteBuffer floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.flip();
    }
}
