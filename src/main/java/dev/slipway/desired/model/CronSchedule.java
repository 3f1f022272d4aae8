package dev.slipway.desired.model;

import java.time.DayOfWeek;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times that come again: minute, hour, day of the month, month, day of the week. Where both days are restricted,
/// either is enough, as in cron.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax Kubernetes: Schedule
///     syntax
public final class CronSchedule {
    private static final Pattern ITEM = Pattern.compile("(\\*|\\?|[0-9A-Z]+)(?:-([0-9A-Z]+))?(?:/([0-9]{1,3}))?");
    private static final List<String> MONTHS =
            List.of("", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
    private static final int MOST_YEARS = 5;

    private final BitSet minutes;
    private final BitSet hours;
    private final BitSet monthDays;
    private final BitSet months;
    private final BitSet weekDays;
    private final boolean anyMonthDay;
    private final boolean anyWeekDay;

    private CronSchedule(List<BitSet> fields, boolean anyMonthDay, boolean anyWeekDay) {
        this.minutes = fields.get(0);
        this.hours = fields.get(1);
        this.monthDays = fields.get(2);
        this.months = fields.get(3);
        this.weekDays = fields.get(4);
        this.anyMonthDay = anyMonthDay;
        this.anyWeekDay = anyWeekDay;
    }

    /// The schedule that `text` spells; empty if it is none.
    public static Optional<CronSchedule> parse(String text) {
        String[] words = macro(text.strip()).toUpperCase(Locale.ROOT).split("\\s+");
        if (words.length != 5) {
            return Optional.empty();
        }
        int[][] bounds = {{0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};
        List<List<String>> names = List.of(List.of(), List.of(), List.of(), MONTHS, DAYS);
        List<BitSet> fields = new ArrayList<>();
        for (int i = 0; i < words.length; i++) {
            Optional<BitSet> field = field(words[i], bounds[i][0], bounds[i][1], names.get(i));
            if (field.isEmpty()) {
                return Optional.empty();
            }
            fields.add(field.get());
        }
        BitSet weekDays = fields.get(4);
        if (weekDays.get(7)) {
            weekDays.set(0);
        }
        return Optional.of(new CronSchedule(fields, isAny(words[2]), isAny(words[4])));
    }

    private static boolean isAny(String word) {
        return word.startsWith("*") || word.startsWith("?");
    }

    private static String macro(String text) {
        return switch (text) {
            case "@yearly", "@annually" -> "0 0 1 1 *";
            case "@monthly" -> "0 0 1 * *";
            case "@weekly" -> "0 0 * * 0";
            case "@daily", "@midnight" -> "0 0 * * *";
            case "@hourly" -> "0 * * * *";
            default -> text;
        };
    }

    private static Optional<BitSet> field(String word, int lowest, int highest, List<String> names) {
        BitSet set = new BitSet();
        for (String text : word.split(",", -1)) {
            Matcher item = ITEM.matcher(text);
            if (!item.matches()) {
                return Optional.empty();
            }
            boolean any = isAny(item.group(1));
            int first = any ? lowest : number(item.group(1), names);
            int step = item.group(3) == null ? 1 : Integer.parseInt(item.group(3));
            int last = item.group(2) != null
                    ? number(item.group(2), names)
                    : any || item.group(3) != null ? highest : first;
            if (first < lowest || last > highest || first > last || step < 1) {
                return Optional.empty();
            }
            for (int i = first; i <= last; i += step) {
                set.set(i);
            }
        }
        return Optional.of(set);
    }

    private static int number(String text, List<String> names) {
        int index = names.indexOf(text);
        return index >= 0 ? index : text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : -1;
    }

    /// The first time after `time`, in its zone; empty if there is none within some years. A time that a change of
    /// the clock leaves out comes when the clock has jumped.
    public Optional<ZonedDateTime> next(ZonedDateTime time) {
        ZoneId zone = time.getZone();
        ZonedDateTime at = time.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
        ZonedDateTime end = at.plusYears(MOST_YEARS);
        while (at.isBefore(end)) {
            if (!months.get(at.getMonthValue())) {
                at = at.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay(zone);
            } else if (!isDay(at)) {
                at = at.toLocalDate().plusDays(1).atStartOfDay(zone);
            } else if (!hours.get(at.getHour())) {
                at = at.truncatedTo(ChronoUnit.HOURS).plusHours(1);
            } else if (!minutes.get(at.getMinute())) {
                at = at.plusMinutes(1);
            } else {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    private boolean isDay(ZonedDateTime at) {
        boolean monthDay = monthDays.get(at.getDayOfMonth());
        boolean weekDay = weekDays.get(
                at.getDayOfWeek() == DayOfWeek.SUNDAY ? 0 : at.getDayOfWeek().getValue());
        return anyMonthDay || anyWeekDay ? monthDay && weekDay : monthDay || weekDay;
    }
}
