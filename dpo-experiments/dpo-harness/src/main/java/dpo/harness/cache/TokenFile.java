package dpo.harness.cache;

import dpo.core.sequence.Label;
import dpo.core.sequence.Preference;
import dpo.core.sequence.TokenSequence;
import dpo.core.sequence.TokenSequence.Span;
import dpo.data.provenance.ReaderSettings;
import dpo.data.provenance.SourceProvenance;
import dpo.data.tokenization.TokenizationReport;
import dpo.harness.store.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The file of a tokenized data set.
 *
 * <pre>
 *  ids        the ids of all sequences, one after the other, 4 bytes each, little-endian
 *  table      counts and provenance as JSON; then for each preference its id, label, and the lengths and turns of its
 *             completions
 *  trailer    magic number, number of ids, bytes of the table, CRC-32C of everything before it: 8 bytes each
 * </pre>
 *
 * <p>The ids are not read but mapped: they occupy memory only while they are used, and once for all processes.
 *
 * @param reader the reader of the data set, whose settings and file the provenance names
 * @param data the file that it reads
 */
record TokenFile(Record reader, Path data) implements CacheFormat<TokenizedText> {

    /** Part of the key of a data set. */
    static final int VERSION = 1;

    private static final long MAGIC = 0x64706f2d746f6b31L;
    private static final int TRAILER = 4 * Long.BYTES;
    private static final int BUFFER = 1 << 20;

    /** What the file says of the whole data set; the provenance without what the reader knows. */
    private record Head(
            String sha256,
            int read,
            int used,
            int skipped,
            Map<String, Integer> dropped,
            TokenizationReport report,
            String hash) {}

    @Override
    public void write(TokenizedText value, FileChannel file) throws IOException {
        CRC32C checksum = new CRC32C();
        long ids = writeIds(value.preferences(), file, checksum);
        byte[] table = table(value);
        write(ByteBuffer.wrap(table), file, checksum);
        ByteBuffer trailer = ByteBuffer.allocate(TRAILER);
        trailer.putLong(MAGIC).putLong(ids).putLong(table.length);
        checksum.update(trailer.array(), 0, trailer.position());
        write(trailer.putLong(checksum.getValue()).flip(), file, new CRC32C());
    }

    private static long writeIds(List<Preference> preferences, FileChannel file, CRC32C checksum) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN);
        long count = 0;
        for (Preference preference : preferences) {
            for (TokenSequence sequence : preference.completions()) {
                for (int i = 0; i < sequence.length(); i++) {
                    if (buffer.remaining() < Integer.BYTES) {
                        write(buffer.flip(), file, checksum);
                        buffer.clear();
                    }
                    buffer.putInt(sequence.id(i));
                }
                count += sequence.length();
            }
        }
        write(buffer.flip(), file, checksum);
        return count;
    }

    private static void write(ByteBuffer bytes, FileChannel file, CRC32C checksum) throws IOException {
        checksum.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    private static byte[] table(TokenizedText value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        SourceProvenance source = value.source();
        byte[] head = Json.line(new Head(
                        source.sha256(),
                        source.read(),
                        source.used(),
                        source.skipped(),
                        source.dropped(),
                        value.report(),
                        value.hash()))
                .getBytes(StandardCharsets.UTF_8);
        out.writeInt(head.length);
        out.write(head);
        out.writeInt(value.preferences().size());
        for (Preference preference : value.preferences()) {
            writeRow(preference, out);
        }
        return bytes.toByteArray();
    }

    private static void writeRow(Preference preference, DataOutputStream out) throws IOException {
        Label label = preference.label();
        out.writeUTF(preference.id());
        out.writeUTF(label.group());
        out.writeDouble(label.weight());
        out.writeInt(label.completions());
        out.writeInt(label.ratings().size());
        for (double rating : label.ratings()) {
            out.writeDouble(rating);
        }
        for (TokenSequence sequence : preference.completions()) {
            out.writeInt(sequence.length());
            out.writeInt(sequence.turns().size());
            for (Span turn : sequence.turns()) {
                out.writeInt(turn.start());
                out.writeInt(turn.end());
            }
        }
    }

    @Override
    public TokenizedText read(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer trailer = bytes(file, file.size() - TRAILER, TRAILER);
            long magic = trailer.getLong();
            long ids = trailer.getLong();
            long table = trailer.getLong();
            if (magic != MAGIC || Integer.BYTES * ids + table + TRAILER != file.size()) {
                throw new IOException("a file that is too short");
            }
            if (trailer.getLong() != checksum(file)) {
                throw new IOException("other bytes");
            }
            byte[] rows =
                    bytes(file, Integer.BYTES * ids, Math.toIntExact(table)).array();
            return read(new DataInputStream(new ByteArrayInputStream(rows)), new MappedIds(file, ids));
        }
    }

    private static long checksum(FileChannel file) throws IOException {
        CRC32C checksum = new CRC32C();
        long end = file.size() - Long.BYTES;
        for (long at = 0; at < end; at += BUFFER) {
            checksum.update(bytes(file, at, (int) Math.min(BUFFER, end - at)));
        }
        return checksum.getValue();
    }

    private static ByteBuffer bytes(FileChannel file, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && from >= 0) {
            if (file.read(bytes, from + bytes.position()) < 0) {
                break;
            }
        }
        if (bytes.hasRemaining()) {
            throw new IOException("a file that is too short");
        }
        return bytes.flip();
    }

    private TokenizedText read(DataInputStream in, MappedIds ids) throws IOException {
        Head head = Json.read(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8), Head.class);
        int count = in.readInt();
        List<Preference> preferences = new ArrayList<>(count);
        Labels labels = new Labels();
        for (int i = 0; i < count; i++) {
            preferences.add(readRow(in, ids, labels));
        }
        SourceProvenance source = new SourceProvenance(
                reader.getClass().getName(),
                ReaderSettings.of(reader),
                data.toString(),
                head.sha256(),
                head.read(),
                head.used(),
                head.skipped(),
                head.dropped());
        return new TokenizedText(preferences, source, head.report(), head.hash());
    }

    /** The last label, since most rows of a data set have the same one. */
    private static final class Labels {

        private Label last = Label.ordered(2);

        Label of(Label label) {
            last = label.equals(last) ? last : label;
            return last;
        }
    }

    private static Preference readRow(DataInputStream in, MappedIds ids, Labels labels) throws IOException {
        String id = in.readUTF();
        String group = in.readUTF();
        double weight = in.readDouble();
        int completions = in.readInt();
        List<Double> ratings = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            ratings.add(in.readDouble());
        }
        List<TokenSequence> sequences = new ArrayList<>(completions);
        for (int i = 0; i < completions; i++) {
            int length = in.readInt();
            List<Span> turns = new ArrayList<>(1);
            for (int left = in.readInt(); left > 0; left--) {
                turns.add(new Span(in.readInt(), in.readInt()));
            }
            sequences.add(TokenSequence.over(ids.next(length), turns));
        }
        return new Preference(id, sequences, labels.of(new Label(completions, ratings, group, weight)));
    }
}
