package dev.slipway.door.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;

/// The `slipway` command. `serve` and `up` are the engine itself and never get here: the launcher script starts another
/// main class for them.
@Command(
        name = "slipway",
        mixinStandardHelpOptions = true,
        version = "slipway 0.1.0",
        description = "A declarative container engine for one Linux host.",
        footerHeading = "%nThe engine itself:%n",
        footer = {
            "  serve [--manifests DIR]...   watch directories, reconcile, serve the API until stopped",
            "  up DIR [--exit]              serve, show live how DIR converges, then stay (or leave)",
            "%nExit codes: 0 done, 1 failed, 2 wrong usage."
        },
        subcommands = {
            ApplyCommand.class,
            DiffCommand.class,
            DeleteCommand.class,
            GetCommand.class,
            DescribeCommand.class,
            LogsCommand.class,
            DesiredStateCommand.class,
            DesiredStateCommand.Stop.class,
            DesiredStateCommand.Pause.class,
            DesiredStateCommand.Resume.class,
            StatusCommand.class,
            KubeconfigCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class SlipwayCommand implements Callable<Integer> {
    public static void main(String... arguments) {
        IExecutionExceptionHandler plainWords = (failure, line, result) -> {
            if (!(failure instanceof IOException)) {
                throw failure;
            }
            System.err.println("slipway: " + failure.getMessage());
            return 1;
        };
        int exitCode = new CommandLine(new SlipwayCommand())
                .setExecutionExceptionHandler(plainWords)
                .execute(arguments);
        System.out.flush();
        System.exit(exitCode);
    }

    @Override
    public Integer call() {
        CommandLine.usage(this, System.err);
        return 2;
    }
}
