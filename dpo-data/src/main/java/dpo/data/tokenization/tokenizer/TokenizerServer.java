package dpo.data.tokenization.tokenizer;

import ai.djl.huggingface.tokenizers.jni.LibUtils;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The main class of the process of a {@link TokenizerProcess}: loads one tokenizer and answers requests until the input
 * ends.
 *
 * <p>The input is the JSON of the tokenizer, then requests: a kind ({@link #ENCODE}, …) and a text, texts or ids. An
 * answer is {@link #DONE} with ids, ids of each text or a text, or {@link #REFUSED} with the library's message.
 */
final class TokenizerServer {

    static final int ENCODE = 0;
    static final int ENCODE_WITH_ADDED_TOKENS = 1;
    static final int DECODE = 2;
    static final int ENCODE_ALL = 3;
    static final int DONE = 0;
    static final int REFUSED = 1;

    /** Exit code after a request that exceeded the limit of processor time. */
    static final int TOO_LONG = 75;

    private static final long CHECK_MILLIS = 1000;

    private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

    private final DataInputStream in;
    private final DataOutputStream out;
    /** The number of begun plus that of ended requests: odd during a request. */
    private final AtomicInteger begunAndEnded = new AtomicInteger();

    private long tokenizer;

    private TokenizerServer(DataInputStream in, DataOutputStream out) {
        this.in = in;
        this.out = out;
    }

    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
        System.setOut(System.err); // Output of a library must not mix with the answers.
        TokenizerServer server = new TokenizerServer(in, out);
        server.limit(Duration.ofSeconds(Long.parseLong(args[0])));
        server.load();
        for (int kind = in.read(); kind >= 0; kind = in.read()) {
            server.serve(kind);
        }
    }

    private void load() throws IOException {
        answer(() -> {
            LibUtils.checkStatus();
            tokenizer = LIBRARY.createTokenizerFromString(readText(in));
            // The lengths in a tokenizer file are not those of training sequences.
            LIBRARY.disableTruncation(tokenizer);
            LIBRARY.disablePadding(tokenizer);
            return () -> writeIds(out, new int[0]);
        });
    }

    private void serve(int kind) throws IOException {
        answer(() -> {
            if (kind == DECODE) {
                byte[] text = decode(readIds(in));
                return () -> writeText(out, text);
            }
            if (kind == ENCODE_ALL) {
                int[][] ids = encodeAll(readTexts(in));
                return () -> {
                    for (int[] each : ids) {
                        writeIds(out, each);
                    }
                };
            }
            int[] ids = encode(readText(in), kind == ENCODE_WITH_ADDED_TOKENS);
            return () -> writeIds(out, ids);
        });
    }

    private int[] encode(String text, boolean addedTokens) {
        return taken(LIBRARY.encode(tokenizer, text, addedTokens));
    }

    /** The library encodes the texts on all processors. */
    private int[][] encodeAll(String[] texts) {
        return Arrays.stream(LIBRARY.batchEncode(tokenizer, texts, false))
                .mapToObj(TokenizerServer::taken)
                .toArray(int[][]::new);
    }

    private static int[] taken(long encoding) {
        long[] ids = LIBRARY.getTokenIds(encoding);
        LIBRARY.deleteEncoding(encoding);
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    private byte[] decode(int[] ids) {
        long[] wide = Arrays.stream(ids).asLongStream().toArray();
        return LIBRARY.decode(tokenizer, wide, false).getBytes(StandardCharsets.UTF_8);
    }

    private interface Work {
        Output done() throws IOException;
    }

    private interface Output {
        void write() throws IOException;
    }

    private void answer(Work work) throws IOException {
        begunAndEnded.incrementAndGet();
        try {
            Output output = work.done();
            out.write(DONE);
            output.write();
        } catch (RuntimeException e) {
            out.write(REFUSED);
            writeText(out, String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
        begunAndEnded.incrementAndGet();
    }

    /**
     * Ends this process when one request exceeds the limit of processor time. Elapsed time would depend on the load of
     * the machine, and so would the set of bad rows.
     */
    private void limit(Duration limit) {
        new Timer(true)
                .schedule(
                        new TimerTask() {
                            private int seen;
                            private Duration begin = processorTime();

                            @Override
                            public void run() {
                                int now = begunAndEnded.get();
                                boolean busy = now % 2 == 1;
                                if (now != seen || !busy) {
                                    seen = now;
                                    begin = processorTime();
                                } else if (processorTime().minus(begin).compareTo(limit) > 0) {
                                    Runtime.getRuntime().halt(TOO_LONG);
                                }
                            }
                        },
                        CHECK_MILLIS,
                        CHECK_MILLIS);
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElseGet(() -> Duration.ofNanos(System.nanoTime()));
    }

    static void writeText(DataOutputStream out, byte[] utf8) throws IOException {
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    static String readText(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private static String[] readTexts(DataInputStream in) throws IOException {
        String[] texts = new String[in.readInt()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = readText(in);
        }
        return texts;
    }

    static void writeIds(DataOutputStream out, int[] ids) throws IOException {
        out.writeInt(ids.length);
        for (int id : ids) {
            out.writeInt(id);
        }
    }

    static int[] readIds(DataInputStream in) throws IOException {
        int[] ids = new int[in.readInt()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = in.readInt();
        }
        return ids;
    }
}
