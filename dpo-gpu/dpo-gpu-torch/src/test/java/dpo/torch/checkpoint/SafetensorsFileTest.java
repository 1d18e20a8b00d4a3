package dpo.torch.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dpo.torch.checkpoint.SafetensorsWriter.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
        SafetensorsWriter.write(file, Map.of("format", "pt"), List.of(
                new Source("b", List.of(2L, 3L), sink -> {
                    sink.accept(floats(1, 2));
                    sink.accept(floats(3, 4, 5, 6));
                }),
                new Source("a", List.of(), sink -> sink.accept(floats(7)))));
    }

    @Test
    void what_is_written_is_read() {
        SafetensorsFile read = SafetensorsFile.open(file);
        assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
        assertThat(read.tensors().keySet()).containsExactly("b", "a");
        TensorEntry entry = read.tensors().get("b");
        assertThat(entry.type()).isEqualTo(DataType.F32);
        assertThat(entry.shape()).containsExactly(2L, 3L);
        assertThat(entry.start() % 8).isZero();
        float[] values = new float[6];
        read.forEachPiece(entry, piece -> piece.asFloatBuffer().get(values));
        assertThat(values).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void a_file_cut_short_anywhere_is_refused_with_its_name() throws IOException {
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
    void a_cut_is_told_in_bytes() throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 3));
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .hasMessage("data must end inside the file, got end at byte " + whole.length + " of "
                        + (whole.length - 3) + " (cut short?) (tensor a in " + file + ")");
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
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}} | must be one of [F32, F16, BF16, BOOL, U8], got F64",
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
        "{\"a\":1,\"a\":2} | header must be JSON",
        "[1, 2] | header must be a JSON object",
        "{\"a\": | header must be JSON"})
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
    void missing_files_and_files_that_exist_are_told_by_name() {
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none");
        assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), List.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void a_tensor_that_hands_over_the_wrong_number_of_bytes_is_refused() {
        List<Source> short1 = List.of(new Source("a", List.of(2L), sink -> sink.accept(floats(1))));
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("short"), Map.of(), short1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor must hand over 8 bytes, got 4 (tensor a)");
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
