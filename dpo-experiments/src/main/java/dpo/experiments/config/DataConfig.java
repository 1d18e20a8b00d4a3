package dpo.experiments.config;

import dpo.core.setting.Setting;
import dpo.data.tokenization.TokenizationSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the pairs come from and how they become tokens.
 *
 * @param train training pairs
 * @param evaluation held-out pairs
 * @param tokenizer folder of the tokenizer in place of the model's
 * @param tokenization how text becomes tokens; its keys stand beside the others
 */
public record DataConfig(
        @Setting(about = "training pairs") DataSource train,
        @Setting(about = "held-out pairs") Optional<DataSource> evaluation,
        @Setting(about = "folder of the tokenizer in place of the model's") Optional<Path> tokenizer,
        @Inlined TokenizationSettings tokenization) {}
