package dpo.data.tokenization;

import dpo.core.setting.Requirement;
import dpo.core.setting.Setting;
import dpo.core.setting.SettingException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The settings of tokenization.
 *
 * @param maxLength maximum number of tokens of prompt and completion together
 * @param truncation treatment of longer sequences
 * @param specialTokensInText treatment of text that spells a special token
 * @param chatTemplate a Jinja file instead of the template of the model folder
 * @param templateDate the date, such as {@code 2026-01-31}, for a template that reads it; without one, such a template
 *     is refused, because its prompts would change from day to day
 */
public record TokenizationSettings(
        @Setting(about = "maximum number of tokens of prompt and completion together, at least 2", byDefault = "1024")
        int maxLength,

        @Setting(
                about = "longer sequences: keep_start | keep_end (truncate), drop (and count), fail (stop)",
                byDefault = "keep_start")
        Truncation truncation,

        @Setting(
                about = "text that spells a special token: refuse (stop), text (as plain text), allow (as the token)",
                byDefault = "refuse")
        SpecialTokensInText specialTokensInText,

        @Setting(about = "chat template file that replaces the model's own")
        Optional<Path> chatTemplate,

        @Setting(about = "the date for a template that reads it, such as 2026-01-31")
        Optional<String> templateDate) {

    public TokenizationSettings {
        Requirement.atLeast("max_length", maxLength, 2);
        templateDate.ifPresent(TokenizationSettings::day);
    }

    /** The defaults: TRL's, except that special tokens in text are refused. */
    public static TokenizationSettings standard() {
        return new TokenizationSettings(
                1024, Truncation.KEEP_START, SpecialTokensInText.REFUSE, Optional.empty(), Optional.empty());
    }

    /** These settings with another length and truncation. */
    public TokenizationSettings withLength(int length, Truncation policy) {
        return new TokenizationSettings(length, policy, specialTokensInText, chatTemplate, templateDate);
    }

    /** These settings with another policy on special tokens in text. */
    public TokenizationSettings withSpecialTokensInText(SpecialTokensInText policy) {
        return new TokenizationSettings(maxLength, truncation, policy, chatTemplate, templateDate);
    }

    Optional<LocalDate> day() {
        return templateDate.map(TokenizationSettings::day);
    }

    private static LocalDate day(String date) {
        try {
            return LocalDate.parse(date);
        } catch (DateTimeParseException e) {
            throw new SettingException("template_date", "must be a day such as 2026-01-31", date);
        }
    }
}
