package dpo.data.tokenization;

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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A file of a model folder that holds one JSON object, and its checksum. */
record JsonFile(ObjectNode json, String sha256) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    static JsonFile read(Path path) {
        byte[] bytes = bytes(path);
        try {
            JsonNode json = JSON.readTree(bytes);
            if (json instanceof ObjectNode object) {
                return new JsonFile(object, sha256(bytes));
            }
            throw new DataException("file must hold a JSON object, got " + json.getNodeType() + " (" + path + ")");
        } catch (JacksonException e) {
            throw new DataException("file must hold a JSON object, got: " + e.getOriginalMessage() + " (" + path
                    + ", line "
                    + e.getLocation().getLineNr() + ")", e);
        }
    }

    static byte[] bytes(Path path) {
        try {
            if (!Files.isRegularFile(path)) {
                throw new DataException("model folder must hold " + path.getFileName() + ", got no such file (" + path
                        + ")");
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new DataException("file must be readable, got " + e.getMessage() + " (" + path + ")", e);
        }
    }

    /** The text of a file, which must be UTF-8: another encoding would silently become another text. */
    static String text(Path path) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(path))).toString();
        } catch (CharacterCodingException e) {
            throw new DataException("file must be UTF-8 text, got other bytes (" + path + ")", e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
