package dpo.harness.config;

import dpo.core.setting.Inlined;
import dpo.core.setting.Setting;
import dpo.data.tokenization.TokenizationSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The sources of preferences and their tokenization.
 *
 * @param train training preferences
 * @param evaluation held-out preferences
 * @param tokenizer folder of a tokenizer to use instead of the model's
 * @param tokenization how text becomes tokens; its keys are in the same mapping
 */
public record DataConfig(
        @Setting(about = "training preferences") DataSource train,

        @Setting(about = "held-out preferences: one source, or several by name: {NAME: {format: …}, …}")
        Optional<EvaluationSources> evaluation,

        @Setting(about = "folder of a tokenizer to use instead of the model's")
        Optional<Path> tokenizer,

        @Inlined TokenizationSettings tokenization) {}
