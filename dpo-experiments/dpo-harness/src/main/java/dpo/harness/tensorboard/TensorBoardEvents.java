package dpo.harness.tensorboard;

import dpo.harness.store.AppendedFile;
import dpo.harness.store.DurableFiles;
import dpo.harness.store.OutputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Appends scalars to a TensorBoard event file.
 *
 * <p>The file is a TFRecord: for each record its length (uint64), the masked CRC-32C of the length, the bytes, and the
 * masked CRC-32C of the bytes, all little-endian; a record is a {@code tensorflow.Event} message. The first one names
 * the format, {@code brain.Event:2}.
 *
 * <p>Each opening creates a new file whose name sorts after the earlier ones, and writes a session start before its
 * first scalars: TensorBoard then discards earlier values of that step and later ones, so a run can resume from a
 * checkpoint. Records are written one by one, so TensorBoard can follow a running run. Not thread-safe.
 */
public final class TensorBoardEvents implements AutoCloseable {

    private static final int FILES_A_SECOND = 1000;
    private static final Pattern NAME = Pattern.compile("events\\.out\\.tfevents\\.(\\d{10,15})\\.dpo\\.\\d+");

    private final AppendedFile file;
    private boolean started;

    private TensorBoardEvents(AppendedFile file) {
        this.file = file;
    }

    /**
     * Creates a new event file in {@code folder}, which is created if absent.
     *
     * @throws OutputException if the file cannot be written
     */
    public static TensorBoardEvents open(Path folder) {
        long now = System.currentTimeMillis();
        DurableFiles.createFolderWithin(folder);
        try {
            TensorBoardEvents events = new TensorBoardEvents(create(folder, Math.max(now / 1000, lastSeconds(folder))));
            events.append(new Message().fixed64(Field.WALL_TIME, now / 1e3).text(Field.FILE_VERSION, "brain.Event:2"));
            return events;
        } catch (IOException e) {
            throw OutputException.writing(folder, e);
        }
    }

    /** The time in the name of the last file, so that the next one sorts after it even if the clock was set back. */
    private static long lastSeconds(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .mapToLong(name -> Long.parseLong(name.group(1)))
                    .max()
                    .orElse(0);
        }
    }

    private static AppendedFile create(Path folder, long seconds) throws IOException {
        for (int i = 0; i < FILES_A_SECOND; i++) {
            Path path = folder.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.dpo.%03d", seconds, i));
            try {
                return AppendedFile.create(path);
            } catch (FileAlreadyExistsException e) {
                // The next name may be free.
            }
        }
        return create(folder, seconds + 1);
    }

    /**
     * Appends the scalars of one step, in float32 as in TensorBoard, including NaN and infinities.
     *
     * @param step the optimizer step
     * @param wallSeconds seconds since 1970
     * @param scalars tag → value
     * @throws OutputException if the file cannot be written
     */
    public void write(long step, double wallSeconds, Map<String, ? extends Number> scalars) {
        Message summary = new Message();
        scalars.forEach((tag, value) -> summary.message(
                Field.VALUE, new Message().text(Field.TAG, tag).fixed32(Field.SIMPLE_VALUE, value.doubleValue())));
        if (!started) {
            append(event(step, wallSeconds)
                    .message(Field.SESSION_LOG, new Message().varint(Field.STATUS, Field.START)));
            started = true;
        }
        append(event(step, wallSeconds).message(Field.SUMMARY, summary));
    }

    private static Message event(long step, double wallSeconds) {
        return new Message().fixed64(Field.WALL_TIME, wallSeconds).varint(Field.STEP, step);
    }

    /** Requires that the file contains exactly the written bytes. */
    public void requireWhole() {
        file.requireWhole();
    }

    private void append(Message event) {
        byte[] data = event.bytes();
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length).putInt(maskedCrc(record.array(), 0, 8));
        record.put(data).putInt(maskedCrc(record.array(), 12, data.length));
        file.append(record.array());
    }

    /** TFRecord masks its checksums, since a checksum over bytes that hold their own checksum is weak. */
    private static int maskedCrc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
    }

    @Override
    public void close() {
        file.close();
    }

    /** Field numbers of Event, SessionLog, Summary and Summary.Value (TensorFlow's event.proto, summary.proto). */
    private static final class Field {
        static final int WALL_TIME = 1;
        static final int STEP = 2;
        static final int FILE_VERSION = 3;
        static final int SUMMARY = 5;
        static final int SESSION_LOG = 7;
        static final int STATUS = 1;
        static final int START = 1;
        static final int VALUE = 1;
        static final int TAG = 1;
        static final int SIMPLE_VALUE = 2;
    }
}
