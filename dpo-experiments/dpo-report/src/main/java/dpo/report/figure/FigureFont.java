package dpo.report.figure;

import dpo.harness.store.UnpackedResource;
import java.awt.Font;
import java.awt.FontFormatException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The font of all figures, Liberation Sans, from the class path, so that figures look the same on every machine, even
 * without installed fonts. Its widths are those of Arial and Helvetica, which an SVG viewer may use instead.
 */
final class FigureFont {

    /** The families for SVG viewers, best first. */
    static final String FAMILIES = "Liberation Sans, Arial, Helvetica, sans-serif";

    private static final Font PLAIN = load();

    private FigureFont() {}

    static Font of(double size) {
        return PLAIN.deriveFont((float) size);
    }

    /** The font's file. */
    static URL resource() {
        URL resource = FigureFont.class.getResource("/liberation/LiberationSans-Regular.ttf");
        if (resource == null) {
            throw new IllegalStateException("the class path must hold liberation/LiberationSans-Regular.ttf");
        }
        return resource;
    }

    private static Font load() {
        System.setProperty("java.awt.headless", System.getProperty("java.awt.headless", "true"));
        Path file = UnpackedResource.of(resource(), "LiberationSans-Regular.ttf");
        provideFonts(file);
        try {
            return Font.createFont(Font.TRUETYPE_FONT, file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (FontFormatException e) {
            throw new IllegalStateException("liberation/LiberationSans-Regular.ttf must be a font, got: " + e, e);
        }
    }

    /**
     * On Linux, AWT queries fontconfig for the system's fonts before it draws any text, and fails if there are none.
     * This setting of AWT makes the font above its logical fonts instead; a value from the command line has priority.
     */
    private static void provideFonts(Path font) {
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
        text.append("filename.Liberation_Sans=")
                .append(escaped(font.toString()))
                .append('\n');
        System.setProperty(
                property,
                UnpackedResource.of(text.toString(), "fontconfig.properties").toString());
    }

    /** Escapes a value of a properties file. */
    private static String escaped(String value) {
        StringBuilder escaped = new StringBuilder();
        value.chars()
                .forEach(c -> escaped.append(
                        c == '\\' || c < ' ' || c > '~'
                                ? String.format(Locale.ROOT, "\\u%04x", c)
                                : Character.toString(c)));
        return escaped.toString();
    }
}
