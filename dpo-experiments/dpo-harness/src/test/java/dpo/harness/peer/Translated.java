package dpo.harness.peer;

import dpo.harness.config.ConfigNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Files of other systems that tests write into a folder and translate. */
record Translated(Path folder) {

    String notes(String yaml) throws IOException {
        return String.join("\n", translate(yaml).notes());
    }

    @SuppressWarnings("unchecked") // a section is a mapping
    Map<String, Object> model(String yaml) throws IOException {
        return (Map<String, Object>) translate(yaml).tree().get("model");
    }

    Translation translate(String yaml) throws IOException {
        return PeerConfig.translate(Files.writeString(folder.resolve("given.yaml"), yaml));
    }

    Path resource(String name) throws IOException {
        Path copy = folder.resolve(name);
        try (InputStream in = Translated.class.getResourceAsStream(name)) {
            Files.write(copy, in.readAllBytes());
        }
        return copy;
    }

    static Object plain(String yaml) {
        return ConfigNode.parse(yaml, "expected").plain();
    }
}
