package dpo.report.figure;

import java.awt.Color;
import java.awt.geom.AffineTransform;
import java.awt.geom.Point2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jfree.chart.annotations.XYTextAnnotation;
import org.jfree.chart.ui.TextAnchor;

/**
 * Places labels beside points. A label covers no labelled point and no earlier label, and as little of the lines as
 * possible; a label without a free position is omitted.
 */
final class PointLabels {

    /** Half the size of a point's mark in pixels, with a margin. */
    private static final double MARK = 7;

    private static final double HEIGHT = Style.SMALL_TEXT;
    private static final double CHARACTER = 0.56 * Style.SMALL_TEXT;

    /** The distance in pixels between the checked points of a line. */
    private static final double STEP = 3;

    /** The translucent background of a label. */
    private static final Color HALO = new Color(255, 255, 255, 170);

    private final List<Label> labels = new ArrayList<>();
    private final List<List<Mark>> lines = new ArrayList<>();

    private record Label(String text, Color color, Mark point) {}

    /** The position of a label: its side of the point, and the anchor of its text. */
    private enum Side {
        RIGHT(1, 0, TextAnchor.CENTER_LEFT),
        BELOW(0, 1, TextAnchor.TOP_CENTER),
        ABOVE(0, -1, TextAnchor.BOTTOM_CENTER),
        LEFT(-1, 0, TextAnchor.CENTER_RIGHT),
        BELOW_RIGHT(0.8, 0.8, TextAnchor.TOP_LEFT),
        ABOVE_LEFT(-0.8, -0.8, TextAnchor.BOTTOM_RIGHT),
        ABOVE_RIGHT(0.8, -0.8, TextAnchor.BOTTOM_LEFT),
        BELOW_LEFT(-0.8, 0.8, TextAnchor.TOP_RIGHT);

        private final double right;
        private final double down;
        private final TextAnchor anchor;

        Side(double right, double down, TextAnchor anchor) {
            this.right = right;
            this.down = down;
            this.anchor = anchor;
        }

        /** The text's box, in pixels, when its point is at (x, y). */
        Rectangle2D box(String text, double x, double y) {
            double width = text.length() * CHARACTER;
            double left = x + right * MARK + (Math.signum(right) - 1) / 2 * width;
            double top = y + down * MARK + (Math.signum(down) - 1) / 2 * HEIGHT;
            return new Rectangle2D.Double(left, top, width, HEIGHT);
        }
    }

    void add(String text, Color color, Mark point) {
        labels.add(new Label(text, color, point));
    }

    /** Adds a line that labels should not cover. */
    void avoid(List<Mark> line) {
        lines.add(line);
    }

    /** The labels for a plotting area of this size in pixels. */
    List<XYTextAnnotation> place(Axis x, Axis y, double width, double height) {
        AffineTransform toPixels = AffineTransform.getScaleInstance(width / x.length(), -height / y.length());
        toPixels.translate(-x.position(x.low()), -y.position(y.high()));
        List<Point2D> inked = lines.stream()
                .flatMap(line -> pixelsOf(line, x, y, toPixels).stream())
                .toList();
        List<Rectangle2D> taken = new ArrayList<>();
        for (Label label : labels) {
            Point2D at = pixel(label.point(), x, y, toPixels);
            taken.add(new Rectangle2D.Double(at.getX() - MARK + 1, at.getY() - MARK + 1, 2 * MARK - 2, 2 * MARK - 2));
        }
        Rectangle2D area = new Rectangle2D.Double(0, 0, width, height);
        List<XYTextAnnotation> placed = new ArrayList<>();
        for (Label label : labels) {
            Point2D at = pixel(label.point(), x, y, toPixels);
            best(label.text(), at, taken, inked, area).ifPresent(side -> {
                taken.add(side.box(label.text(), at.getX(), at.getY()));
                placed.add(annotation(
                        label,
                        side,
                        x.position(label.point().x()) + side.right * MARK / toPixels.getScaleX(),
                        y.position(label.point().y()) + side.down * MARK / toPixels.getScaleY()));
            });
        }
        return placed;
    }

    private static Point2D pixel(Mark point, Axis x, Axis y, AffineTransform toPixels) {
        return toPixels.transform(new Point2D.Double(x.position(point.x()), y.position(point.y())), null);
    }

    private static List<Point2D> pixelsOf(List<Mark> line, Axis x, Axis y, AffineTransform toPixels) {
        List<Point2D> pixels = new ArrayList<>();
        for (int i = 1; i < line.size(); i++) {
            Point2D from = pixel(line.get(i - 1), x, y, toPixels);
            Point2D to = pixel(line.get(i), x, y, toPixels);
            int steps = (int) Math.ceil(from.distance(to) / STEP);
            for (int step = 0; step < steps; step++) {
                double share = (double) step / steps;
                pixels.add(new Point2D.Double(
                        from.getX() + share * (to.getX() - from.getX()),
                        from.getY() + share * (to.getY() - from.getY())));
            }
        }
        return pixels;
    }

    private static Optional<Side> best(
            String text, Point2D at, List<Rectangle2D> taken, List<Point2D> inked, Rectangle2D area) {
        return Arrays.stream(Side.values())
                .filter(side -> {
                    Rectangle2D box = side.box(text, at.getX(), at.getY());
                    return area.contains(box) && taken.stream().noneMatch(box::intersects);
                })
                .min(Comparator.comparingLong(side -> {
                    Rectangle2D box = side.box(text, at.getX(), at.getY());
                    return inked.stream().filter(box::contains).count();
                }));
    }

    private static XYTextAnnotation annotation(Label label, Side side, double x, double y) {
        XYTextAnnotation annotation = new XYTextAnnotation(label.text(), x, y);
        annotation.setFont(FigureFont.of(Style.SMALL_TEXT));
        annotation.setPaint(label.color());
        annotation.setTextAnchor(side.anchor);
        annotation.setBackgroundPaint(HALO);
        return annotation;
    }
}
