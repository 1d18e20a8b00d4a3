package dpo.report.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/**
 * Colours, marks, strokes and texts of all figures. Strokes and marks have only straight edges, because versions of
 * Java rasterize curves, round joins and round caps to different pixels.
 */
final class Style {

    static final Color INK = new Color(0x222222);
    static final Color GRID = new Color(0xE4E4E4);
    static final Color MUTED = new Color(0x6B6B6B);

    static final double TEXT = 13;
    static final double SMALL_TEXT = 11.5;

    private static final int CIRCLE_CORNERS = 32;

    static final BasicStroke LINE = stroke(1.8f);
    static final BasicStroke THIN = stroke(1f);

    /** Okabe and Ito's colours that stand out on white, in the order of their contrast. */
    private static final List<Color> CATEGORIES = List.of(
            new Color(0x0072B2),
            new Color(0xD55E00),
            new Color(0x009E73),
            new Color(0xCC79A7),
            new Color(0xE69F00),
            new Color(0x56B4E9));

    /** The darker four fifths of viridis. */
    private static final List<Color> SEQUENCE = List.of(
            new Color(0x440154), new Color(0x414487), new Color(0x2A788E), new Color(0x22A884), new Color(0x7AD151));

    private Style() {}

    /** The colour of the {@code index}-th of {@code count} unordered items. */
    static Color category(int index, int count) {
        return count <= CATEGORIES.size() ? CATEGORIES.get(index) : sequence(index, count);
    }

    /** The colour of the {@code index}-th of {@code count} ordered items. */
    static Color sequence(int index, int count) {
        double place = count < 2 ? 1.5 : (SEQUENCE.size() - 1.0) * index / (count - 1);
        int below = Math.min((int) place, SEQUENCE.size() - 2);
        return mix(SEQUENCE.get(below), SEQUENCE.get(below + 1), place - below);
    }

    private static Color mix(Color from, Color to, double share) {
        return new Color(
                (int) Math.round(from.getRed() + share * (to.getRed() - from.getRed())),
                (int) Math.round(from.getGreen() + share * (to.getGreen() - from.getGreen())),
                (int) Math.round(from.getBlue() + share * (to.getBlue() - from.getBlue())));
    }

    static Color faint(Color color, double opacity) {
        return new Color(color.getRed(), color.getGreen(), color.getBlue(), (int) Math.round(255 * opacity));
    }

    private static BasicStroke stroke(float width) {
        return new BasicStroke(width, BasicStroke.CAP_SQUARE, BasicStroke.JOIN_BEVEL);
    }

    static BasicStroke dashed(float width) {
        return new BasicStroke(width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1, new float[] {5, 4}, 0);
    }

    /** The mark of the {@code index}-th series, distinguishable without colour. */
    static Shape marker(int index, double size) {
        return switch (index % 4) {
            case 0 -> circle(size);
            case 1 -> new Rectangle2D.Double(-0.45 * size, -0.45 * size, 0.9 * size, 0.9 * size);
            case 2 -> polygon(size, 0, -0.6, 0.55, 0.42, -0.55, 0.42);
            default -> polygon(size, 0, -0.62, 0.62, 0, 0, 0.62, -0.62, 0);
        };
    }

    private static Shape circle(double size) {
        double[] corners = new double[2 * CIRCLE_CORNERS];
        for (int i = 0; i < CIRCLE_CORNERS; i++) {
            corners[2 * i] = StrictMath.cos(2 * Math.PI * i / CIRCLE_CORNERS) / 2;
            corners[2 * i + 1] = StrictMath.sin(2 * Math.PI * i / CIRCLE_CORNERS) / 2;
        }
        return polygon(size, corners);
    }

    private static Shape polygon(double size, double... corners) {
        Path2D path = new Path2D.Double();
        path.moveTo(corners[0] * size, corners[1] * size);
        for (int i = 2; i < corners.length; i += 2) {
            path.lineTo(corners[i] * size, corners[i + 1] * size);
        }
        path.closePath();
        return path;
    }

    /** A number as an axis or a label shows it. */
    static String number(double value) {
        return rounded(value, 6);
    }

    /** The number with at most {@code digits} significant digits. */
    static String rounded(double value, int digits) {
        BigDecimal decimal =
                BigDecimal.valueOf(value).round(new MathContext(digits)).stripTrailingZeros();
        double size = Math.abs(value);
        String text = size != 0 && (size < 1e-3 || size >= 1e6) ? scientific(decimal) : decimal.toPlainString();
        return text.replace('-', '−');
    }

    private static String scientific(BigDecimal value) {
        int exponent = value.precision() - value.scale() - 1;
        return value.movePointLeft(exponent).stripTrailingZeros().toPlainString() + "e" + exponent;
    }
}
