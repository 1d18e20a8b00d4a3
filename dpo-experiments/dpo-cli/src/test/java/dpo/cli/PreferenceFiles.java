package dpo.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of preferences that tests write into a folder, and trainings on them with libtorch. */
record PreferenceFiles(Path folder) {

    static final String STRINGS = """
            {"prompt": "Count to two.", "chosen": " One, two.", "rejected": " Two."}
            """;

    static final String MESSAGES = """
            {"prompt": [{"role": "user", "content": "Count to two."}], "chosen": [{"role": "assistant", "content": "One, two."}], "rejected": [{"role": "assistant", "content": "Two."}]}
            """;

    Ended train(String format, Path file, Path out, String... overrides) throws IOException {
        Path config = Files.writeString(
                Files.createTempFile(folder, "experiment", ".yaml"), """
                name: files
                backend: torch
                threads: 1
                model: {path: '%s'}
                data: {train: {format: %s, path: '%s'}}
                optimizer: {learning_rate: 1.0e-3}
                training: {batch_size: 1, save_model: false}
                """.formatted(TinyLlama.MODEL, format, file));
        List<String> arguments = new ArrayList<>(List.of("train", config.toString(), "--out", out.toString()));
        arguments.addAll(List.of(overrides));
        return Ended.of(arguments.toArray(String[]::new));
    }

    Path file(String rows) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "rows", ".jsonl"), rows);
    }
}
