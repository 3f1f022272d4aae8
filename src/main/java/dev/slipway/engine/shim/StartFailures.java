package dev.slipway.engine.shim;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.plan.LaunchPlan;
import dev.slipway.engine.plan.Step;
import dev.slipway.engine.shim.StartResult.Failed;
import dev.slipway.engine.shim.StartResult.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// The words for a start that failed. A shim knows numbers only.
final class StartFailures {
    private StartFailures() {}

    /// @param step number in the plan, 0 when the shim failed outside of its steps
    static Failed of(LaunchPlan plan, int step, int errno) {
        Optional<Step> failed = plan.step(step);
        String words = failed.map(Step::words)
                .orElse(errno == Errno.ECHILD.number() ? "survive the steps before its program" : "prepare the shim");
        if (errno == Errno.EINVAL.number()) {
            Optional<String> path = failed.flatMap(Step::translated);
            if (path.isPresent()) {
                return new Failed(words, Errno.EINVAL, Reason.NO_IDMAP, words + ": " + text(errno) + type(path.get()));
            }
        }
        boolean program = failed.filter(Step::executesProgram).isPresent() && isAboutProgram(Errno.of(errno));
        return new Failed(
                words, Errno.of(errno), program ? Reason.PROGRAM : Reason.ENVIRONMENT, words + ": " + text(errno));
    }

    /// Who reads it should not have to look for it.
    private static String type(String path) {
        try {
            return "; it is on " + Mounts.of(Path.of(path)).type();
        } catch (IOException e) {
            return "";
        }
    }

    static Failed late(String what, Duration limit) {
        String words = "%s: not within %s".formatted(what, limit);
        return new Failed(what, Errno.ETIMEDOUT, Reason.ENVIRONMENT, words);
    }

    /// The shim has ended without a word, and what it had started with it.
    static Failed unheard() {
        String what = "hear from the shim";
        String words = what + ": it ended before it told whether the program is executed";
        return new Failed(what, Errno.EPIPE, Reason.ENVIRONMENT, words);
    }

    static String text(int errno) {
        Errno known = Errno.of(errno);
        return known == Errno.OTHER ? "errno " + errno : "%s (%s)".formatted(known.text(), known);
    }

    /// The file is missing or wrong, rather than the host out of something.
    private static boolean isAboutProgram(Errno errno) {
        return switch (errno) {
            case E2BIG, ENOMEM, EAGAIN, EMFILE, ENFILE, EIO, ENOSPC -> false;
            default -> true;
        };
    }
}
