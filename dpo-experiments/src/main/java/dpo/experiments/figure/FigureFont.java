package dpo.experiments.figure;

import java.awt.Font;
import java.awt.FontFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The font of all figures, Liberation Sans, from the class path: figures look the same on every machine, and work on
 * one without fonts. Its widths are those of Arial and Helvetica, which a viewer of the SVG may put in its place.
 */
final class FigureFont {

    /** The families for SVG viewers, best first. */
    static final String FAMILIES = "Liberation Sans, Arial, Helvetica, sans-serif";

    private static final Font PLAIN = load();

    private FigureFont() {
    }

    static Font of(double size) {
        return PLAIN.deriveFont((float) size);
    }

    private static Font load() {
        try (InputStream in = FigureFont.class.getResourceAsStream("/liberation/LiberationSans-Regular.ttf")) {
            if (in == null) {
                throw new IllegalStateException("the class path must hold liberation/LiberationSans-Regular.ttf");
            }
            System.setProperty("java.awt.headless", System.getProperty("java.awt.headless", "true"));
            Path folder = Files.createTempDirectory("dpo-font");
            Path file = folder.resolve("LiberationSans-Regular.ttf");
            Files.copy(in, file);
            Path configuration = folder.resolve("fontconfig.properties");
            provideFonts(configuration, file);
            Font font = Font.createFont(Font.TRUETYPE_FONT, file.toFile());
            folder.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            configuration.toFile().deleteOnExit();
            return font;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (FontFormatException e) {
            throw new IllegalStateException("liberation/LiberationSans-Regular.ttf must be a font, got: " + e, e);
        }
    }

    /**
     * On Linux, AWT asks fontconfig for the system's fonts before it draws any text, in any font, and dies where there
     * are none. Its own setting names ours as the logical fonts instead; one that was given on the command line stays.
     */
    private static void provideFonts(Path configuration, Path font) throws IOException {
        String property = "sun.awt.fontconfig";
        if (!System.getProperty("os.name").startsWith("Linux") || System.getProperty(property) != null) {
            return;
        }
        StringBuilder text = new StringBuilder("version=1\nsequence.allfonts=latin-1\n");
        for (String family : new String[] {"serif", "sansserif", "monospaced", "dialog", "dialoginput"}) {
            for (String style : new String[] {"plain", "bold", "italic", "bolditalic"}) {
                text.append(family).append('.').append(style).append(".latin-1=Liberation Sans\n");
            }
        }
        text.append("filename.Liberation_Sans=").append(font).append('\n');
        Files.writeString(configuration, text, StandardCharsets.UTF_8);
        System.setProperty(property, configuration.toString());
    }
}
