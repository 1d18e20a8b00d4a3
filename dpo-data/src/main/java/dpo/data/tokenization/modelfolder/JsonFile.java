package dpo.data.tokenization.modelfolder;

import dpo.data.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** A file of a model folder that holds one JSON object, and its checksum. */
record JsonFile(JsonValue content, String sha256) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    static JsonFile read(Path path) {
        byte[] bytes = bytes(path);
        try {
            JsonNode json = JSON.readTree(bytes);
            JsonValue content = new JsonValue(json, "", path);
            if (!content.isObject()) {
                throw content.wrong("a JSON object");
            }
            return new JsonFile(content, sha256(bytes));
        } catch (JacksonException e) {
            String firstLine =
                    String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("nothing");
            throw new DataException(
                    "file must hold a JSON object, got: " + firstLine + " (" + path
                            + (e.getLocation() == null
                                    ? ")"
                                    : ", line " + e.getLocation().getLineNr() + ")"),
                    e);
        }
    }

    /** The content of a file; absent if there is no file. */
    static JsonValue optional(Path path) {
        return Files.exists(path) ? read(path).content() : new JsonValue(MissingNode.getInstance(), "", path);
    }

    static byte[] bytes(Path path) {
        try {
            if (!Files.isRegularFile(path)) {
                throw new DataException(
                        "model folder must hold " + path.getFileName() + ", got no such file (" + path + ")");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new DataException("file must be readable, got " + e.getMessage() + " (" + path + ")", e);
        }
    }

    /** The text of a file, which must be UTF-8: another encoding would silently yield another text. */
    static String text(Path path) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes(path)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new DataException("file must be UTF-8 text, got other bytes (" + path + ")", e);
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
