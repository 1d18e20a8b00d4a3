package dpo.data.template.value;

import dpo.data.template.meter.Failure;
import dpo.data.template.meter.Meter;

/** The methods of Python's {@code str} that pad a text to a width. */
public final class StrPadding {

    private StrPadding() {}

    /** The part of the missing width that is added on the left. */
    @FunctionalInterface
    interface Share {
        long left(long room, long width);
    }

    /** Pads to a width with a character, by default a space: Python's {@code str.ljust} and {@code str.rjust}. */
    static Value pad(Meter meter, String self, Arguments arguments, Share share) {
        Arguments args = arguments.positional(1, 2);
        String fill = args.text(1, " ");
        if (fill.codePointCount(0, fill.length()) != 1) {
            throw new Failure("the fill character must be exactly one character long");
        }
        long width = Math.max(0, args.index(0));
        long room = Math.max(0, width - self.codePointCount(0, self.length()));
        long left = room == 0 ? 0 : share.left(room, width);
        return new TextBuilder(meter)
                .repeat(fill, left)
                .append(self)
                .repeat(fill, room - left)
                .text();
    }

    /** Python's {@code str.center}: an odd place is added on the left if the width is odd. */
    public static Value center(Meter meter, String self, Arguments arguments) {
        return pad(meter, self, arguments, (room, width) -> room / 2 + (room & width & 1));
    }

    /** Python's {@code str.zfill}. */
    static Value zeroFill(Meter meter, String self, Arguments args) {
        long width = Math.max(0, args.positional(1, 1).index(0));
        boolean signed = self.startsWith("+") || self.startsWith("-");
        long room = width - self.codePointCount(0, self.length());
        String digits = signed ? self.substring(1) : self;
        TextBuilder text = new TextBuilder(meter).append(signed ? self.substring(0, 1) : "");
        return text.repeat("0", room).append(digits).text();
    }
}
