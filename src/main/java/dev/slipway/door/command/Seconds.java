package dev.slipway.door.command;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Reads how long something takes, in whole seconds: `90`, or with units, as kubectl and docker have it: `90s`, `5m`,
/// `1h30m`.
public final class Seconds implements ITypeConverter<Long> {
    private static final Pattern PLAIN = Pattern.compile("-?[0-9]{1,9}");
    private static final Pattern UNITS = Pattern.compile("(?:([0-9]{1,5})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,9})s)?");

    @Override
    public Long convert(String text) {
        if (PLAIN.matcher(text).matches()) {
            return Long.valueOf(text);
        }
        Matcher parts = UNITS.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            throw new TypeConversionException("not like 90, 90s, 5m or 1h30m: " + text);
        }
        return part(parts, 1) * 3600 + part(parts, 2) * 60 + part(parts, 3);
    }

    private static long part(Matcher parts, int group) {
        String digits = parts.group(group);
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
