package dev.slipway.vm;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/// Runs test classes, and single tests as `class#method`, in the guest and says on stdout how each ended, so that the
/// host can read it from a serial line: `test passed NAME`, or `test failed NAME` with the reasons at the end.
final class GuestTests {
    private GuestTests() {}

    public static void main(String[] names) {
        Stream<DiscoverySelector> selectors =
                Arrays.stream(names).map(name -> name.contains("#") ? selectMethod(name) : selectClass(name));
        Launcher launcher = LauncherFactory.create();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        launcher.execute(
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectors.toArray(DiscoverySelector[]::new))
                        .build(),
                summary,
                new Reporter());
        summary.getSummary().printFailuresTo(new PrintWriter(System.out, true));
        System.exit(summary.getSummary().getTotalFailureCount() == 0 ? 0 : 1);
    }

    private static final class Reporter implements TestExecutionListener {
        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            boolean failed = result.getStatus() != TestExecutionResult.Status.SUCCESSFUL;
            if (test.isTest() || failed) {
                System.out.printf("test %s %s%n", failed ? "failed" : "passed", test.getLegacyReportingName());
            }
        }

        @Override
        public void executionSkipped(TestIdentifier test, String reason) {
            System.out.printf("test failed %s: skipped, %s%n", test.getLegacyReportingName(), reason);
        }
    }
}
