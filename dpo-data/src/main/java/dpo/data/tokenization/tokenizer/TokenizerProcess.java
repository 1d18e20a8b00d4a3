package dpo.data.tokenization.tokenizer;

import dpo.data.DataException;
import dpo.data.example.BadRowException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The client of a tokenizers library that runs in a separate Java process.
 *
 * <p>A panic of the library ends its process. Some files cause one at loading, others at certain texts (a regular
 * expression that backtracks too far), and no check of a file predicts all of them. Because the process is separate, a
 * panic, an endless loop or a crash is an error that names the file, and the next text gets a new process. Instances
 * are safe for use by several threads.
 */
final class TokenizerProcess implements AutoCloseable {

    private static final String NOT_ENCODED = "not_encoded";

    private final Path file;
    private final byte[] json;
    private final Duration limit;
    private Optional<ServerProcess> running = Optional.empty();

    /**
     * Starts the process and loads a tokenizer.
     *
     * @param file the file that messages name
     * @param limit maximum processor time of one request
     * @throws DataException if the library refuses the tokenizer
     */
    TokenizerProcess(Path file, String json, Duration limit) {
        this.file = file;
        try {
            this.json = utf8(json);
        } catch (BadRowException e) {
            throw new DataException(e.getMessage() + " (" + file + ")", e);
        }
        this.limit = limit;
        retried("be one that the tokenizers library loads", server -> new int[0]);
    }

    /**
     * Ids of a text, with or without the tokens that the post-processor adds.
     *
     * @throws BadRowException if the library fails, or the text is not Unicode
     */
    int[] encode(String text, boolean addedTokens) {
        byte[] utf8 = utf8(text);
        try {
            return retried(
                    "encode a text of " + text.length() + " characters",
                    server -> server.ask(
                            out -> {
                                out.write(
                                        addedTokens
                                                ? TokenizerServer.ENCODE_WITH_ADDED_TOKENS
                                                : TokenizerServer.ENCODE);
                                TokenizerServer.writeText(out, utf8);
                            },
                            TokenizerServer::readIds));
        } catch (DataException e) {
            throw new BadRowException(NOT_ENCODED, e.getMessage());
        }
    }

    /** Ids of each text, computed together on all processors; empty if the library fails at one of them. */
    Optional<List<int[]>> encodeAll(List<String> texts) {
        try {
            List<byte[]> each = texts.stream().map(TokenizerProcess::utf8).toList();
            return Optional.of(retried(
                    "encode " + texts.size() + " texts",
                    server -> server.ask(
                            out -> {
                                out.write(TokenizerServer.ENCODE_ALL);
                                out.writeInt(each.size());
                                for (byte[] utf8 : each) {
                                    TokenizerServer.writeText(out, utf8);
                                }
                            },
                            in -> {
                                List<int[]> ids = new ArrayList<>();
                                for (int i = 0; i < each.size(); i++) {
                                    ids.add(TokenizerServer.readIds(in));
                                }
                                return ids;
                            })));
        } catch (DataException | BadRowException e) {
            return Optional.empty();
        }
    }

    /** The text of ids, including special tokens. */
    String decode(int[] ids) {
        return retried(
                "decode " + ids.length + " tokens",
                server -> server.ask(
                        out -> {
                            out.write(TokenizerServer.DECODE);
                            TokenizerServer.writeIds(out, ids);
                        },
                        TokenizerServer::readText));
    }

    @Override
    public synchronized void close() {
        running.ifPresent(ServerProcess::close);
        running = Optional.empty();
    }

    private interface Request<T> {
        T answer(ServerProcess server) throws ServerProcess.Ended;
    }

    /** The answer; retried once if a signal for the whole run stopped the process. */
    private synchronized <T> T retried(String task, Request<T> request) {
        try {
            try {
                return request.answer(started());
            } catch (ServerProcess.Ended e) {
                close();
                if (e.stopped()) {
                    return request.answer(started());
                }
                throw e;
            }
        } catch (ServerProcess.Ended | ServerProcess.RefusedException e) {
            throw new DataException("tokenizer must " + task + ", got: " + e.getMessage() + " (" + file + ")", e);
        }
    }

    private ServerProcess started() throws ServerProcess.Ended {
        if (running.isEmpty()) {
            ServerProcess server = ServerProcess.start(limit);
            try {
                server.ask(out -> TokenizerServer.writeText(out, json), TokenizerServer::readIds);
            } catch (ServerProcess.RefusedException e) {
                server.close();
                throw e;
            }
            running = Optional.of(server);
        }
        return running.get();
    }

    private static byte[] utf8(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] utf8 = new byte[bytes.remaining()];
            bytes.get(utf8);
            return utf8;
        } catch (CharacterCodingException e) {
            throw new BadRowException(NOT_ENCODED, "text must be Unicode, got half of a surrogate pair");
        }
    }
}
