package dpo.report.figure;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.util.ArrayList;
import java.util.List;

/** The legend of a figure: the meaning of its colours and marks, in centred rows. */
final class Legend {

    private static final double SWATCH = 26;
    private static final double GAP = 7;
    private static final double BETWEEN = 22;
    private static final int ROW = 20;

    private final List<Entry> entries;

    Legend(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /**
     * One entry.
     *
     * @param label its name
     * @param color its colour
     * @param stroke its line
     * @param marker its mark; an empty shape for none
     */
    record Entry(String label, Color color, BasicStroke stroke, Shape marker) {

        static Entry line(String label, Color color, BasicStroke stroke) {
            return new Entry(label, color, stroke, new Ellipse2D.Double());
        }

        double width() {
            Font font = FigureFont.of(Style.TEXT);
            FontRenderContext context = new FontRenderContext(new AffineTransform(), true, true);
            return SWATCH + GAP + font.getStringBounds(label, context).getWidth();
        }
    }

    int height(double width) {
        return entries.isEmpty() ? 0 : rows(width).size() * ROW + 10;
    }

    void draw(Graphics2D graphics, double width, double top) {
        double y = top + 4 + ROW / 2.0;
        for (List<Entry> row : rows(width)) {
            double x = (width - width(row)) / 2;
            for (Entry entry : row) {
                draw(graphics, entry, x, y);
                x += entry.width() + BETWEEN;
            }
            y += ROW;
        }
    }

    private static void draw(Graphics2D graphics, Entry entry, double x, double y) {
        graphics.setPaint(entry.color());
        graphics.setStroke(entry.stroke());
        graphics.draw(new Line2D.Double(x, y, x + SWATCH, y));
        graphics.fill(AffineTransform.getTranslateInstance(x + SWATCH / 2, y).createTransformedShape(entry.marker()));
        graphics.setPaint(Style.INK);
        graphics.setFont(FigureFont.of(Style.TEXT));
        graphics.drawString(entry.label(), (float) (x + SWATCH + GAP), (float) (y + 0.35 * Style.TEXT));
    }

    private List<List<Entry>> rows(double width) {
        List<List<Entry>> rows = new ArrayList<>();
        for (Entry entry : entries) {
            List<Entry> last = rows.isEmpty() ? List.of() : rows.get(rows.size() - 1);
            if (last.isEmpty() || width(last) + BETWEEN + entry.width() > width - 20) {
                rows.add(new ArrayList<>(List.of(entry)));
            } else {
                last.add(entry);
            }
        }
        return rows;
    }

    private static double width(List<Entry> row) {
        return row.stream().mapToDouble(Entry::width).sum() + BETWEEN * (row.size() - 1);
    }
}
